// Runs one behaviour case: opens its client, does its steps, and looks whether all is well afterwards.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import {
  type Batch,
  CallError,
  Client,
  type ClientOptions,
  ClosedError,
  Deadline,
  type Get,
  type Key,
  OctofetchError,
  type Range,
  type Result,
  type Results,
  shutdown,
} from 'octofetch';
import { type Origin, OriginError } from 'octofetch/testing';

import {
  CaseFailed,
  checkAttempts,
  checkFrozen,
  checkNumber,
  checkNumbers,
  checkRefusal,
  checkResult,
  checkSeen,
  listed,
} from './case_expectations';
import { bytesOf, camel, type Case, type Request, type Step } from './case_model';
import { fill } from './origin';
import { collectGarbage } from './resources';

export const PATIENCE_MS = 5000;
const CLEAN_KEYS = 10;
const CLEAN_BUDGET_MS = 10_000;
const BUDGET_MS_MIN = 5;
const POLL_MS = 10;
const US_PER_MS = 1000;

/** A batch under way or done. */
interface Submission {
  step: Step;
  where: string;
  requests: [Request, Buffer][];
  batch: Batch;
  endsAtMs: number;
  seen: number;
  arrivals?: AsyncIterator<Result>;
  results?: Results;
  digest?: string;
}

/** One case; throws CaseFailed at the first difference. */
export class CaseRun {
  #client: Client | undefined;
  #submissions: Submission[] = [];

  constructor(
    private readonly one: Case,
    private readonly origin: Origin,
    /** As strings, where they can be. */
    private readonly keysAreTexts: boolean,
  ) {}

  async run(): Promise<void> {
    try {
      await this.#tell('origin.script', () => this.origin.script(this.one.origin));
      if (await this.#open()) {
        await this.#runSteps();
        await this.#checkIdle();
      }
    } finally {
      this.#submissions = [];
      this.#client?.destroy();
      await this.#openListeners();
    }
  }

  async #open(): Promise<boolean> {
    const error = await refusalOf(() => void (this.#client = this.#opened(this.one.url)));
    if (this.one.open_refused !== null) {
      checkRefusal('open', this.one.open_refused, error, this.#filled);
      return false;
    }
    if (error !== undefined) throw new CaseFailed('open.status', String(error));
    return true;
  }

  #opened(url: string): Client {
    const options = this.one.options.map(([name, value]) => [keyword(name), this.#filled(value)]);
    return new Client(this.#filled(url), Object.fromEntries(options) as ClientOptions);
  }

  async #runSteps(): Promise<void> {
    for (const [index, step] of this.one.steps.entries()) await this.#do(step, `steps[${index}]`);
    for (const { results, digest, where } of this.#submissions) {
      if (results !== undefined && digestOf(results) !== digest) {
        throw new CaseFailed(`${where}.final`, 'the results changed after the freeze');
      }
    }
    if (this.one.next_batch_complete !== null) await this.#checkNextBatch(this.one.next_batch_complete);
  }

  async #do(step: Step, where: string): Promise<void> {
    const verbs: Record<string, () => Promise<void> | void> = {
      submit: () => this.#submit(step, where),
      fetch: () => this.#submit(step, where),
      wait: () => this.#wait(step, where),
      next: () => this.#next(step, where),
      cancel: () => this.#named(step.batch)[0]?.batch.cancel(),
      drain: () => this.#drain(step, where),
      shutdown: async () => checkAnswer(where, step, (await shutdown(ms(step.for_us))) ? 'OK' : 'AGAIN'),
      warm: () => this.#warm(step, where),
      set: () => this.#set(step, where),
      stats: () => this.#poll(step.for_us, () => checkNumbers(where, this.#running.stats(), step.numbers)),
      report: () => this.#poll(step.for_us, () => this.#report(step, where)),
      close: () => this.#running.destroy(),
      pause: () => pause(ms(step.for_us)),
    };
    const verb = verbs[step.do];
    if (verb === undefined) await this.#tell(`${where}.do`, () => this.#tellOrigin(step, where));
    else await verb();
  }

  // ------------------------------------------------------------------------------------------------- batches

  async #submit(step: Step, where: string): Promise<void> {
    const requests = listed(step.requests);
    // Before the first submit: a spike is one only where its batches come together.
    const keys = requests.map(([request, key]) => this.#toGet(request, key));
    for (let times = 0; times < step.times; times++) {
      const begunAt = performance.now();
      const error = await refusalOf(() => {
        const { budget, endsInMs } = limitOf(step);
        const batch = this.#running.submit(keys, { ...budget, headers: Object.fromEntries(step.headers), keepAttempts: true });
        this.#submissions.push({ step, where, requests, batch, endsAtMs: begunAt + endsInMs, seen: 0 });
      });
      if (performance.now() - begunAt > PATIENCE_MS) throw new CaseFailed(`${where}.do`, 'submit blocked');
      if (step.refused !== null) checkRefusal(where, step.refused, error, this.#filled);
      else if (error !== undefined) throw new CaseFailed(`${where}.do`, String(error));
    }
    if (step.do === 'fetch' && step.refused === null) {
      for (const submission of this.#named(step.batch)) await this.#finish(submission);
    }
  }

  #toGet(request: Request, bytes: Buffer): Key | Get {
    const text = bytes.toString();
    const key = this.keysAreTexts && Buffer.from(text).equals(bytes) ? text : bytes;
    const { query, version_id, if_none_match, priority } = request;
    const get: Get = { key };
    if (query !== null) get.query = query;
    if (version_id !== null) get.versionId = version_id;
    if (if_none_match !== null) get.ifNoneMatch = if_none_match;
    if (priority !== null) get.priority = priority as NonNullable<Get['priority']>;
    if (request.range !== null) get.range = toRange(request);
    return Object.keys(get).length > 1 ? get : key;
  }

  async #finish(submission: Submission): Promise<void> {
    const { batch, where, requests, step } = submission;
    const results = await batch;
    if (performance.now() > submission.endsAtMs + PATIENCE_MS) {
      throw new CaseFailed(`${where}.budget`, 'the batch froze long after its deadline');
    }
    submission.results = results;
    requests.forEach(([request, key], index) => {
      checkResult(`${where}.requests[${index}]`, this.one, request, key, results.at(index) as Result, this.origin);
    });
    checkAttempts(where, requests.map(([request]) => request), results);
    checkFrozen(where, step.frozen, results);
    submission.digest = digestOf(results);
  }

  /** Those of the latest submit of this name. */
  #named(name: string): Submission[] {
    const named = this.#submissions.filter(({ step }) => step.batch === name);
    return named.filter(({ where }) => where === named.at(-1)?.where);
  }

  async #wait(step: Step, where: string): Promise<void> {
    for (const submission of this.#named(step.batch)) {
      // Of a batch that is frozen, this loop has yet to hear, as it is told by an event.
      const withinMs = step.answers.includes('AGAIN') ? ms(step.for_us) : Math.max(ms(step.for_us), PATIENCE_MS);
      const isFrozen = step.for_us === null || (await isWithin(submission.batch.results(), withinMs));
      checkAnswer(where, step, isFrozen ? 'OK' : 'AGAIN');
      if (isFrozen && submission.results === undefined) await this.#finish(submission);
    }
  }

