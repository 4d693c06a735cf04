// For the tests of programs that use octofetch: a client that answers from what it was given.
//
//     const client = new FakeClient({ 'a.jpg': '...' }, { late: ['slow.jpg'], errors: { 'broken.jpg': 'SERVER_ERROR' } });
//
// It has the real types, words and errors, and neither threads nor sockets nor waiting. What is not late settles inside
// submit; a batch with late keys meets its deadline in the loop's next turn, also under fake timers, and until then it
// can be left, cancelled or closed. What only the library checks, such as header names, it takes as it is. `Origin` is for
// what a fake cannot show: real connections, real deadlines, and an origin that breaks both.
import timers from 'node:timers';
import { inspect } from 'node:util';

import { ATTEMPT_COLUMN_COUNT, AttemptColumn } from './attempts';
import { Client, type OpenOptions } from './client';
import type { Limit } from './deadline';
import { type Engine, NativeEngine, type Submitted } from './engine';
import { OptionError } from './errors';
import { addon, type PackedAttempts, type PackedRequest } from './native';
import type { Answer, Taker } from './queue';
import { type BatchInfo, Column, COLUMN_COUNT, Packet, PARTIAL, PHASES, SETTLED } from './records';
import { type Key, type PackedRequests, RANGE, RANGE_FROM, RANGE_SUFFIX, SEPARATOR } from './request';
import { FORMATS } from './results';
import { isLate, isSuccess, type Status, STATUS_NUMBERS } from './status';

export { Origin, OriginError, type OriginOptions, pattern, type SeenRequest } from './scripted_origin';

export interface FakeOptions extends OpenOptions {
  /** What it stands in for, `http://fake.test` when left out: `s3:` takes credentials, and other keys than `http:`. */
  url?: string | undefined;
  /** Keys that miss the deadline. */
  late?: Iterable<Key>;
  /** How other keys end. */
  errors?: Readonly<Record<string, Status>>;
  /** Response headers, with names in lower case. */
  headersOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Objects = Readonly<Record<string, string | Uint8Array>>;

const URL = 'http://fake.test';
const HTTP: Partial<Record<Status, number>> = {
  OK: 200,
  NOT_MODIFIED: 304,
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  REDIRECTED: 302,
  THROTTLED: 503,
  SERVER_ERROR: 500,
  CLIENT_ERROR: 400,
  RANGE_NOT_SATISFIABLE: 416,
};
const KEY_BYTES_MAX = 1024;
const DOT_SEGMENT = /(^|\/)\.\.?(\/|$)/;
// They are how a batch ends for a request that has not settled.
const UNSETTLED: readonly Status[] = ['DEADLINE', 'CANCELLED', 'CLOSED'];

// As it was when this was loaded: one that a test puts in its place would keep batches from their end.
const { setImmediate } = timers;

/** Answers with `objects`: keys in `late` miss the deadline, those in `errors` end so, all others are missing. */
export class FakeClient extends Client {
  constructor(objects: Objects, { url = URL, late = [], errors = {}, headersOf = {}, ...options }: FakeOptions = {}) {
    const statuses = new Map(Object.entries(errors));
    for (const [key, status] of statuses) {
      if (Object.hasOwn(STATUS_NUMBERS, status)) continue;
      throw new OptionError(`errors: ${inspect(key)} ends with ${inspect(status)}, which is no status`);
    }
    for (const key of late) statuses.set(nameOf(key), 'DEADLINE');
    const isS3 = /^s3:/i.test(url);
    super(url, options, (...native) => {
      const real = new NativeEngine(...native);
      const takesDots = isS3 || real.get('key.dot_segments') === 'true';
      return new FakeEngine(real, { objects, statuses, headersOf, takesDots });
    });
  }
}

interface Answers {
  objects: Objects;
  statuses: ReadonlyMap<string, Status>;
  headersOf: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of keys with a '.' or '..' segment. */
  takesDots: boolean;
}

/** Stands in for the library's client; a real one, which starts nothing until it fetches, knows the options. */
class FakeEngine implements Engine {
  readonly #real: NativeEngine;
  readonly #answers: Answers;
  readonly #counts = { batches: 0, batchesComplete: 0, batchesDeadline: 0, requests: 0, requestsOk: 0 };
  readonly #running = new Set<FakeBatch>();

