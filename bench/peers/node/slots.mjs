// A bounded number of calls at once, and a line of those that wait, as p-limit is for; what was aborted leaves the line uncalled.
export class Slots {
  #freeCount;
  // In the order in which they came.
  #waiting = new Set();

  constructor(count) {
    this.#freeCount = count;
  }

  /** What `work` resolves to; rejects without it where the signal was aborted before there was a slot. */
  async run(work, signal) {
    if (this.#freeCount > 0) this.#freeCount -= 1;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  #turn(signal) {
    return new Promise((resolve, reject) => this.#waiting.add({ signal, resolve, reject }));
  }

  #passOn() {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      if (!next.signal.aborted) return next.resolve();
      next.reject(next.signal.reason);
    }
    this.#freeCount += 1;
  }
}
