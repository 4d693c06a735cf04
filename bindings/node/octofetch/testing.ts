// For the tests of programs that use octofetch: a client that answers from what it was given.
//
//     const client = new FakeClient({ 'a.jpg': '...' }, { late: ['slow.jpg'], errors: { 'broken.jpg': 'SERVER_ERROR' } });
//
// It has the real types, words and errors, and neither threads nor sockets, timers nor waiting: a batch is frozen as soon as
// it is submitted, also under fake timers. What only the library checks, such as header names, it takes as it is.
import { ATTEMPT_COLUMN_COUNT, AttemptColumn } from './attempts';
import { Client } from './client';
import type { Limit } from './deadline';
import { type Engine, NativeEngine, type Submitted } from './engine';
import { addon, type PackedAttempts, type PackedRequest } from './native';
import type { ClientOptions } from './options';
import type { Answer, Taker } from './queue';
import { type BatchInfo, Column, COLUMN_COUNT, Packet, PARTIAL, PHASES, SETTLED } from './records';
import { type Key, type PackedRequests, RANGE, RANGE_FROM, RANGE_SUFFIX, SEPARATOR } from './request';
import { FORMATS } from './results';
import { isLate, isSuccess, type Status, STATUS_NUMBERS } from './status';

export interface FakeOptions extends ClientOptions {
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
// They are how a batch ends for a request that has not settled.
const UNSETTLED: readonly Status[] = ['DEADLINE', 'CANCELLED', 'CLOSED'];

/** Answers with `objects`: keys in `late` miss the deadline, those in `errors` end so, all others are missing. */
export class FakeClient extends Client {
  constructor(objects: Objects, { late = [], errors = {}, headersOf = {}, ...options }: FakeOptions = {}) {
    const statuses = new Map(Object.entries(errors));
    for (const key of late) statuses.set(nameOf(key), 'DEADLINE');
    super(URL, options, (url, texts) => new FakeEngine(new NativeEngine(url, texts), { objects, statuses, headersOf }));
  }
}

interface Answers {
  objects: Objects;
  statuses: ReadonlyMap<string, Status>;
  headersOf: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Stands in for the library's client; a real one, which starts nothing until it fetches, knows the options. */
class FakeEngine implements Engine {
  readonly #real: NativeEngine;
  readonly #answers: Answers;
  readonly #counts = { batches: 0, batchesComplete: 0, batchesDeadline: 0, requests: 0, requestsOk: 0 };

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
    this.#real.get('name'); // refuses when it is closed
    const spanUs = budgetUs ?? Math.max(0, deadlineUs - addon.nowUs());
    const keys = typeof packed === 'string' ? packed.split(SEPARATOR) : packed;
    const records = keys.map((key) => answered(key, this.#answers, spanUs));
    const info = infoOf(records, spanUs);
    this.#counts.batches += 1;
    this.#counts[info.state === 'OK' ? 'batchesComplete' : 'batchesDeadline'] += 1;
    this.#counts.requests += keys.length;
    this.#counts.requestsOk += records.filter(({ status }) => status === 'OK').length;
    void Promise.resolve().then(() => taker.take(packetOf(records), info));
    return {
      explain: (format) => explained(format, records.length, info),
      attempts: () => (keepsAttempts ? attemptsOf(records) : undefined),
      cancel: () => undefined,
    };
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

function answered(request: Key | PackedRequest, answers: Answers, spanUs: number): FakeRecord {
  const [key, flags, , , , first, last]: PackedRequest = Array.isArray(request)
    ? request
    : [request, 0, undefined, undefined, undefined, 0, 0, 0];
  const name = nameOf(key);
  const object = Object.hasOwn(answers.objects, name) ? answers.objects[name] : undefined;
  const status = answers.statuses.get(name) ?? (object === undefined ? 'NOT_FOUND' : 'OK');
  const whole = status === 'OK' ? Buffer.from(object ?? '') : undefined;
  const body = whole && ownedBytes(cut(whole, flags, first, last));
  const isPartial = body !== undefined && (flags & (RANGE | RANGE_FROM | RANGE_SUFFIX)) !== 0;
  const isSettled = !UNSETTLED.includes(status);
  const headers = isSuccess(status) ? (answers.headersOf[name] ?? {}) : {};
  const message = isSuccess(status) ? '' : addon.statusText(STATUS_NUMBERS[status]);
  const numbers = {
    phase: PHASES.indexOf(status === 'SHED' ? 'queued' : isSettled ? 'receiving' : 'waiting'),
    flags: (isSettled ? SETTLED : 0) | (isPartial ? PARTIAL : 0),
    httpStatus: isPartial ? 206 : (HTTP[status] ?? 0),
    attempts: status === 'SHED' ? 0 : 1,
    bytesReceived: body?.length ?? 0,
    objectSize: whole?.length ?? 0,
    settledUs: isSettled ? 0 : spanUs,
    waitingUs: isSettled ? 0 : spanUs,
  };
  return { status, isSettled, numbers, texts: [message, '', '', '', '', ...Object.entries(headers).flat()], body };
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

/** In the order in which the library hands them out: what has settled first. */
function packetOf(records: readonly FakeRecord[]): Packet {
  const all = records.map((record, index) => ({ record, index }));
  const order = [...all.filter(({ record }) => record.isSettled), ...all.filter(({ record }) => !record.isSettled)];
  const source = {
    numbers: (index: number) => numbersOf(records[index]?.numbers ?? {}),
    texts: (index: number) => records[index]?.texts.map((text) => `${text}\0`).join('') ?? '',
  };
  const fields = order.flatMap(({ record, index }) => [index, STATUS_NUMBERS[record.status], record.body]);
  return new Packet(source, fields);
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

function infoOf(records: readonly FakeRecord[], budgetUs: number): BatchInfo {
  const count = (isWanted: (status: Status) => boolean): number => records.filter(({ status }) => isWanted(status)).length;
  const [okCount, missingCount, lateCount] = [count(isSuccess), count((status) => status === 'NOT_FOUND'), count(isLate)];
  const settledCount = records.filter(({ isSettled }) => isSettled).length;
  const state = settledCount === records.length ? 'OK' : 'DEADLINE';
  return {
    state,
    settledCount,
    okCount,
    missingCount,
    lateCount,
    failedCount: records.length - okCount - missingCount - lateCount,
    budgetUs,
    frozenUs: state === 'OK' ? 0 : budgetUs,
    pickupLagUs: 0,
    bodySize: records.reduce((sum, { body }) => sum + (body?.length ?? 0), 0),
  };
}

function explained(format: number, count: number, { okCount, frozenUs }: BatchInfo): string {
  const line = `${okCount} of ${count} in ${frozenUs / 1000} ms`;
  if (format === FORMATS.line) return line;
  if (format === FORMATS.json) return JSON.stringify({ v: 1, line });
  return `<svg xmlns="http://www.w3.org/2000/svg"><text y="1em">${line}</text></svg>`;
}

function nameOf(key: Key): string {
  return typeof key === 'string' ? key : Buffer.from(key).toString();
}
