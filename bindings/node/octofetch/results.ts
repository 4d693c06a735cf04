// What came of a batch: a result for every request, in their order. After the freeze nothing of it changes.
import { inspect } from 'node:util';

import { type Attempt, unpackAttempts } from './attempts';
import { BatchError, FetchError, OptionError } from './errors';
import type { PackedAttempts } from './native';
import type { BatchInfo } from './records';
import { isKey, type Key } from './request';
import type { Failure, Result, Success } from './result';
import { isLate, type Status } from './status';

/** One line, a JSON document, or a picture with one bar for each key, split in phases. */
export type ExplainFormat = 'line' | 'json' | 'svg';

/** Who can say what happened: the library's batch, or that of octofetch/testing. */
export interface Explanation {
  explain(format: number): string;
  /** Undefined where the batch keeps none. */
  attempts(): PackedAttempts | undefined;
}

export const FORMATS: Readonly<Record<ExplainFormat, number>> = { line: 0, json: 1, svg: 2 };

/** As Promise.allSettled has them. */
export type SettledBody =
  | { status: 'fulfilled'; value: Success['body'] }
  | { status: 'rejected'; reason: Failure['error'] };

const US_PER_MS = 1000;

/** Each result is in exactly one of `succeeded`, `missing`, `late` and `failed`. */
export class Results implements Iterable<Result> {
  /** All numbers of octo_batch_info, in its units. */
  readonly info: BatchInfo;
  readonly #results: readonly Result[];
  readonly #explanation: Explanation;
  #byKey: Map<string, Result> | undefined;
  #attempts: readonly Attempt[] | undefined;

  constructor(results: readonly Result[], info: BatchInfo, explanation: Explanation) {
    this.info = info;
    this.#results = results;
    this.#explanation = explanation;
  }

  get length(): number {
    return this.#results.length;
  }

  [Symbol.iterator](): IterableIterator<Result> {
    return this.#results[Symbol.iterator]();
  }

  /** The result of request `index`; negative ones count from the end. */
  at(index: number): Result | undefined {
    return this.#results.at(index);
  }

  /** The result of a key, of duplicates the first; undefined where it was not asked for. */
  get(key: Key): Result | undefined {
    if (!isKey(key)) throw new OptionError(`get(${inspect(key)}): a key is a string or a Uint8Array`);
    if (this.#byKey === undefined) {
      this.#byKey = new Map();
      for (const result of this.#results) {
        const name = nameOf(result.key);
        if (!this.#byKey.has(name)) this.#byKey.set(name, result);
      }
    }
    return this.#byKey.get(nameOf(key));
  }

  map<T>(made: (result: Result, index: number) => T): T[] {
    return this.#results.map((result, index) => made(result, index));
  }

  get succeeded(): Success[] {
    return this.#results.filter((result): result is Success => result.ok);
  }

  /** The origin has no such object. */
  get missing(): Failure[] {
    return this.#failures((status) => status === 'NOT_FOUND');
  }

  /** Not there at the deadline, or not started because they could not have been. */
  get late(): Failure[] {
    return this.#failures(isLate);
  }

  get failed(): Failure[] {
    return this.#failures((status) => status !== 'NOT_FOUND' && !isLate(status));
  }

  /** The origin has answered for every key: nothing is late and nothing has failed. */
  get complete(): boolean {
    return this.info.lateCount === 0 && this.info.failedCount === 0;
  }

  /** How the batch froze: OK when every request had settled, else DEADLINE, CANCELLED or CLOSED. */
  get state(): Status {
    return this.info.state;
  }

  /** From submit to the freeze; of a batch that waited for the first credentials, from when it could go. */
  get elapsedMs(): number {
    return this.info.frozenUs / US_PER_MS;
  }

  /** From the freeze until the event loop looked: how late it was. */
  get pickupLagMs(): number {
    return this.info.pickupLagUs / US_PER_MS;
  }

  /** What is NOT_MODIFIED has no body to be fulfilled with. */
  settled(): SettledBody[] {
    return this.map((result) => {
      if (!result.ok) return { status: 'rejected', reason: result.error };
      if (result.status === 'OK') return { status: 'fulfilled', value: result.body };
      return { status: 'rejected', reason: new FetchError(result) };
    });
  }

  /** Throws a BatchError, with an error for each result that is not ok, if there is any. */
  throwIfErrors(): void {
    if (this.info.okCount !== this.length) throw new BatchError(this);
  }

  /** What happened: `97 of 100 in 300 ms; late 3: waiting 2 (192.0.2.7:443), queued 1`. */
  explain(format: ExplainFormat = 'line'): string {
    if (!Object.hasOwn(FORMATS, format)) throw new OptionError(`explain(${inspect(format)}): it is line, json or svg`);
    return this.#explanation.explain(FORMATS[format]);
  }

  /** Each exchange on the wire, in the order they started, of a batch that was asked to keep them by `keepAttempts: true`. */
  attempts(): readonly Attempt[] {
    if (this.#attempts !== undefined) return this.#attempts;
    const packed = this.#explanation.attempts();
    if (packed === undefined) throw new OptionError('attempts(): none were kept; fetch with keepAttempts: true');
    this.#attempts = unpackAttempts(packed, (index) => this.#results[index]?.key ?? '');
    return this.#attempts;
  }

  /** The value of a Server-Timing header. */
  serverTiming(name = 'octofetch'): string {
    return `${name};dur=${this.elapsedMs.toFixed(1)};desc="${this.info.okCount} of ${this.length}"`;
  }

  /** Without bodies. */
  toJSON(): Record<string, unknown> {
    const { state, complete, elapsedMs, pickupLagMs } = this;
    return { state, complete, elapsedMs, pickupLagMs, results: this.map((result) => result.toJSON()) };
  }

  [inspect.custom](): string {
    const counts = new Map<Status, number>();
    for (const { status } of this.#results) counts.set(status, (counts.get(status) ?? 0) + 1);
    return `<Results of ${this.length}: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}>`;
  }

  #failures(isWanted: (status: Status) => boolean): Failure[] {
    return this.#results.filter((result): result is Failure => !result.ok && isWanted(result.status));
  }
}

/** One name for the same bytes, be they given as a string or not. */
function nameOf(key: Key): string {
  return (typeof key === 'string' ? Buffer.from(key) : Buffer.from(key.buffer, key.byteOffset, key.length)).toString(
    'latin1',
  );
}
