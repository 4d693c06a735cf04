// The client: one origin, with its own connections and limits.
import { AsyncResource } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

import { watch } from './abort';
import { CREDENTIALS } from './aws';
import { Batch, type OnAbort } from './batch';
import { areAttemptsWatched, isWatched, publishBatch } from './channels';
import { SYSTEM_CLOCK } from './clock';
import { sharedBy } from './copies';
import {
  areRefused,
  checkCredentials,
  checkSet,
  type Credentials,
  type CredentialsProvider,
  giveCredentials,
  shownCredentials,
  type Signer,
  signerOf,
} from './credentials';
import { checkedMs, type Deadline, type Limit, limitOf, toUs } from './deadline';
import { type Engine, NativeEngine, type Open } from './engine';
import { CallError, ClosedError, kindOf, OptionError, WarmError } from './errors';
import { headerPairs, type RequestHeaders } from './headers';
import type { Inside } from './inside';
import { LateStarts } from './late_starts';
import { NothingFetched } from './notes';
import {
  type Chosen,
  chosen,
  type ClientOptions,
  givenOf,
  keywords,
  optionName,
  optionText,
  type OptionValue,
  readQuantity,
  type ReloadableOptions,
} from './options';
import { answerTo, listener } from './queue';
import { Refresher } from './refresher';
import { type Get, isKey, type Key, keysOf, packRequests } from './request';
import type { Body } from './result';
import type { Results } from './results';
import { certificateCount } from './roots';
import { addon } from './native';
import { advice } from './warming';

export interface FetchOptions {
  /** Milliseconds from now until the batch freezes, 5 to 600,000. */
  budgetMs?: number | undefined;
  /** Instead of a budget: an instant, that several batches can share. */
  deadline?: Deadline | undefined;
  /** Besides those of the client. */
  headers?: RequestHeaders | undefined;
  /** Ends the batch before its deadline. */
  signal?: AbortSignal | undefined;
  /** `reject` (as when left out): with the signal's reason. `partial`: resolve with what has settled. */
  onAbort?: OnAbort | undefined;
  /** For `results.attempts()`, each exchange on the wire; `octofetch:attempt` of node:diagnostics_channel has them kept too. */
  keepAttempts?: boolean | undefined;
}

export interface WarmOptions {
  /** How many; 1 if left out. */
  connections?: number | undefined;
  /** How long it may take; 5000 if left out. */
  budgetMs?: number | undefined;
}

/** What a client is opened with. */
export interface OpenOptions extends ClientOptions {
  /** Of an s3 origin: a set; or a function, asked now and in the background from 15 minutes before what it gave expires. */
  credentials?: Credentials | CredentialsProvider | undefined;
}

/** The numbers of octo_stats, which octofetch.h explains, as slotsBusy for slots_busy. */
export type Stats = Record<string, number>;

const FETCH_OPTIONS = new Set(['budgetMs', 'deadline', 'headers', 'signal', 'onAbort', 'keepAttempts']);

const WARM_OPTIONS = new Set(['connections', 'budgetMs']);

// More than can be asked for, and than connectionsMax, which counts, can be.
const WARM_MAX = 2 ** 32 - 1;

// They identify a request in traces and change no answer, so that they do not keep requests apart.
const NEUTRAL = new Set(['traceparent', 'tracestate', 'baggage']);

/**
 * Fetches from `url`: `s3://bucket/prefix`, `https://host/base` or `http://host/base`. Opening it starts nothing; threads
 * and connections start at the first fetch. A client that is idle does not keep the process alive.
 */
export class Client {
  readonly url: string;
  readonly name: string;
  readonly #engine: Engine;
  readonly #sources: Map<string, string>;
  readonly #sizeMax: number;
  readonly #notes: NothingFetched;
  readonly #refresher: Refresher | undefined;
  // Given as a set rather than by the refresher, and how.
  #given: [Signer, string] | undefined;
  #budgetUs: number | undefined;
  readonly #lateStarts = new LateStarts();
  #isDraining = false;
  #isClosed = false;
  #runningCount = 0;
  #whenIdle: (() => void)[] = [];

