// Batches that wait for the first credentials of their client: submitted when those are there or will not come, at the
// deadline, or as soon as they are given up. The time until then counts.
import type { Batch } from './batch';
import { SYSTEM_CLOCK } from './clock';
import type { Limit } from './deadline';
import { addon } from './native';

export class LateStarts {
  readonly #waiting = new Set<() => void>();
  // One reaction for all that wait for the same answer, which may never come.
  #awaited: Promise<void> | undefined;
  #whenNone: (() => void)[] = [];

  get count(): number {
    return this.#waiting.size;
  }

  /** `submit` is called once, with what is left until the deadline. It keeps the process alive until then. */
  add(
    batch: Batch,
    { budgetUs = 0, deadlineUs = addon.nowUs() + budgetUs }: Limit,
    submit: (limit: Limit) => void,
    needed: Promise<void>,
  ): void {
    const start = (): void => {
      if (!this.#waiting.delete(start)) return;
      stopTimer();
      try {
        submit({ budgetUs: undefined, deadlineUs });
      } catch (error) {
        batch.fail(error);
      }
      if (this.count === 0) this.#tellNone();
    };
    const leftMs = Math.max(0, deadlineUs - addon.nowUs()) / 1000;
    const stopTimer = SYSTEM_CLOCK.after(Math.ceil(leftMs), start, true);
    this.#waiting.add(start);
    batch.whenCancelled(start);
    if (needed === this.#awaited) return;
    this.#awaited = needed;
    const startAll = (): void => this.startAll();
    needed.then(startAll, startAll);
  }

  startAll(): void {
    for (const start of [...this.#waiting]) start();
  }

  /** Resolves when none waits any more. */
  none(): Promise<void> {
    return new Promise((resolve) => this.#whenNone.push(resolve));
  }

  #tellNone(): void {
    const all = this.#whenNone;
    this.#whenNone = [];
    for (const resolve of all) resolve();
  }
}