  async #next(step: Step, where: string): Promise<void> {
    const submission = this.#named(step.batch)[0] as Submission;
    const arrivals = (submission.arrivals ??= submission.batch[Symbol.asyncIterator]());
    let taken = 0;
    while (step.count === null || taken < step.count) {
      const next = await arrivals.next();
      if (next.done === true) break;
      const wanted = step.keys[taken];
      const { key } = next.value;
      if (wanted !== undefined && !Buffer.from(key).equals(bytesOf(wanted))) {
        throw new CaseFailed(`${where}.keys`, `${bytesOf(wanted)} was expected, it is ${String(key)}`);
      }
      taken += 1;
    }
    submission.seen += taken;
    const wanted = step.count ?? submission.requests.length - submission.seen + taken;
    if (taken !== wanted) {
      throw new CaseFailed(`${where}.${step.count === null ? 'keys' : 'count'}`, `${taken} came of ${wanted}`);
    }
  }

  // -------------------------------------------------------------------------------------------------- client

  get #running(): Client {
    if (this.#client === undefined) throw new Error('no client is open');
    return this.#client;
  }

  async #drain(step: Step, where: string): Promise<void> {
    checkAnswer(where, step, (await isWithin(this.#running.drain(), ms(step.for_us))) ? 'OK' : 'AGAIN');
  }

  async #warm(step: Step, where: string): Promise<void> {
    let answer = 'OK';
    try {
      await this.#running.warm({ connections: step.count ?? 1, budgetMs: ms(step.for_us) });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      answer = error.status;
    }
    checkAnswer(where, step, answer);
  }

  async #set(step: Step, where: string): Promise<void> {
    const error = await refusalOf(() => this.#running.set({ [keyword(step.option)]: step.value }));
    if (step.refused !== null) checkRefusal(where, step.refused, error, this.#filled);
    else if (error !== undefined) throw new CaseFailed(`${where}.do`, String(error));
  }

  /** Until it holds, or the patience is over: what another thread or process counts comes a little later. */
  async #poll(forUs: number | null, check: () => Promise<void> | void): Promise<void> {
    const endsAt = performance.now() + ms(forUs);
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (!(error instanceof CaseFailed) || performance.now() >= endsAt) throw error;
      }
      await pause(POLL_MS);
    }
  }

  // -------------------------------------------------------------------------------------------------- origin

  async #report(step: Step, where: string): Promise<void> {
    const names = Object.entries(step.numbers);
    const counters = names.length > 0 ? await this.origin.counters() : {};
    for (const [name, bounds] of names) checkNumber(`${where}.counters.${name}`, counters[name] ?? 0, bounds);
    await checkSeen(where, step.seen, this.one.scheme, this.origin);
  }

  async #tellOrigin(step: Step, where: string): Promise<void> {
    if (step.do === 'origin_script') await this.origin.script(step.script, step.drop);
    else if (step.do === 'origin_drop') await this.origin.control('POST', '/drop');
    else if (step.do === 'origin_slow_down') await this.origin.control('PUT', `/slow_down?factor=${step.factor}`);
    else if (step.do === 'origin_close' || step.do === 'origin_open') await this.#listener(step, step.do.slice(7));
    else throw new CaseFailed(`${where}.do`, `the runner does not know ${step.do}`);
  }

  async #listener({ listener, address }: Step, verb: string): Promise<void> {
    await this.origin.control('POST', `/${verb}?name=${listener}${address === '' ? '' : `&address=${address}`}`);
  }

  async #openListeners(): Promise<void> {
    for (const step of this.one.steps) {
      // The case may be about one that cannot be closed.
      if (step.do === 'origin_close') await this.#listener(step, 'open').catch(() => undefined);
    }
  }

  async #tell(place: string, tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      if (!(error instanceof OriginError)) throw error;
      throw new CaseFailed(place, `the origin refuses it: ${error.message}`);
    }
  }

  readonly #filled = (text: string): string => fill(this.origin, text, this.one.scheme);

  // ---------------------------------------------------------------------------------------------- afterwards

  /** The fault is over: a batch of clean keys must come whole, over the connections that the client has. */
  async #checkNextBatch(url: string): Promise<void> {
    await this.origin.script({}, false);
    await this.#openListeners();
    const client = url === '{origin}' ? this.#running : this.#opened(url);
    const keys = Array.from({ length: CLEAN_KEYS }, (_, at) => `clean${at}`);
    let results: Results;
    try {
      results = await client.fetch(keys, { budgetMs: CLEAN_BUDGET_MS });
    } catch (error) {
      throw new CaseFailed('next_batch_complete', String(error));
    }
    if (results.succeeded.length !== CLEAN_KEYS) throw new CaseFailed('next_batch_complete', results.explain());
  }

  async #checkIdle(): Promise<void> {
    this.#submissions = [];
    await this.#poll(PATIENCE_MS * US_PER_MS, async () => {
      collectGarbage();
      // What the garbage collector frees it frees after this turn of the loop.
      await pause(0);
      const left = Object.entries(this.#gauges()).filter(([, number]) => number !== 0);
      if (left.length > 0) throw new CaseFailed('resources', `left are ${String(left)}`);
    });
  }

  #gauges(): Record<string, number> {
    try {
      const { memoryActive = 0, memoryDelivered = 0, slotsBusy = 0, queued = 0 } = this.#running.stats();
      return { memoryActive, memoryDelivered, slotsBusy, queued };
    } catch (error) {
      if (error instanceof ClosedError) return {}; // by the case
      throw error;
    }
  }
}