  /** `open` is not for users: what it stands on, which octofetch/testing replaces. */
  constructor(url: string, given: OpenOptions = {}, open: Open = (...native) => new NativeEngine(...native)) {
    checkUrl(url);
    checkObject(given);
    const { credentials, ...options } = given;
    checkCredentials(url, credentials, options);
    const found = chosen(url, options, credentials !== undefined);
    this.url = url;
    this.#sources = new Map(found.map(({ keyword, source }: Chosen) => [keyword, source]));
    this.#engine = opened(url, found, open);
    this.name = this.#engine.get('name') || url;
    this.#sizeMax = readQuantity(this.#engine.get('object.size_max'));
    this.#budgetUs = this.#defaultBudgetUs();
    this.#notes = new NothingFetched(this.name);
    if (typeof credentials === 'object') this.#give(credentials, 'credentials');
    else if (credentials !== undefined) this.#refresher = refresherOf(this.name, credentials, this.#engine);
  }

  /**
   * One client a process for an address and options, also when a development server loads its modules anew. As functions
   * cannot be compared, one with a function for its credentials is found again by its `name`.
   */
  static shared(url: string, options: OpenOptions = {}): Client {
    checkUrl(url);
    checkObject(options);
    if (typeof options.credentials === 'function' && options.name === undefined) {
      throw new OptionError('Client.shared: credentials is a function, so that the client needs a name to be found again by');
    }
    // What can be looked at only once is looked at here.
    const given = options.headers === undefined ? options : { ...options, headers: optionText('headers', options.headers) };
    const name = sharedName(url, given);
    const all = sharedClients();
    const found = all.get(name) ?? new Client(url, given);
    all.set(name, found);
    return found;
  }

  /** Resolves at the freeze, at the latest at the deadline. A key that has no body never rejects. */
  async fetch(keys: Iterable<Key | Get>, options: FetchOptions = {}): Promise<Results> {
    return await this.#start(keys, options, false).results();
  }

  /** Starts fetching and returns at once; the batch can be iterated as results settle, or awaited. */
  submit(keys: Iterable<Key | Get>, options: FetchOptions = {}): Batch {
    return this.#start(keys, options, true);
  }

  /** The body of one key; where there is none, rejects with a FetchError. */
  async get(key: Key | Get, options: Omit<FetchOptions, 'keepAttempts'> = {}): Promise<Body> {
    if (Object.hasOwn(Object(options) as object, 'keepAttempts')) throw new OptionError('keepAttempts: get() gives a body alone; fetch tells of attempts');
    const results = await this.#start([key], options, false).results();
    const result = results.at(0);
    if (result?.ok !== true) throw result?.error;
    return result.body;
  }

  /** Changes reloadable options, for batches submitted from now on. */
  set(options: ReloadableOptions): void {
    checkObject(options);
    // All are looked at before the first one counts.
    const texts = givenOf(options).map(([keyword, value]) => [keyword, optionName(keyword), optionText(keyword, value)] as const);
    try {
      for (const [keyword, name, text] of texts) {
        this.#engine.set(name, text);
        this.#sources.set(keyword, 'set');
      }
    } finally {
      this.#budgetUs = this.#defaultBudgetUs();
    }
  }

  /** What attempts are signed with from now on. */
  setCredentials(credentials: Credentials): void {
    this.#give(credentials, 'set');
    this.#lateStarts.startAll();
  }

