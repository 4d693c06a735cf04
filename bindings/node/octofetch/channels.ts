// What is published for tracing, through node:diagnostics_channel: `octofetch:batch`, at the freeze of each batch.
import { channel } from 'node:diagnostics_channel';

import type { Client } from './client';
import type { Results } from './results';

/** What subscribers of `octofetch:batch` get. */
export interface BatchMessage {
  client: Client;
  results: Results;
}

const batches = channel('octofetch:batch');

export function publishBatch(client: Client, results: Results): void {
  if (batches.hasSubscribers) batches.publish({ client, results } satisfies BatchMessage);
}
