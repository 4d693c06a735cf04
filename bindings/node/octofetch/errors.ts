// What octofetch throws. An outcome never throws by itself: asking a result for a body that it does not have does.
import { types } from 'node:util';

import { knownByName } from './copies';
import type { Phase } from './records';
import type { Key } from './request';
import type { Failure, Success } from './result';
import type { Results } from './results';
import type { Status } from './status';

function named(made: { prototype: Error }, name: string): void {
  made.prototype.name = name;
  knownByName(made, name);
}

/** The root of all but `BatchError`, which is an AggregateError. */
export class OctofetchError extends Error {
  static {
    named(this, 'OctofetchError');
  }

  /** `OCTO_` and the status, such as OCTO_DEADLINE. */
  readonly code: `OCTO_${Status}`;

  constructor(
    text: string,
    readonly status: Status,
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.code = `OCTO_${status}`;
  }
}

/** A call that the library refused. The text says what to do. */
export class CallError extends OctofetchError {
  static {
    named(this, 'CallError');
  }
}

/** An address, an option or an argument that is refused; the text says what to write instead. */
export class OptionError extends CallError {
  static {
    named(this, 'OptionError');
  }

  constructor(text: string, status: Status = 'INVALID_ARGUMENT') {
    super(text, status);
  }
}

/** The client was closed. */
export class ClosedError extends CallError {
  static {
    named(this, 'ClosedError');
  }
}

/** No connection could be opened, or not in time. */
export class WarmError extends CallError {
  static {
    named(this, 'WarmError');
  }
}

/** A body whose Content-Encoding cannot be undone, or not within objectSizeMax. */
export class DecodeError extends OctofetchError {
  static {
    named(this, 'DecodeError');
  }

  constructor(text: string, options?: ErrorOptions) {
    super(text, 'CORRUPT', options);
  }
}

/** Why there is no body. `result` tells the whole story. */
export class FetchError extends OctofetchError {
  static {
    named(this, 'FetchError');
  }

  readonly key: Key;
  /** 0 where there was no response. */
  readonly httpStatus: number;
  /** The origin's: x-amz-request-id or x-request-id. */
  readonly requestId: string;
  /** Where it ended. */
  readonly phase: Phase;
  declare readonly result: Failure | Success;

  constructor(result: Failure | Success) {
    const key = typeof result.key === 'string' ? result.key : Buffer.from(result.key).toString('latin1');
    const why = result.ok ? 'there is no body, as the one with the entity tag of ifNoneMatch is still right' : result.message;
    super(`${JSON.stringify(key)}: ${result.status}: ${why}`, result.status);
    this.key = result.key;
    this.httpStatus = result.httpStatus;
    this.requestId = result.requestId;
    this.phase = result.phase;
    // Not shown with the error, which has what is needed of it.
    Object.defineProperty(this, 'result', { value: result, enumerable: false });
  }
}

/** What `results.throwIfErrors()` throws: an error for each result that is not ok. */
export class BatchError extends AggregateError {
  static {
    named(this, 'BatchError');
  }

  readonly code = 'OCTO_BATCH';
  declare readonly errors: FetchError[];
  declare readonly results: Results;

  constructor(results: Results) {
    super(
      Array.from(results).flatMap((result) => (result.ok ? [] : [result.error])),
      results.explain(),
    );
    Object.defineProperty(this, 'results', { value: results, enumerable: false });
  }
}

/** What a text says of a value that may be a secret. */
export function kindOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a value of the type ${typeof value}`;
}

/** As the addon throws it. */
export interface Refusal extends Error {
  status: number;
}

export function isRefusal(error: unknown): error is Refusal {
  return types.isNativeError(error) && typeof (error as Partial<Refusal>).status === 'number';
}
