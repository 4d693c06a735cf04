// What can be asked for: a key alone, or a key with a range, a query, a version or a priority.
import { OptionError } from './errors';
import type { PackedRequest } from './native';

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

export function keyOf(request: Key | Get): Key {
  return isKey(request) ? request : request.key;
}

/** Stands between keys that cross as one text. */
export const SEPARATOR = '\0';

/** As the engine takes them: plain keys, which most are, as one text. */
export type PackedRequests = string | readonly (Key | PackedRequest)[];

export function packRequests(requests: readonly (Key | Get)[]): PackedRequests {
  return joined(requests) ?? requests.map(packRequest);
}

/** With bytes of its own, for what is submitted later: the caller may use theirs for something else by then. */
export function owned(packed: PackedRequests): PackedRequests {
  const ownedKey = (key: Key): Key => (typeof key === 'string' ? key : Uint8Array.from(key));
  if (typeof packed === 'string') return packed;
  return packed.map((request): Key | PackedRequest => {
    if (isKey(request)) return ownedKey(request);
    const [key, ...rest] = request;
    return [ownedKey(key), ...rest];
  });
}

function joined(requests: readonly (Key | Get)[]): string | undefined {
  for (const request of requests) {
    if (typeof request !== 'string' || request.includes(SEPARATOR)) return undefined;
  }
  const text = (requests as readonly string[]).join(SEPARATOR) as string & { isWellFormed(): boolean };
  return requests.length > 0 && text.isWellFormed() ? text : undefined;
}

function packRequest(request: Key | Get): Key | PackedRequest {
  if (isKey(request)) return checked(request);
  if (typeof request !== 'object' || request === null || !isKey(request.key)) {
    throw new OptionError('a key is a string, a Uint8Array, or an object with the property key');
  }
  for (const name of Object.keys(request)) {
    if (!NAMES.has(name)) throw new OptionError(`a request has no ${name}; it has ${[...NAMES].join(', ')}`);
  }
  const { query, versionId, ifNoneMatch } = request;
  const [rangeFlag, first, last] = packRange(request.range);
  const priority = request.priority === undefined ? undefined : PRIORITIES[request.priority];
  if (request.priority !== undefined && priority === undefined) {
    throw new OptionError(`priority is one of ${Object.keys(PRIORITIES).join(', ')}`);
  }
  const flags =
    rangeFlag |
    (text('query', query) ? QUERY : 0) |
    (text('versionId', versionId) ? VERSION_ID : 0) |
    (text('ifNoneMatch', ifNoneMatch) ? IF_NONE_MATCH : 0) |
    (priority === undefined ? 0 : PRIORITY);
  return [checked(request.key), flags, query, versionId, ifNoneMatch, first, last, priority ?? 0];
}

function isKey(value: unknown): value is Key {
  return typeof value === 'string' || value instanceof Uint8Array;
}

// Half of a character: as UTF-8 it would become another key.
const LONE_SURROGATE = /\p{Surrogate}/u;

function checked(key: Key): Key {
  if (typeof key === 'string' && LONE_SURROGATE.test(key)) {
    throw new OptionError(`the key ${JSON.stringify(key)} is no text, as it has half a character; give its bytes`);
  }
  return key;
}

function text(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== 'string') throw new OptionError(`${name} is a string`);
  return value !== undefined;
}

function packRange(range: Range | undefined): [number, number, number] {
  if (range === undefined) return [0, 0, 0];
  const { first, last, suffix } = range as { first?: number; last?: number; suffix?: number };
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
