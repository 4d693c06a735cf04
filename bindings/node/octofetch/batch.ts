// A batch that was submitted: its results as they settle, or all of them once it is frozen.
import type { Submitted } from './engine';
import type { BatchInfo, Packet } from './records';
import type { Key } from './request';
import { readResult, type Result } from './result';
import { Results } from './results';

/** What an abort makes of a batch: its promise rejects, or resolves with what has settled. */
export type OnAbort = 'reject' | 'partial';

/**
 * Under way from its submit on. Awaiting it gives all results at the freeze; iterating gives each result once, as it
 * settles, and at the freeze those that have not. Leaving the iteration early cancels at once.
 */
export class Batch implements PromiseLike<Results>, AsyncIterable<Result> {
  readonly #keys: readonly Key[];
  readonly #sizeMax: number;
  readonly #onEnd: (results: Results | undefined) => void;
  readonly #made: Result[] = [];
  readonly #arrived: Result[] = [];
  #submitted: Submitted | undefined;
  #results: Results | undefined;
  #aborted: { reason: unknown } | undefined;
  #isGivenUp = false;
  #giveUp: (() => void) | undefined;
  // Called once for the next event; each looks again what it waits for.
  #wakes: (() => void)[] = [];

  /** Not for users: `client.submit` makes batches. */
  constructor(keys: readonly Key[], sizeMax: number, onEnd: (results: Results | undefined) => void) {
    this.#keys = keys;
    this.#sizeMax = sizeMax;
    this.#onEnd = onEnd;
  }

  get length(): number {
    return this.#keys.length;
  }

  /** Nothing of it will change any more. */
  get frozen(): boolean {
    return this.#results !== undefined || this.#aborted !== undefined;
  }

  /** Not for users: it was cancelled before it could be submitted. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Freezes the batch now; what has settled stays. */
  cancel(): void {
    if (this.#submitted === undefined) {
      this.#isGivenUp = true;
      this.#giveUp?.();
    } else {
      this.#submitted.cancel();
    }
  }

  /** Resolves at the freeze, at the latest at the deadline; a result that is not ok does not reject. */
  async results(): Promise<Results> {
    for (;;) {
      if (this.#aborted !== undefined) throw this.#aborted.reason;
      if (this.#results !== undefined) return this.#results;
      await this.#event();
    }
  }

  then<A = Results, B = never>(
    onFulfilled?: ((results: Results) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.results().then(onFulfilled, onRejected);
  }

  // No generator: one that is left while it waits would first wait to the end of that.
  [Symbol.asyncIterator](): AsyncIterableIterator<Result> {
    let position = 0;
    let isOver = false;
    const end = (): IteratorReturnResult<undefined> => {
      isOver = true;
      // Of a batch that is frozen nothing is left to cancel.
      this.cancel();
      return { done: true, value: undefined };
    };
    const iterator: AsyncIterableIterator<Result> = {
      next: async () => {
        while (!isOver && position < this.length) {
          if (this.#aborted !== undefined) {
            end();
            throw this.#aborted.reason;
          }
          const result = this.#arrived[position];
          if (result !== undefined) {
            position += 1;
            return { done: false, value: result };
          }
          await this.#event();
        }
        return end();
      },
      return: () => {
        const ended = end();
        this.#wake();
        return Promise.resolve(ended);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Not for users: called where it is cancelled before it could be submitted; it is to be submitted then. */
  whenCancelled(giveUp: () => void): void {
    this.#giveUp = giveUp;
  }

  /** Not for users: what was submitted for it. */
  begin(submitted: Submitted): void {
    this.#submitted = submitted;
    if (this.#isGivenUp) submitted.cancel();
  }

  /** Not for users: it could not be submitted after all, or not be read. */
  fail(reason: unknown): void {
    this.#aborted ??= { reason };
    this.cancel();
    this.#wake();
    this.#onEnd(undefined);
  }

  /** Not for users: ends it as its signal says. */
  abort(reason: unknown, onAbort: OnAbort): void {
    if (this.frozen) return;
    if (onAbort === 'reject') this.#aborted = { reason };
    this.cancel();
    this.#wake();
  }

  /** Not for users: what the queue brings. */
  take(packet: Packet | undefined, info: BatchInfo | undefined): void {
    if (packet !== undefined) this.#read(packet);
    if (info !== undefined && this.#submitted !== undefined) {
      this.#results = new Results(this.#made, info, this.#submitted);
    }
    // Whoever waits is told first, as what happens at the end runs code of others.
    this.#wake();
    if (info !== undefined) this.#onEnd(this.#results);
  }

  #read(packet: Packet): void {
    for (let position = 0; position < packet.length; position++) {
      const index = packet.index(position);
      const result = readResult(this.#keys[index] ?? '', packet, position, this.#sizeMax);
      this.#made[index] = result;
      this.#arrived.push(result);
    }
  }

  #event(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
