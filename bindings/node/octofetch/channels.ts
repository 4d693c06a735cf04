// What is published for tracing, through node:diagnostics_channel, at the freeze of each batch: `octofetch:batch` once, and
// `octofetch:request` for each of its requests. The library keeps no records of single attempts; of a request it tells how
// many there were, to which address the last one went, and where the time went.
import { channel } from 'node:diagnostics_channel';

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

const batches = channel('octofetch:batch');
const requests = channel('octofetch:request');

export function publishBatch(client: Client, results: Results): void {
  if (batches.hasSubscribers) batches.publish({ client, results } satisfies BatchMessage);
  if (!requests.hasSubscribers) return;
  for (const result of results) requests.publish({ client, results, result } satisfies RequestMessage);
}
