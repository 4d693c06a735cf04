// What is published for tracing, through node:diagnostics_channel, at the freeze of each batch: `octofetch:batch` once,
// `octofetch:request` for each of its requests, and `octofetch:attempt` for each exchange on the wire, which batches keep while
// somebody subscribes.
import { channel } from 'node:diagnostics_channel';

import type { Attempt } from './attempts';
import type { Client } from './client';
import type { Result } from './result';
import type { Results } from './results';

/** What subscribers of `octofetch:batch` get. */
export interface BatchMessage {
  client: Client;
  results: Results;
}

/** What subscribers of `octofetch:request` get. */
export interface RequestMessage extends BatchMessage {
  result: Result;
}

/** What subscribers of `octofetch:attempt` get; `attempt.index` is that of its request in the results. */
export interface AttemptMessage extends BatchMessage {
  attempt: Attempt;
}

const batches = channel('octofetch:batch');
const requests = channel('octofetch:request');
const attempts = channel('octofetch:attempt');

/** Whether somebody is told of batches now. What is told runs where the batch was submitted, as traces need it. */
export function isWatched(): boolean {
  return batches.hasSubscribers || requests.hasSubscribers || attempts.hasSubscribers;
}

/** Whether a batch has to keep its attempts for a subscriber. */
export function areAttemptsWatched(): boolean {
  return attempts.hasSubscribers;
}

export function publishBatch(client: Client, results: Results, keepsAttempts: boolean): void {
  if (batches.hasSubscribers) batches.publish({ client, results } satisfies BatchMessage);
  if (requests.hasSubscribers) {
    for (const result of results) requests.publish({ client, results, result } satisfies RequestMessage);
  }
  // Those that were submitted before anybody subscribed keep none.
  if (!attempts.hasSubscribers || !keepsAttempts) return;
  for (const attempt of results.attempts()) attempts.publish({ client, results, attempt } satisfies AttemptMessage);
}