  constructor(real: NativeEngine, answers: Answers) {
    this.#real = real;
    this.#answers = answers;
  }

  submit(
    packed: PackedRequests,
    { budgetUs, deadlineUs = 0 }: Limit,
    _headers: readonly (string | boolean)[],
    taker: Taker,
    _isStream: boolean,
    keepsAttempts: boolean,
  ): Submitted {
    const countMax = Number(this.#real.get('batch.requests_max')); // refuses when it is closed
    const spanUs = budgetUs ?? Math.max(0, deadlineUs - addon.nowUs());
    const requests = typeof packed === 'string' ? packed.split(SEPARATOR) : packed;
    if (requests.length > countMax) {
      const limit = `batch.requests_max allows ${countMax}`;
      throw new OptionError(`the batch has ${requests.length} requests; ${limit}: split it`);
    }
    const records = requests.map((request, index) => answered(unpacked(request, index), this.#answers, spanUs));
    const batch = new FakeBatch(records, spanUs, keepsAttempts, taker, ({ state }) => {
      this.#running.delete(batch);
      if (state === 'OK') this.#counts.batchesComplete += 1;
      if (state === 'DEADLINE') this.#counts.batchesDeadline += 1;
    });
    this.#running.add(batch);
    this.#counts.batches += 1;
    this.#counts.requests += records.length;
    this.#counts.requestsOk += records.filter(({ status }) => status === 'OK').length;
    return batch;
  }

  set(name: string, value: string): void {
    this.#real.set(name, value);
  }

  get(name: string): string {
    return this.#real.get(name);
  }

  setCredentials(id: string, secret: string, token: string | undefined, expiresAtS: number | undefined): void {
    this.#real.setCredentials(id, secret, token, expiresAtS);
  }

  warm(): Promise<Answer> {
    return Promise.resolve({ status: 'OK', text: '' });
  }

  drain(): void {
    this.#real.drain();
  }

  stats(): Record<string, number> {
    return { ...this.#real.stats(), ...this.#counts };
  }

  /** Of a client that has not fetched, as this one never does. */
  explain(): string {
    return this.#real.explain();
  }

  close(): void {
    this.#real.close();
    for (const batch of this.#running) batch.end('CLOSED');
  }
}

/** Under way until its deadline, which the loop's next turn brings, or until something else ends it. */
class FakeBatch implements Submitted {
  readonly #records: FakeRecord[];
  readonly #budgetUs: number;
  readonly #keepsAttempts: boolean;
  readonly #onFreeze: (info: BatchInfo) => void;
  readonly #taker: Taker;
  #info: BatchInfo | undefined;

  constructor(
    records: FakeRecord[],
    budgetUs: number,
    keepsAttempts: boolean,
    taker: Taker,
    onFreeze: (info: BatchInfo) => void,
  ) {
    this.#records = records;
    this.#budgetUs = budgetUs;
    this.#keepsAttempts = keepsAttempts;
    this.#taker = taker;
    this.#onFreeze = onFreeze;
    const settled = this.#packet((record) => record.isSettled);
    // Not inside submit, as nobody has the batch yet.
    void Promise.resolve().then(() => taker.take(settled, undefined));
    if (settled.length === records.length) this.end('OK');
    else setImmediate(() => this.end('DEADLINE'));
  }

  /** Once; of what is frozen nothing changes. */
  end(state: Status): void {
    if (this.#info !== undefined) return;
    if (state !== 'DEADLINE') {
      this.#records.forEach((record, index) => {
        if (!record.isSettled) this.#records[index] = unsettled(state, 0);
      });
    }
    const info = infoOf(this.#records, state, this.#budgetUs);
    this.#info = info;
    void Promise.resolve().then(() => {
      this.#onFreeze(info);
      this.#taker.take(this.#packet((record) => !record.isSettled), info);
    });
  }

  cancel(): void {
    this.end('CANCELLED');
  }

  /** Asked for once it is frozen. */
  explain(format: number): string {
    const { okCount = 0, frozenUs = 0 } = this.#info ?? {};
    const line = `${okCount} of ${this.#records.length} in ${frozenUs / 1000} ms`;
    if (format === FORMATS.line) return line;
    if (format === FORMATS.json) return JSON.stringify({ v: 1, line });
    return `<svg xmlns="http://www.w3.org/2000/svg"><text y="1em">${line}</text></svg>`;
  }

  attempts(): PackedAttempts | undefined {
    return this.#keepsAttempts ? attemptsOf(this.#records) : undefined;
  }

  #packet(isWanted: (record: FakeRecord) => boolean): Packet {
    const source = {
      numbers: (index: number) => numbersOf(this.#records[index]?.numbers ?? {}),
      texts: (index: number) => this.#records[index]?.texts.map((text) => `${text}\0`).join('') ?? '',
    };
    const fields = this.#records.flatMap((record, index) =>
      isWanted(record) ? [index, STATUS_NUMBERS[record.status], record.body] : [],
    );
    return new Packet(source, fields);
  }
}

/** One result, before it is packed. */
interface FakeRecord {
  status: Status;
  isSettled: boolean;
  numbers: Partial<Record<keyof typeof Column, number>>;
  texts: string[];
  body: Buffer | undefined;
}

/** What is read of a request. */
interface Asked {
  key: Buffer;
  flags: number;
  first: number;
  last: number;
}

/** Refuses a range as the library does. */
function unpacked(request: Key | PackedRequest, index: number): Asked {
  if (!Array.isArray(request)) return { key: Buffer.from(request), flags: 0, first: 0, last: 0 };
  const [key, flags, , , , first, last] = request;
  if ((flags & RANGE) !== 0 && first > last) {
    throw new OptionError(`request ${index}: range_first ${first} is behind range_last ${last}`);
  }
  if ((flags & RANGE_SUFFIX) !== 0 && last === 0) {
    throw new OptionError(`request ${index}: a suffix range of 0 bytes asks for nothing`);
  }
  return { key: Buffer.from(key as Uint8Array), flags, first, last };
}

function answered({ key, flags, first, last }: Asked, answers: Answers, spanUs: number): FakeRecord {
  const refusal = refusalOf(key, answers.takesDots);
  if (refusal !== undefined) return settled('INVALID_KEY', { attempts: 0, phase: PHASES.indexOf('queued') }, refusal);
  const name = key.toString();
  const object = Object.hasOwn(answers.objects, name) ? answers.objects[name] : undefined;
  const status = answers.statuses.get(name) ?? (object === undefined ? 'NOT_FOUND' : 'OK');
  if (UNSETTLED.includes(status)) return unsettled(status, spanUs);
  if (status === 'SHED') return settled(status, { attempts: 0, phase: PHASES.indexOf('queued') });
  const headers = Object.entries(answers.headersOf[name] ?? {}).flat();
  if (status !== 'OK') return settled(status, {}, messageOf(status), isSuccess(status) ? headers : []);
  const whole = Buffer.from(object ?? '');
  const isPartial = (flags & (RANGE | RANGE_FROM | RANGE_SUFFIX)) !== 0;
  const cutOut = cut(whole, flags, first, last);
  // Of no object is there a range without bytes.
  if (isPartial && cutOut.length === 0) return settled('RANGE_NOT_SATISFIABLE', {});
  const sizes = { bytesReceived: cutOut.length, objectSize: whole.length };
  const partial = isPartial ? { flags: SETTLED | PARTIAL, httpStatus: 206 } : {};
  return { ...settled(status, { ...sizes, ...partial }, '', headers), body: ownedBytes(cutOut) };
}

/** Why the library asks no origin for the key. */
function refusalOf(key: Buffer, takesDots: boolean): string | undefined {
  if (key.length === 0) return 'the key is empty';
  if (key.length > KEY_BYTES_MAX) return `the key has ${key.length} bytes; at most ${KEY_BYTES_MAX} are allowed`;
  if (takesDots || !DOT_SEGMENT.test(key.toString('latin1'))) return undefined;
  return `the key '${key}' has a '.' or '..' segment; set key.dot_segments=true if the origin means it literally`;
}

/** `numbers` are those that are not as of most that have come so far. */
function settled(
  status: Status,
  numbers: FakeRecord['numbers'],
  message = messageOf(status),
  headers: readonly string[] = [],
): FakeRecord {
  const usual = { phase: PHASES.indexOf('receiving'), flags: SETTLED, httpStatus: HTTP[status] ?? 0, attempts: 1 };
  const texts = [message, '', '', '', '', ...headers];
  return { status, isSettled: true, numbers: { ...usual, ...numbers }, texts, body: undefined };
}

/** It waited for the first byte until the batch ended, `spanUs` after its submit. */
function unsettled(status: Status, spanUs: number): FakeRecord {
  const numbers = { phase: PHASES.indexOf('waiting'), attempts: 1, settledUs: spanUs, waitingUs: spanUs };
  return { status, isSettled: false, numbers, texts: [messageOf(status), '', '', '', ''], body: undefined };
}

function messageOf(status: Status): string {
  return isSuccess(status) ? '' : addon.statusText(STATUS_NUMBERS[status]);
}

function cut(whole: Buffer, flags: number, first: number, last: number): Buffer {
  if ((flags & RANGE_SUFFIX) !== 0) return whole.subarray(Math.max(0, whole.length - last));
  if ((flags & RANGE_FROM) !== 0) return whole.subarray(first);
  return (flags & RANGE) !== 0 ? whole.subarray(first, last + 1) : whole;
}

/** As of a real body, the memory is its own. */
function ownedBytes(bytes: Buffer): Buffer {
  return Buffer.from(Uint8Array.prototype.slice.call(bytes).buffer);
}

function numbersOf(named: FakeRecord['numbers']): Float64Array {
  const numbers = new Float64Array(COLUMN_COUNT);
  for (const [name, number] of Object.entries(named)) numbers[Column[name as keyof typeof Column]] = number;
  return numbers;
}

/** One for each request that was started. */
function attemptsOf(records: readonly FakeRecord[]): PackedAttempts {
  const started = records.flatMap((record, index) => (record.numbers.attempts === 0 ? [] : [{ ...record, index }]));
  const numbers = new Float64Array(started.length * ATTEMPT_COLUMN_COUNT);
  started.forEach(({ status, numbers: own, index }, position) => {
    const set = (column: AttemptColumn, value = 0): void => {
      numbers[position * ATTEMPT_COLUMN_COUNT + column] = value;
    };
    set(AttemptColumn.index, index);
    set(AttemptColumn.number, 1);
    set(AttemptColumn.status, STATUS_NUMBERS[status]);
    set(AttemptColumn.phase, own.phase);
    set(AttemptColumn.flags, own.flags);
    set(AttemptColumn.httpStatus, own.httpStatus);
    set(AttemptColumn.bytesReceived, own.bytesReceived);
    set(AttemptColumn.endedUs, own.settledUs);
    set(AttemptColumn.waitingUs, own.waitingUs);
  });
  return [numbers, ''];
}

function infoOf(records: readonly FakeRecord[], state: Status, budgetUs: number): BatchInfo {
  const count = (isWanted: (status: Status) => boolean): number => records.filter(({ status }) => isWanted(status)).length;
  const [okCount, missingCount, lateCount] = [count(isSuccess), count((status) => status === 'NOT_FOUND'), count(isLate)];
  return {
    state,
    settledCount: records.filter(({ isSettled }) => isSettled).length,
    okCount,
    missingCount,
    lateCount,
    failedCount: records.length - okCount - missingCount - lateCount,
    budgetUs,
    frozenUs: state === 'DEADLINE' ? budgetUs : 0,
    pickupLagUs: 0,
    bodySize: records.reduce((sum, { body }) => sum + (body?.length ?? 0), 0),
  };
}

function nameOf(key: Key): string {
  return typeof key === 'string' ? key : Buffer.from(key).toString();
}