const known = new Set(Object.keys(new Client('http://127.0.0.1').describe()));

function keyword(option: string): string {
  const name = camel(option.replace(/^s3\./, '').replaceAll('.', '_'));
  return known.has(`${name}Ms`) ? `${name}Ms` : name;
}

function ms(us: number | null): number {
  return (us ?? 0) / US_PER_MS;
}

/** What a step's batch is given; a budget below the smallest goes as a deadline. */
function limitOf(step: Step): { budget: { budgetMs?: number; deadline?: Deadline }; endsInMs: number } {
  const { budget_us, deadline_in_us, deadline_ns } = step;
  const budget: { budgetMs?: number; deadline?: Deadline } = {};
  if (deadline_ns !== null) budget.deadline = Deadline.at(deadline_ns / 1000);
  if (deadline_in_us !== null) budget.deadline = deadlineIn(deadline_in_us);
  if (budget_us !== null && ms(budget_us) < BUDGET_MS_MIN) budget.deadline = deadlineIn(budget_us);
  else if (budget_us !== null) budget.budgetMs = ms(budget_us);
  const spanUs = deadline_in_us ?? budget_us;
  return { budget, endsInMs: spanUs === null ? Infinity : Math.max(0, ms(spanUs)) };
}

/** Also one that has passed, or comes sooner than Deadline.after takes. */
function deadlineIn(spanUs: number): Deadline {
  return Deadline.at(Number(process.hrtime.bigint()) / 1000 + spanUs);
}

function toRange({ range, range_first: first, range_last: last }: Request): Range {
  if (range === 'suffix') return { suffix: last };
  return range === 'closed' ? { first, last } : { first };
}

async function refusalOf(call: () => void): Promise<unknown> {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof OctofetchError) return error;
    throw error;
  }
}

async function isWithin(work: Promise<unknown>, withinMs: number): Promise<boolean> {
  const ended = new AbortController();
  const timer = pause(withinMs, false, { signal: ended.signal }).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), timer]);
  ended.abort();
  return isDone;
}

function checkAnswer(where: string, step: Step, answer: string): void {
  if (!step.answers.includes(answer)) {
    throw new CaseFailed(`${where}.answer`, `${step.answers} was expected, it is ${answer}`);
  }
}

function digestOf(results: Results): string {
  const hash = createHash('sha256').update(JSON.stringify(results)).update(results.explain('json'));
  for (const result of results) hash.update(result.status === 'OK' ? result.body : '');
  return hash.digest('hex');
}
