// Compares what the library and the origin say with what a case expects; every difference names its place.
import {
  type Attempt,
  BatchError,
  CallError,
  type ExplainFormat,
  OctofetchError,
  type Result,
  type Results,
  type Success,
} from 'octofetch';
import { type Origin, pattern } from 'octofetch/testing';

import {
  type Bounds,
  bytesOf,
  camel,
  type Case,
  type Expected,
  type Frozen,
  type Refusal,
  type Request,
  type Seen,
} from './case_model';
import { fill } from './origin';

const MESSAGE_SIZE_MAX = 400;
const UNSETTLED = ['DEADLINE', 'CANCELLED', 'CLOSED'];
const FORMATS: ExplainFormat[] = ['line', 'json', 'svg'];

/** What is not as the case expects, at a place of the case. */
export class CaseFailed extends Error {
  constructor(
    readonly place: string,
    text: string,
  ) {
    super(`${place}: ${text}`);
  }
}

export function checkNumber(place: string, value: number | undefined, wanted: Bounds): void {
  const max = wanted.max ?? Infinity;
  if (value === undefined || !(wanted.min <= value && value <= max)) {
    throw new CaseFailed(place, `${wanted.min} to ${max} was expected, it is ${value}`);
  }
}

export function checkNumbers(where: string, values: Record<string, number>, wanted: Record<string, Bounds>): void {
  for (const [name, bounds] of Object.entries(wanted)) checkNumber(`${where}.${name}`, values[camel(name)], bounds);
}

function isSentence(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- they are what no sentence has
  return text !== '' && !/[\x00-\x1f\x7f]/.test(text);
}

/** What the package refuses by itself, in its own words, `words` of the tests are about. */
export function checkRefusal(where: string, refusal: Refusal, error: unknown, filled: (text: string) => string): void {
  const place = `${where}.refused`;
  if (error === undefined) throw new CaseFailed(`${place}.status`, `${refusal.status} was expected, and it was done`);
  if (!(error instanceof OctofetchError)) throw error;
  const status = error instanceof CallError ? error.status : 'none';
  if (status !== refusal.status) {
    throw new CaseFailed(`${place}.status`, `${refusal.status} was expected, it is ${status}: ${error.message}`);
  }
  if (!isSentence(error.message)) throw new CaseFailed(`${place}.text`, `${error.message} is no sentence`);
  if (/budgetMs|the deadline is|there is no option|range is|a text contains NUL/.test(error.message)) return;
  for (const text of refusal.contains.map(filled)) {
    if (!error.message.includes(text)) throw new CaseFailed(`${place}.text`, `${text} is not in ${error.message}`);
  }
}

export function checkResult(
  where: string,
  { base, scheme }: Case,
  request: Request,
  key: Buffer,
  result: Result,
  origin: Origin,
): void {
  const expect = request.expect;
  if (!expect.statuses.includes(result.status)) {
    const text = `${expect.statuses} was expected, it is ${result.status} (${result.phase}): ${result.message}`;
    throw new CaseFailed(`${where}.status`, text);
  }
  checkInvariants(where, key, result);
  if (expect.phases.length > 0 && !expect.phases.includes(result.phase)) {
    throw new CaseFailed(`${where}.phase`, `${expect.phases} was expected, it is ${result.phase}: ${result.message}`);
  }
  const source = result.ok ? result.source : null;
  if (expect.source !== null && source !== expect.source) {
    throw new CaseFailed(`${where}.source`, `${expect.source} was expected, it is ${source}`);
  }
  if (result.status === 'OK') checkBody(`${where}.body`, base, expect, key, result);
  const values = result as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(expect.flags)) {
    if (values[camel(name)] !== value) throw new CaseFailed(`${where}.${name}`, `is not ${value}`);
  }
  checkNumbers(where, result.numbers, expect.numbers);
  checkTexts(where, expect, result, (text) => fill(origin, text, scheme));
}

