// What can be asked for: a key alone, or a key with a range, a query, a version or a priority.
import { inspect, types } from 'node:util';

import { OptionError } from './errors';
import type { PackedRequest } from './native';
import { checkText, isText } from './texts';

/** The name of an object under the client's origin. */
export type Key = string | Uint8Array;

export type Priority = 'optional' | 'normal' | 'required';

/** Which bytes: `first` to `last`, both included; or from `first` to the end; or the last `suffix`. */
export type Range = { first: number; last?: number } | { suffix: number };

/** A key, and what is asked besides. */
export interface Get {
  key: Key;
  range?: Range | undefined;
  /** Characters of a URL query, percent-encoded where needed: `width=80&v=2`. */
  query?: string | undefined;
  versionId?: string | undefined;
  /** An entity tag as the origin gave it, with its quotes. */
  ifNoneMatch?: string | undefined;
  priority?: Priority | undefined;
}

const PRIORITIES: Record<Priority, number> = { optional: 0, normal: 1, required: 2 };

const NAMES = new Set(['key', 'range', 'query', 'versionId', 'ifNoneMatch', 'priority']);

// Bits of octo_request.flags.
const QUERY = 1;
const VERSION_ID = 2;
const IF_NONE_MATCH = 4;
const PRIORITY = 8;
export const RANGE = 16;
export const RANGE_FROM = 32;
export const RANGE_SUFFIX = 64;

/** Stands between keys that cross as one text. */
export const SEPARATOR = '\0';

// Keys have 1024 bytes at most; of longer ones, which the library refuses, the text could become too long to be one.
const JOINED_MAX = 1024;

/** As the engine takes them: plain keys, which most are, as one text. */
export type PackedRequests = string | readonly (Key | PackedRequest)[];

/** Nothing of the caller's is looked at again, who may use it for something else by then; keys that are bytes are copied. */
export function packRequests(requests: readonly (Key | Get)[]): PackedRequests {
  return joined(requests) ?? requests.map(packRequest);
}

/** In their order. */
export function keysOf(requests: readonly (Key | Get)[], packed: PackedRequests): readonly Key[] {
  // Then all are.
  if (typeof packed === 'string') return requests as readonly string[];
  return packed.map((request) => (isKey(request) ? request : request[0]));
}

function joined(requests: readonly (Key | Get)[]): string | undefined {
  for (const request of requests) {
    if (typeof request !== 'string' || request.length > JOINED_MAX || request.includes(SEPARATOR)) return undefined;
  }
  const text = (requests as readonly string[]).join(SEPARATOR) as string & { isWellFormed(): boolean };
  return requests.length > 0 && text.isWellFormed() ? text : undefined;
}

function packRequest(request: Key | Get): Key | PackedRequest {
  if (isKey(request)) return checked(request);
  // Each is read once, as a getter may answer otherwise the next time.
  const { key, range, query, versionId, ifNoneMatch, priority = 'normal' } = Object(request) as Partial<Get>;
  if (!isKey(key)) throw new OptionError('a key is a string, a Uint8Array, or an object with the property key');
  for (const name of Object.keys(request)) {
    if (!NAMES.has(name)) throw new OptionError(`a request has no ${name}; it has ${[...NAMES].join(', ')}`);
  }
  const [rangeFlag, first, last] = packRange(range);
  if (!Object.hasOwn(PRIORITIES, priority)) {
    throw new OptionError(`priority is one of ${Object.keys(PRIORITIES).join(', ')}, not ${inspect(priority)}`);
  }
  const flags =
    rangeFlag |
    (text('query', query) ? QUERY : 0) |
    (text('versionId', versionId) ? VERSION_ID : 0) |
    (text('ifNoneMatch', ifNoneMatch) ? IF_NONE_MATCH : 0) |
    PRIORITY;
  return [checked(key), flags, query, versionId, ifNoneMatch, first, last, PRIORITIES[priority]];
}

/** Also one of another realm, as test runners have them. */
export function isKey(value: unknown): value is Key {
  return typeof value === 'string' || types.isUint8Array(value);
}

function checked(key: Key): Key {
  if (typeof key !== 'string') return Buffer.from(key);
  if (!isText(key)) {
    throw new OptionError(`the key ${JSON.stringify(key)} is no text, as it has half a character; give its bytes`);
  }
  return key;
}

function text(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'string') throw new OptionError(`${name} is a string`);
  checkText(name, value);
  return true;
}

function packRange(range: Range | undefined): [number, number, number] {
  if (range === undefined) return [0, 0, 0];
  const { first, last, suffix } = (range ?? {}) as { first?: number; last?: number; suffix?: number };
  if ((first === undefined) === (suffix === undefined) || (suffix !== undefined && last !== undefined)) {
    throw new OptionError('a range is {first, last}, {first} or {suffix}');
  }
  for (const [name, value] of Object.entries({ first, last, suffix })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw new OptionError(`range.${name} is ${String(value)}; it is a whole number of bytes`);
    }
  }
  if (suffix !== undefined) return [RANGE_SUFFIX, 0, suffix];
  return last === undefined ? [RANGE_FROM, first ?? 0, 0] : [RANGE, first ?? 0, last];
}
