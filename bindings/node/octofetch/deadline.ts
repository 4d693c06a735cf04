// Deadlines: instants that several clients can share, and the ambient one of a request that is being served.
// Instants are of the library's own clock, so that fake timers and a changed system clock move nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';

import { knownByName, sharedBy } from './copies';
import { OptionError } from './errors';
import { addon } from './native';

const US_PER_MS = 1000;
const BUDGET_MS_MIN = 5;
const BUDGET_MS_MAX = 600_000;

/** An instant by which everything that is given it ends. Of this process and its workers. */
export class Deadline {
  static {
    knownByName(this, 'Deadline');
  }

  private constructor(
    /** On the library's clock, in microseconds. */
    readonly atUs: number,
  ) {}

  /** The instant `budgetMs` from now, 5 to 600,000. */
  static after(budgetMs: number): Deadline {
    return new Deadline(addon.nowUs() + toUs(checkedMs(budgetMs, 'Deadline.after'), 'Deadline.after'));
  }

  /** As `atUs` of another one, such as a worker was sent; one that has passed freezes a batch inside its submit. */
  static at(atUs: number): Deadline {
    if (!Number.isFinite(atUs)) throw new OptionError(`Deadline.at(${inspect(atUs)}): it is given atUs of another deadline`);
    return new Deadline(Math.max(1, atUs));
  }

  /** Milliseconds until then; 0 when it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.atUs - addon.nowUs()) / US_PER_MS;
  }

  [inspect.custom](): string {
    return `<Deadline in ${this.remainingMs.toFixed(1)} ms>`;
  }
}

const ambient = sharedBy('ambient', () => new AsyncLocalStorage<Deadline>());

/** Outside of any withDeadline: what goes on beside batches ends with none of them. */
export function withoutDeadline<T>(work: () => T): T {
  return ambient.exit(work);
}

/** Within `work` no batch ends later than this, whatever its own budget says. */
export function withDeadline<T>(budget: number | Deadline, work: () => T): T {
  const own = budget instanceof Deadline ? budget : Deadline.after(checkedMs(budget, 'withDeadline'));
  const outer = ambient.getStore();
  return ambient.run(outer !== undefined && outer.atUs < own.atUs ? outer : own, work);
}

/** What octo_submit is given: one of both. */
export interface Limit {
  budgetUs: number | undefined;
  deadlineUs: number | undefined;
}

/**
 * The earliest of what is given, ambient and the client's. A budget is left a budget where it can be, because the library
 * then counts it from inside of the submit.
 */
export function limitOf(
  budgetMs: number | undefined,
  deadline: Deadline | undefined,
  defaultUs: number | undefined,
): Limit {
  if (budgetMs !== undefined && deadline !== undefined) {
    throw new OptionError('budgetMs and deadline are both given; a batch has one of them');
  }
  if (deadline !== undefined && !(deadline instanceof Deadline)) {
    throw new OptionError(`deadline is a Deadline, such as Deadline.after(300), not ${inspect(deadline)}`);
  }
  const ownUs = budgetMs === undefined ? undefined : toUs(checkedMs(budgetMs, 'budgetMs'), 'budgetMs');
  const budgetUs = least(ownUs, defaultUs);
  const atUs = least(deadline?.atUs, ambient.getStore()?.atUs);
  if (atUs === undefined) {
    if (budgetUs === undefined) {
      throw new OptionError(
        'a batch needs a budget, such as budgetMs: 300 (milliseconds from now), or a deadline; or give the client a budgetMs',
      );
    }
    return { budgetUs, deadlineUs: undefined };
  }
  const nowUs = addon.nowUs();
  const deadlineUs = budgetUs === undefined ? atUs : Math.min(atUs, nowUs + budgetUs);
  const leftMs = (deadlineUs - nowUs) / US_PER_MS;
  if (leftMs > BUDGET_MS_MAX) {
    throw new OptionError(`the deadline is ${Math.round(leftMs)} ms from now; ${BUDGET_MS_MAX} can be at most`);
  }
  return { budgetUs: undefined, deadlineUs };
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** Refuses what is nearly always a mistake of the unit. */
export function checkedMs(budgetMs: number, name: string): number {
  if (typeof budgetMs !== 'number' || Number.isNaN(budgetMs)) {
    throw new OptionError(`${name} is ${inspect(budgetMs)}; it is a number of milliseconds`);
  }
  if (budgetMs < BUDGET_MS_MIN || budgetMs > BUDGET_MS_MAX) {
    const meant = budgetMs > 0 && budgetMs < BUDGET_MS_MIN ? `; ${budgetMs} seconds are written ${budgetMs * 1000}` : '';
    throw new OptionError(
      `${name} is ${budgetMs}; it is in milliseconds, from ${BUDGET_MS_MIN} to ${BUDGET_MS_MAX}${meant}`,
    );
  }
  return budgetMs;
}

/** Rounded up, so that a positive span never becomes 0. */
export function toUs(spanMs: number, name: string): number {
  if (typeof spanMs !== 'number' || !Number.isFinite(spanMs)) {
    throw new OptionError(`${name} is ${inspect(spanMs)}; it is a number of milliseconds`);
  }
  return Math.ceil(spanMs * US_PER_MS);
}