function checkTexts(where: string, expect: Expected, result: Result, filled: (text: string) => string): void {
  const values = result as unknown as Record<string, string>;
  for (const [name, texts] of Object.entries(expect.contains)) {
    const value = values[camel(name)] ?? '';
    for (const text of texts.map(filled)) {
      if (!value.includes(text)) throw new CaseFailed(`${where}.${name}`, `${text} is not in ${value}`);
    }
  }
  for (const [name, text] of Object.entries(expect.equals)) {
    const value = values[camel(name)];
    if (value !== filled(text)) throw new CaseFailed(`${where}.${name}`, `${text} was expected, it is ${value}`);
  }
  for (const [name, text] of expect.headers) {
    const value = result.headers[name.toLowerCase()];
    if (value !== (text === null ? undefined : filled(text))) {
      throw new CaseFailed(`${where}.headers.${name}`, `${text} was expected, it is ${value}`);
    }
  }
}

/** What holds for every result, whatever the case. */
function checkInvariants(where: string, key: Buffer, result: Result): void {
  const { status } = result;
  if (result.settled === UNSETTLED.includes(status)) {
    throw new CaseFailed(`${where}.settled`, `${status} cannot be ${result.settled}`);
  }
  if (result.ok !== ['OK', 'NOT_MODIFIED'].includes(status)) throw new CaseFailed(`${where}.ok`, `is ${result.ok}`);
  if (!result.ok && (!isSentence(result.message) || Buffer.byteLength(result.message) > MESSAGE_SIZE_MAX)) {
    throw new CaseFailed(`${where}.message`, `${result.message} is no sentence`);
  }
  if (!Buffer.from(result.key).equals(key)) throw new CaseFailed(`${where}.key`, `the result has another key`);
  if (result.numbers.sinceUs > result.numbers.settledUs) throw new CaseFailed(`${where}.since_us`, 'is late');
  if (!result.ok && result.error.code !== `OCTO_${status}`) {
    throw new CaseFailed(`${where}.error`, `${result.error.code} of ${status}`);
  }
}

function checkBody(place: string, base: string, expect: Expected, key: Buffer, result: Success): void {
  const { kind, size, text, of, offset } = expect.body;
  const body = result.body;
  if (body.length !== size) throw new CaseFailed(place, `${size} bytes were expected, they are ${body.length}`);
  if (body.buffer.byteLength !== body.length) throw new CaseFailed(place, 'its memory is not its own');
  if (kind === 'text' && body.toString() !== text) throw new CaseFailed(place, `${text} was expected, it is ${body}`);
  const name = of === null ? Buffer.concat([Buffer.from(base), key]) : Buffer.from(of);
  if (kind === 'pattern' && !body.equals(pattern(name, offset, size))) {
    throw new CaseFailed(place, `${size} bytes are not those of the object`);
  }
}

export function checkAttempts(where: string, requests: Request[], results: Results): void {
  const byRequest = requests.map((): Attempt[] => []);
  for (const attempt of results.attempts()) byRequest[attempt.index]?.push(attempt);
  requests.forEach(({ expect }, index) => {
    const place = `${where}.requests[${index}].tried`;
    const result = results.at(index) as Result;
    const tried = byRequest[index] ?? [];
    const told = tried.map(({ cause, status, reused }) => `${cause} ${status}${reused ? ' reused' : ''}`);
    if (expect.tried.length > 0 && String(expect.tried) !== String(told)) {
      throw new CaseFailed(place, `${expect.tried} was expected, it is ${told}`);
    }
    tried.forEach(({ key, number, startedMs, endedMs }, at) => {
      if (number !== at + 1) throw new CaseFailed(place, `number ${number} comes as ${at + 1}: ${told}`);
      if (key !== result.key || startedMs > endedMs || endedMs > results.elapsedMs) {
        throw new CaseFailed(place, `number ${number} is of another key, or at another time`);
      }
    });
    // Of several addresses that all failed, the result names the last one tried.
    const hasEnding = tried.some(
      ({ status, address }) => status === result.status && (result.httpStatus === 0 || address === result.address),
    );
    if (result.settled && (tried.length !== result.attempts || (tried.length > 0 && !hasEnding))) {
      throw new CaseFailed(place, `the result says ${result.attempts} and ${result.address}: ${told}`);
    }
  });
}

