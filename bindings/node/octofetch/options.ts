// A client's options: names from the library's table, the environment's defaults below them, and where each is from.
// ClientOptions is for type checkers; a test compares it with the table, which alone says what exists at run time.
import { inspect } from 'node:util';

import { awsDefaults, CREDENTIALS } from './aws';
import { checkedMs, toUs } from './deadline';
import { kindOf, OptionError } from './errors';
import { headerLines, type RequestHeaders } from './headers';
import { addon } from './native';
import { findRoots } from './roots';

/** Milliseconds, or a text such as `1.2s`. */
export type Duration = number | string;
/** Bytes, or a text such as `64KiB`. */
export type Size = number | string;

/** What `client.set` may change while the client is open. */
export interface ReloadableOptions {
  budgetMs?: Duration | undefined;
  memoryMax?: Size | undefined;
}

/** What a client takes; docs/options.md describes each. */
export interface ClientOptions extends ReloadableOptions {
  name?: string | undefined;
  connectionsMax?: number | undefined;
  connectTimeoutMs?: Duration | undefined;
  connectNextAfterMs?: Duration | undefined;
  queueMax?: number | undefined;
  batchRequestsMax?: number | undefined;
  objectSizeMax?: Size | undefined;
  idleMaxMs?: Duration | undefined;
  dnsRefreshMs?: Duration | undefined;
  dnsKeepMs?: Duration | undefined;
  dnsAddresses?: string | readonly string[] | undefined;
  orphanSizeMax?: Size | undefined;
  orphanTimeMaxMs?: Duration | undefined;
  threadsIdleMs?: Duration | undefined;
  tlsCaFile?: string | undefined;
  tlsCaDirectory?: string | undefined;
  tlsCaPem?: string | readonly string[] | undefined;
  headers?: string | RequestHeaders | undefined;
  userAgent?: string | undefined;
  keyDotSegments?: boolean | undefined;
  responseUnframed?: boolean | undefined;
  region?: string | undefined;
  endpoint?: string | undefined;
  addressing?: string | undefined;
  dualStack?: boolean | undefined;
  accessKeyId?: string | undefined;
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
  unsigned?: boolean | undefined;
  plainHttp?: boolean | undefined;
}

/**
 * The value in force, secrets as `***`, and where it is from: option, set, a variable of the environment, or default; of who
 * signs also `credentials` or `credentials provider`, with the end of the set that it gave.
 */
export interface OptionValue {
  value: string;
  source: string;
  expiresAt?: Date | undefined;
}

/** Rows of the library's table. `keyword` is the name here: without dots and what says "of s3", with Ms for spans. */
interface Row {
  name: string;
  keyword: string;
  type: number;
}

/** A value on its way to the library. */
export interface Chosen {
  name: string;
  keyword: string;
  text: string;
  source: string;
}

const [TEXT, BOOL, COUNT, SIZE, DURATION] = [0, 1, 2, 3, 4];
const WANTED = ['a text', 'true or false', 'a whole number', "a number of bytes or a text such as '64KiB'", 'milliseconds'];
const S3 = 's3.';
// No text repeats them.
const MAYBE_SECRET = new Set([...CREDENTIALS, 'headers', 'tlsCaPem']);

const table: ReadonlyMap<string, Row> = new Map(
  addon.describeOptions().map(([name, , , , , , type]): [string, Row] => {
    const words = name.replace(S3, '').split(/[._]/);
    const camel = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
    const keyword = type === DURATION ? `${camel}Ms` : camel;
    return [keyword, { name, keyword, type }];
  }),
);

export function keywords(): Iterable<string> {
  return table.keys();
}

export function optionName(keyword: string): string {
  return rowOf(keyword).name;
}

/**
 * What a client is opened with: options before OCTOFETCH_<NAME>_<OPTION> before OCTOFETCH_<OPTION>. Below them stands what
 * AWS's variables say of an s3 client, and where the roots for TLS are. `hasCredentials` says that those of options and
 * variables do not count.
 */
export function chosen(url: string, options: ClientOptions, hasCredentials = false): Chosen[] {
  const found = givenOf(options).map(([keyword, value]): Chosen => {
    const row = rowOf(keyword);
    return { ...row, text: toText(row, value), source: 'option' };
  });
  const isS3 = /^s3:/i.test(url);
  const name = options.name ?? process.env.OCTOFETCH_NAME;
  const prefixes = name === undefined ? ['OCTOFETCH_'] : [`OCTOFETCH_${variable(name)}_`, 'OCTOFETCH_'];
  const signers = hasCredentials ? CREDENTIALS : [];
  for (const row of table.values()) {
    const isTaken = signers.includes(row.keyword) || found.some(({ keyword }) => keyword === row.keyword);
    // Options of s3 mean nothing to other clients of this process.
    if (!isTaken && (isS3 || !row.name.startsWith(S3))) found.push(...fromEnvironment(row, prefixes));
  }
  if (isS3) found.push(...ofAws(found, signers));
  return isSecure(url, isS3, found) ? [...found, ...roots(found)] : found;
}

