// Finds and loads the addon, and says what it offers; bindings/node/native has the other side.
import { existsSync } from 'node:fs';
import path from 'node:path';

/** What knows more of a batch's results, by their index there, for when somebody asks. */
export interface RecordSource {
  /** As records.ts names them. */
  numbers(index: number): Float64Array;
  /** Each ends in NUL. */
  texts(index: number): string;
}

/** Index, status and body of a result, of one result after the other. */
export type PackedRecords = readonly (number | Buffer | undefined)[];

/** Of octo_batch_info: state, settled, ok, missing, late, failed, budgetUs, frozenUs, pickupLagUs, bodySize. */
export type PackedInfo = readonly number[];

export const INFO_COUNT = 10;

/** As requests.cpp reads it: key, flags, query, versionId, ifNoneMatch, rangeFirst, rangeLast, priority. */
export type PackedRequest = [
  string | Uint8Array,
  number,
  string | undefined,
  string | undefined,
  string | undefined,
  number,
  number,
  number,
];

/** The numbers of octo_attempt, of one attempt after the other, as attempts.ts names them; and their addresses, each with NUL. */
export type PackedAttempts = [Float64Array, string];

export interface NativeBatch extends RecordSource {
  explain(format: number): string;
  /** Of a frozen batch; undefined where it keeps none. */
  attempts(): PackedAttempts | undefined;
  cancel(): void;
}

/** What listen() answers: wakes the modules that called it. */
export interface Listener {
  readonly listener: unique symbol;
}

export interface NativeClient {
  submit(
    /** Or one text with NUL between the keys, which crosses for a fifth of what many cost. */
    keys: readonly (string | Uint8Array | PackedRequest)[] | string,
    budgetUs: number | undefined,
    deadlineUs: number | undefined,
    headers: readonly (string | boolean)[],
    listener: Listener,
    tag: number,
    isStream: boolean,
    keepsAttempts: boolean,
  ): NativeBatch;
  set(name: string, value: string): void;
  get(name: string): string;
  setCredentials(
    accessKeyId: string,
    secretAccessKey: string,
    sessionToken: string | undefined,
    expiresAtS: number | undefined,
  ): void;
  warm(listener: Listener, token: number, connections: number, waitUs: number): void;
  drain(): number;
  stats(): Record<string, number>;
  explain(): string;
  close(): void;
}

/** name, default, minimum, maximum, unit, text, type, flags */
export type OptionRow = [string, string, string, string, string, string, number, number];

export interface Addon {
  Client: new (url: string, options: readonly string[]) => NativeClient;
  version: string;
  buildInformation: string;
  nowUs(): number;
  statusText(status: number): string;
  phaseName(phase: number): string;
  sourceName(source: number): string;
  attemptCauseName(cause: number): string;
  describeOptions(): OptionRow[];
  /** `values` are INFO_COUNT of PackedInfo, with the state AGAIN as long as more is to come, and then PackedRecords. */
  listen(
    take: (tag: number, source: RecordSource, ...values: (number | Buffer | undefined)[]) => void,
    fail: (tag: number, reason: unknown) => void,
    answer: (token: number, status: number, text: string) => void,
  ): Listener;
  /** Calls `take` with what a batch has by now; one past its deadline is frozen then, whatever other threads do. */
  deliver(listener: Listener, tag: number): void;
  hold(listener: Listener, isAwaited: boolean): void;
  shutDown(listener: Listener, token: number, waitUs: number): void;
}

const FILE = 'octofetch.node';

/** As tools/node_package.mjs packs them. */
const PLATFORMS = ['linux-x64-gnu', 'linux-arm64-gnu', 'linux-x64-musl', 'linux-arm64-musl', 'darwin-x64', 'darwin-arm64'];
const BUILD = 'build from a clone (npm run build) and name the file in OCTOFETCH_NATIVE';

export function platform(): string {
  const { platform: system, arch } = process;
  if (system !== 'linux') return `${system}-${arch}`;
  return `${system}-${arch}-${isGlibc() ? 'gnu' : 'musl'}`;
}

function isGlibc(): boolean {
  // A report lists the network's names unless it is told not to, which takes as long as they take to resolve.
  const report = process.report as { excludeNetwork?: boolean } & NodeJS.ProcessReport;
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before ?? false;
  return header.glibcVersionRuntime !== undefined;
}

function find(): string {
  const named = process.env.OCTOFETCH_NATIVE;
  if (named !== undefined) return named;
  const beside = path.join(__dirname, '..', FILE);
  if (existsSync(beside)) return beside;
  const here = platform();
  const name = `@octofetch/${here}`;
  try {
    return require.resolve(`${name}/${FILE}`);
  } catch (cause) {
    throw new Error(PLATFORMS.includes(here) ? notInstalled(name) : noPackage(here), { cause });
  }
}

function notInstalled(name: string): string {
  return (
    `octofetch: the package ${name} is not installed. It comes with octofetch as an optional dependency: install ` +
    `without --omit=optional (--no-optional), on the system that you run on, and with a lockfile that lists it; or ${BUILD}`
  );
}

function noPackage(here: string): string {
  return `octofetch: there is no package for ${here}, only for ${PLATFORMS.join(', ')}; elsewhere, ${BUILD}`;
}

// A path that only run time knows is none that a bundler looks for.
export const addon = module.require(find()) as Addon;