export function checkFrozen(where: string, frozen: Frozen | null, results: Results): void {
  const place = `${where}.frozen`;
  const states = frozen?.states ?? ['OK'];
  if (!states.includes(results.state)) {
    throw new CaseFailed(`${place}.state`, `${states} was expected, it is ${results.state}: ${results.explain()}`);
  }
  const statuses = results.map(({ status }) => status as string);
  for (const [name, bounds] of Object.entries(frozen?.statuses ?? {})) {
    checkNumber(`${place}.statuses.${name}`, statuses.filter((status) => status === name).length, bounds);
  }
  const numbers = { ...results.info, requestCount: results.length } as unknown as Record<string, number>;
  checkNumbers(place, numbers, frozen?.numbers ?? {});
  checkSums(place, results);
}

function checkSums(place: string, results: Results): void {
  const { info } = results;
  const groups = [results.succeeded, results.missing, results.late, results.failed].map(({ length }) => length);
  const counts = [info.okCount, info.missingCount, info.lateCount, info.failedCount];
  if (String(groups) !== String(counts) || groups.reduce((sum, count) => sum + count) !== results.length) {
    throw new CaseFailed(`${place}.request_count`, `${groups} of ${results.length} are not ${counts}`);
  }
  const settled = results.map((result) => result.settled).filter(Boolean).length;
  if (settled !== info.settledCount || (results.state === 'OK') !== (settled === results.length)) {
    throw new CaseFailed(`${place}.settled_count`, `${settled} of ${info.settledCount}, and ${results.state}`);
  }
  const sizes = results.map((result) => (result.status === 'OK' ? result.body.length : 0));
  if (info.bodySize !== sizes.reduce((sum, size) => sum + size, 0)) {
    throw new CaseFailed(`${place}.body_size`, 'is not the sum of the bodies');
  }
  for (const format of FORMATS) {
    if (results.explain(format) === '') throw new CaseFailed(`${place}.explain`, `${format}: nothing`);
  }
  checkErrors(place, results);
}

function checkErrors(place: string, results: Results): void {
  let count = 0;
  try {
    results.throwIfErrors();
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    count = error.errors.length;
  }
  if (count !== results.length - results.info.okCount) throw new CaseFailed(`${place}.errors`, `there are ${count}`);
}

export async function checkSeen(where: string, seen: Seen[], scheme: string, origin: Origin): Promise<void> {
  if (seen.length === 0) return;
  const last = new Map((await origin.lastRequests()).map((request) => [request.path, request]));
  seen.forEach((wanted, index) => {
    const place = `${where}.requests[${index}]`;
    const found = last.get(wanted.path);
    if (found === undefined) throw new CaseFailed(`${place}.path`, `the origin saw no request of ${wanted.path}`);
    if (wanted.target !== null && found.target !== wanted.target) {
      throw new CaseFailed(`${place}.target`, `${wanted.target} was expected, it is ${found.target}`);
    }
    const headers = new Map(found.headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const [name, value] of wanted.headers) {
      const text = value === null ? undefined : fill(origin, value, scheme);
      if (headers.get(name.toLowerCase()) !== text) {
        throw new CaseFailed(`${place}.headers.${name}`, `${text} was expected, it is ${headers.get(name.toLowerCase())}`);
      }
    }
  });
}

/** The bytes of what a case calls a key, and those of numbered ones. */
export function listed(requests: Request[]): [Request, Buffer][] {
  return requests.flatMap((request): [Request, Buffer][] => {
    const key = bytesOf(request.key);
    if (request.count === null) return [[request, key]];
    return Array.from({ length: request.count }, (_, at) => [request, Buffer.concat([key, Buffer.from(String(at))])]);
  });
}
