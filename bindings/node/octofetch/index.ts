// Fetches many small objects from S3 or HTTP by a deadline: what came by then, and for every other key the reason.
//
//     import { Client } from 'octofetch';
//     const thumbs = new Client('https://images.example/thumbs', { name: 'thumbs' });
//     const results = await thumbs.fetch(['a.jpg', 'b.jpg'], { budgetMs: 300 });
//
// docs/node has the whole.
import { addon } from './native';

export type { Attempt, AttemptCause } from './attempts';
export { Batch, type OnAbort } from './batch';
export type { AttemptMessage, BatchMessage, RequestMessage } from './channels';
export { Client, type FetchOptions, type OpenOptions, shutdown, type Stats, type WarmOptions } from './client';
export type { Credentials, CredentialsProvider } from './credentials';
export { Deadline, withDeadline } from './deadline';
export {
  BatchError,
  CallError,
  ClosedError,
  DecodeError,
  FetchError,
  OctofetchError,
  OptionError,
  WarmError,
} from './errors';
export type { RequestHeaders } from './headers';
export type { Inside, InsideAddress, InsideBatch } from './inside';
export type { ClientOptions, Duration, OptionValue, ReloadableOptions, Size } from './options';
export type { BatchInfo, Numbers, Phase, Source } from './records';
export type { Get, Key, Priority, Range } from './request';
export type { Body, Failure, Outcome, Result, Success, Timings } from './result';
export { type ExplainFormat, Results, type SettledBody } from './results';
export { fromS3Client, type S3ClientLike, type S3Options } from './s3';
export type { Status } from './status';

export const version: string = addon.version;

/** One line that names the versions of the libraries in use. */
export const buildInformation: string = addon.buildInformation;