function isSecure(url: string, isS3: boolean, found: readonly Chosen[]): boolean {
  const endpoint = found.find(({ keyword }) => keyword === 'endpoint')?.text ?? '';
  return /^https:/i.test(url) || (isS3 && !/^http:/i.test(endpoint));
}

function roots(found: readonly Chosen[]): Chosen[] {
  if (found.some(({ keyword, text }) => keyword.startsWith('tlsCa') && text !== '')) return [];
  return findRoots().map((root) => ({ ...rowOf(root.keyword), ...root }));
}

function ofAws(found: readonly Chosen[], signers: readonly string[]): Chosen[] {
  // `unsigned: false` says as much as nothing.
  const taken = found.filter(({ keyword, text }) => keyword !== 'unsigned' || !['false', '0'].includes(text));
  const keywordsTaken = new Set([...taken.map(({ keyword }) => keyword), ...signers]);
  return awsDefaults(keywordsTaken).map((one) => ({ ...rowOf(one.keyword), ...one }));
}

/** An option that is undefined is as good as none. */
export function givenOf(options: object): [string, unknown][] {
  return Object.entries(options).filter(([, value]) => value !== undefined);
}

/** As the library takes it. */
export function optionText(keyword: string, value: unknown): string {
  return toText(rowOf(keyword), value);
}

function fromEnvironment(row: Row, prefixes: readonly string[]): Chosen[] {
  for (const prefix of prefixes) {
    const source = prefix + variable(row.name);
    const text = process.env[source];
    // An empty one is as good as none, as for AWS's.
    if (text === undefined || text === '') continue;
    if (row.keyword === 'budgetMs') checkBudget(text, source);
    return [{ ...row, text, source }];
  }
  return [];
}

function checkBudget(value: unknown, name: string): void {
  if (typeof value === 'number') checkedMs(value, name);
  else if (typeof value === 'string' && QUANTITY.test(value)) checkedMs(readQuantity(value) / 1000, name);
}

function variable(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

function rowOf(keyword: string): Row {
  const found = table.get(keyword);
  if (found !== undefined) return found;
  if (keyword === 'timeout') {
    throw new OptionError('timeout is no option; a batch has budgetMs, and connecting has connectTimeoutMs');
  }
  const nearest = [...table.keys()]
    .map((known): [string, number] => [known, distance(known.toLowerCase(), keyword.toLowerCase())])
    .reduce((best, one) => (one[1] < best[1] ? one : best));
  const hint = nearest[1] <= keyword.length / 2 ? `; did you mean ${nearest[0]}?` : '';
  throw new OptionError(`there is no option ${keyword}${hint}`);
}

/** How many letters must be changed, added or left out. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** What a text says, the library checks, but for a budget that is too short for one in milliseconds. */
function toText({ keyword, type }: Row, value: unknown): string {
  if (keyword === 'budgetMs') checkBudget(value, keyword);
  if (typeof value === 'string') return value;
  if (type === BOOL && typeof value === 'boolean') return String(value);
  if (type === DURATION && typeof value === 'number') return `${toUs(value, keyword)}us`;
  if ((type === COUNT || type === SIZE) && Number.isSafeInteger(value)) return `${value}${type === SIZE ? 'B' : ''}`;
  if (keyword === 'tlsCaPem' && Array.isArray(value)) return value.join('\n');
  if (keyword === 'dnsAddresses' && Array.isArray(value)) return value.join(',');
  if (keyword === 'headers' && typeof value === 'object' && value !== null) {
    return headerLines(value as RequestHeaders);
  }
  const shown = MAYBE_SECRET.has(keyword) ? kindOf(value) : inspect(value);
  throw new OptionError(`${keyword} is ${WANTED[type] ?? WANTED[TEXT]}, not ${shown}`);
}

// The library's units.
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  ns: 0.001,
  us: 1,
  ms: 1000,
  s: 1_000_000,
  min: 60_000_000,
};

const QUANTITY = /^(\d+(?:\.\d+)?)([a-zA-Z]+)$/;

/** Bytes, or microseconds, of a value as the library writes it. */
export function readQuantity(text: string): number {
  const [, number = '0', unit = ''] = QUANTITY.exec(text) ?? [];
  return Number(number) * (UNITS[unit] ?? 1);
}
