// Who signs the requests of an s3 client: a set of credentials, and the provider that is asked for one.
import path from 'node:path';
import { types } from 'node:util';

import { CREDENTIALS } from './aws';
import type { Engine } from './engine';
import { kindOf, OptionError } from './errors';
import type { OptionValue } from './options';
import type { Result } from './result';

/** What attempts are signed with; as the AWS SDK has them. Without an `expiration` they never end. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  expiration?: Date | undefined;
}

export type CredentialsProvider = () => Promise<Credentials>;

// What S3 says of credentials that were good and are no more. Tokens end with a 400, deleted keys with a 403.
const REFUSED_CODES = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'TokenRefreshRequired',
  'InvalidAccessKeyId',
]);

/** Before anything is opened, or the provider called. */
export function checkCredentials(url: string, credentials: unknown, options: object): void {
  if (credentials === undefined) return;
  if (typeof credentials !== 'function') checkSet(credentials);
  const given: Record<string, unknown> = { ...options };
  const beside = CREDENTIALS.find((keyword) => given[keyword] !== undefined);
  if (beside !== undefined) throw new OptionError(`credentials and ${beside} are two answers to who signs; drop one`);
  if (!/^s3:/i.test(url)) {
    throw new OptionError('credentials: only an s3:// origin is signed; drop it, or set a header', 'UNSUPPORTED');
  }
}

/** Refuses what is no set, and repeats nothing of it. */
export function checkSet(given: unknown): asserts given is Credentials {
  if (typeof given !== 'object' || given === null) {
    throw new OptionError(`credentials is a set of them, or a function that resolves to one, not ${kindOf(given)}`);
  }
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = given as Record<string, unknown>;
  for (const [name, value] of Object.entries({ accessKeyId, secretAccessKey })) {
    if (typeof value !== 'string') throw new OptionError(`credentials have no ${name}`);
  }
  if (sessionToken !== undefined && typeof sessionToken !== 'string') {
    throw new OptionError(`credentials: sessionToken is a text, not ${kindOf(sessionToken)}`);
  }
  if (expiration === undefined) return;
  if (!types.isDate(expiration)) throw new OptionError(`credentials: expiration is a Date, not ${kindOf(expiration)}`);
  if (Number.isNaN(expiration.getTime())) throw new OptionError('credentials: expiration is an invalid Date');
}

/** What is remembered of a set once the library has it. */
export interface Signer {
  accessKeyId: string;
  hasToken: boolean;
  /** Unix time; Infinity where it never ends. */
  endsAtMs: number;
}

export function signerOf({ accessKeyId, sessionToken, expiration }: Credentials): Signer {
  const hasToken = sessionToken !== undefined && sessionToken !== '';
  return { accessKeyId, hasToken, endsAtMs: expiration?.getTime() ?? Infinity };
}

export function giveCredentials(engine: Engine, set: Credentials): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = set;
  const expiresAtS = expiration === undefined ? undefined : Math.max(0, Math.floor(expiration.getTime() / 1000));
  engine.setCredentials(accessKeyId, secretAccessKey, sessionToken, expiresAtS);
}

/** What describe() shows of them; a provider that has not answered has given none. */
export function shownCredentials(signer: Signer | undefined, source: string): [string, OptionValue][] {
  const { accessKeyId, hasToken, endsAtMs } = signer ?? { accessKeyId: '', hasToken: false, endsAtMs: Infinity };
  const values = [accessKeyId, signer === undefined ? '' : '***', hasToken ? '***' : ''];
  const end = endsAtMs === Infinity ? {} : { expiresAt: new Date(endsAtMs) };
  return CREDENTIALS.map((keyword, at) => [keyword, { value: values[at] ?? '', source, ...end }]);
}

/** The kind of an error and the line it came from. Its text stays out: it may quote what could not be parsed. */
export function describedError(error: unknown): string {
  if (!types.isNativeError(error)) return kindOf(error);
  const places = (error.stack ?? '').replace(error.message, '');
  const [, file, line] = /^\s+at .*?\(?([^()]+):(\d+):\d+\)?$/m.exec(places) ?? [];
  return file === undefined ? error.name : `${error.name} at ${path.basename(file)}:${line}`;
}

/** Whether the origin, or the library for it, refuses the credentials as ones that have ended. */
export function areRefused(results: Iterable<Result>): boolean {
  for (const result of results) {
    const { status } = result;
    if (status === 'NO_CREDENTIALS') return true;
    if ((status === 'CLIENT_ERROR' || status === 'FORBIDDEN') && REFUSED_CODES.has(result.errorCode)) return true;
  }
  return false;
}