  /** The value of each option and where it is from; secrets are masked. */
  describe(): Record<string, OptionValue> {
    const values = Array.from(keywords(), (keyword): [string, OptionValue] => {
      const text = this.#engine.get(optionName(keyword));
      const value = keyword === 'tlsCaPem' ? certificateCount(text) : text;
      return [keyword, { value, source: this.#sources.get(keyword) ?? 'default' }];
    });
    return Object.fromEntries([...values, ...this.#signer()]);
  }

  /** Opens connections, for readiness probes; rejects with a WarmError where that cannot be done in time. */
  async warm(options: WarmOptions = {}): Promise<void> {
    checkNames(options, WARM_OPTIONS);
    const { connections = 1, budgetMs = 5000 } = options;
    if (!Number.isInteger(connections) || connections < 1) {
      throw new OptionError(`connections is ${inspect(connections)}; it is a whole number, at least 1`);
    }
    const waitUs = toUs(checkedMs(budgetMs, 'budgetMs'), 'budgetMs');
    const deadlineUs = addon.nowUs() + waitUs;
    const needed = this.#needed();
    if (needed !== undefined) await answeredBy(deadlineUs, needed);
    const leftUs = needed === undefined ? waitUs : Math.max(0, deadlineUs - addon.nowUs());
    const { status, text } = await this.#engine.warm(Math.min(connections, WARM_MAX), leftUs);
    if (status === 'OK') return;
    const roots = ['tlsCaFile', 'tlsCaDirectory', 'tlsCaPem'].flatMap((keyword) => this.#sources.get(keyword) ?? []);
    throw new WarmError(`${this.name}: ${text}${advice(status, roots.join(' and ') || 'the system')}`, status);
  }

  stats(): Stats {
    return this.#engine.stats();
  }

  /** What is inside of the client now, without keys and secrets; docs/python has the fields. */
  debug(): Inside {
    return JSON.parse(this.#engine.explain()) as Inside;
  }

  /** Refuses new batches; resolves when those that run are frozen, at the latest at their deadlines. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    forgetShared(this);
    if (this.#lateStarts.count > 0) await this.#lateStarts.none();
    this.#engine.drain();
    while (this.#runningCount > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Drains and closes. May be called again. */
  async close(): Promise<void> {
    await this.drain();
    this.destroy();
  }

  /** Closes at once: batches that run freeze with what they have. */
  destroy(): void {
    this.#isClosed = true;
    this.#refresher?.close();
    // They end with the others.
    this.#lateStarts.startAll();
    this.#engine.close();
    forgetShared(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [inspect.custom](): string {
    return `<Client ${this.name}>`;
  }

  #start(keys: Iterable<Key | Get>, options: FetchOptions, isStream: boolean): Batch {
    // What is closed says so itself.
    if (this.#isDraining && !this.#isClosed) throw new ClosedError('the client is closed or draining', 'CLOSED');
    const requests = listOf(keys);
    checkNames(options, FETCH_OPTIONS);
    const { budgetMs, deadline, signal, onAbort = 'reject', keepAttempts = false } = options;
    if (onAbort !== 'reject' && onAbort !== 'partial') {
      throw new OptionError(`onAbort is 'reject' or 'partial', not ${inspect(onAbort)}`);
    }
    if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== 'function') {
      throw new OptionError(`signal is an AbortSignal, not ${inspect(signal)}`);
    }
    if (typeof keepAttempts !== 'boolean') {
      throw new OptionError(`keepAttempts is true or false, not ${inspect(keepAttempts)}`);
    }
    const keepsAttempts = keepAttempts || areAttemptsWatched();
    const limit = limitOf(budgetMs, deadline, this.#budgetUs);
    let unwatch: (() => void) | undefined;
    const end = (results: Results | undefined): void => this.#end(results, batch, keepsAttempts);
    const endHere = isWatched() ? AsyncResource.bind(end) : end;
    const packed = packRequests(requests);
    const batch = new Batch(keysOf(requests, packed), this.#sizeMax, (results) => {
      try {
        unwatch?.();
      } finally {
        endHere(results);
      }
    });
    const headers = packHeaders(options.headers);
    // It is for nobody, and goes nowhere.
    if (signal?.aborted === true && onAbort === 'reject' && !this.#isClosed) {
      watch(batch, signal, onAbort);
      return batch;
    }
    const needed = this.#isClosed ? undefined : this.#needed();
    const submit = (by: Limit): void => batch.begin(this.#engine.submit(packed, by, headers, batch, isStream, keepsAttempts));
    if (needed === undefined) submit(limit);
    else this.#lateStarts.add(batch, limit, submit, needed);
    this.#runningCount += 1;
    if (signal !== undefined) unwatch = watch(batch, signal, onAbort);
    return batch;
  }

  #end(results: Results | undefined, { isGivenUp }: Batch, keepsAttempts: boolean): void {
    this.#runningCount -= 1;
    if (this.#runningCount === 0) {
      const waiting = this.#whenIdle;
      this.#whenIdle = [];
      for (const resolve of waiting) resolve();
    }
    if (results === undefined) return;
    if (!isGivenUp) {
      if (this.#refresher !== undefined && results.info.failedCount > 0 && areRefused(results)) this.#refresher.request();
      // Runs code of others, which may throw.
      this.#notes.note(results);
    }
    publishBatch(this, results, keepsAttempts);
  }

  /** What must be awaited before anything can be signed. */
  #needed(): Promise<void> | undefined {
    const answer = this.#refresher?.needed();
    return this.#given === undefined ? answer : undefined;
  }

  #give(credentials: Credentials, source: string): void {
    checkSet(credentials);
    giveCredentials(this.#engine, credentials);
    this.#given = [signerOf(credentials), source];
  }

  /** What describe() shows in place of options that do not count. */
  #signer(): [string, OptionValue][] {
    if (this.#given !== undefined) return shownCredentials(...this.#given);
    return this.#refresher === undefined ? [] : shownCredentials(this.#refresher.current, 'credentials provider');
  }

  #defaultBudgetUs(): number | undefined {
    const text = this.#engine.get('budget');
    return text === '' ? undefined : readQuantity(text);
  }
}

/** What is refused of a value that nobody gave as an option says where it is from. */
function opened(url: string, found: readonly Chosen[], open: Open): Engine {
  try {
    return open(
      url,
      found.flatMap(({ name, text }) => [name, text]),
    );
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { message, status } = error;
    const guilty = found.find(({ name, keyword, source }) => {
      const words = CREDENTIALS.includes(keyword) ? [name, 'credentials'] : [name];
      return source !== 'option' && words.some((word) => message.startsWith(`${word}:`));
    });
    throw guilty === undefined ? error : new OptionError(`${guilty.source}: ${message}`, status);
  }
}

/** It has the engine, not the client, which may then be let go while a provider takes its time. */
function refresherOf(name: string, provider: CredentialsProvider, engine: Engine): Refresher {
  if (engine.get('s3.unsigned') === 'true') {
    throw new OptionError('credentials: unsigned is set, so that nothing is signed; drop one', 'UNSUPPORTED');
  }
  return new Refresher(name, provider, (set) => giveCredentials(engine, set));
}

/** Of the texts that the library is given; without what they say, as some options are secrets. */
function sharedName(url: string, { credentials, ...options }: OpenOptions): string {
  const texts = givenOf(options).map(([keyword, value]) => `${keyword}=${optionText(keyword, value)}`).sort();
  return createHash('sha256').update(JSON.stringify([addon.version, url, texts, signedBy(credentials)])).digest('base64');
}

function signedBy(credentials: Credentials | CredentialsProvider | undefined): unknown {
  if (credentials === undefined || typeof credentials === 'function') return typeof credentials;
  checkSet(credentials);
  const { accessKeyId, secretAccessKey, sessionToken = '', expiration } = credentials;
  return [accessKeyId, secretAccessKey, sessionToken, expiration?.getTime()];
}

/** Of the process's main thread or of a worker, whichever copy of this module asks. */
function sharedClients(): Map<string, Client> {
  return sharedBy('shared', () => new Map<string, Client>());
}

function forgetShared(client: Client): void {
  const all = sharedClients();
  for (const [name, one] of all) if (one === client) all.delete(name);
}

/** Waits for an answer, at most until the deadline; it keeps the process alive meanwhile. */
async function answeredBy(deadlineUs: number, answer: Promise<void>): Promise<void> {
  let cancel: (() => void) | undefined;
  const late = new Promise<void>((resolve) => {
    cancel = SYSTEM_CLOCK.after(Math.max(0, deadlineUs - addon.nowUs()) / 1000, resolve, true);
  });
  await Promise.race([answer, late]);
  cancel?.();
}

/** Ends every thread of the library in this process, cancelling what runs; whether all had ended within `waitMs`. */
export async function shutdown(waitMs = 5000): Promise<boolean> {
  const { status } = await answerTo((token) => addon.shutDown(listener, token, toUs(waitMs, 'waitMs')));
  if (status !== 'OK' && status !== 'AGAIN') throw new CallError('shutdown', status);
  return status === 'OK';
}

function listOf(keys: Iterable<Key | Get>): (Key | Get)[] {
  if (isKey(keys)) {
    throw new OptionError('keys is a list of keys; for one key there is get()');
  }
  if (keys === null || typeof keys !== 'object' || !(Symbol.iterator in keys)) {
    throw new OptionError(`keys is a list of keys, not ${inspect(keys)}`);
  }
  return [...keys];
}

function checkUrl(url: unknown): void {
  if (typeof url === 'string') return;
  throw new OptionError(`the address is a text, such as 's3://bucket', not ${kindOf(url)}; of a URL give its href`);
}

function checkObject(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new OptionError(`options are an object, such as { budgetMs: 300 }, not ${inspect(options)}`);
  }
}

function checkNames(options: object, known: ReadonlySet<string>): void {
  checkObject(options);
  for (const name of Object.keys(options)) {
    if (known.has(name)) continue;
    if (name === 'timeout') {
      throw new OptionError('timeout is no option; write budgetMs: 300 (milliseconds, for the whole call)');
    }
    throw new OptionError(`there is no option ${name}; there are ${[...known].join(', ')}`);
  }
}

function packHeaders(headers: RequestHeaders | undefined): (string | boolean)[] {
  if (headers === undefined) return [];
  return headerPairs(headers).flatMap(([name, value]) => [name, value, NEUTRAL.has(name.toLowerCase())]);
}
