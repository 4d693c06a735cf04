// octofetch: one call a page.
import { buildInformation, Client } from 'octofetch';

import { BUDGET_MS } from '../task.mjs';

export function open(task) {
  // Connections are opened all at once, which may take longer than the second that one has by default.
  const client = new Client(task.url, {
    connectionsMax: task.connections,
    connectTimeoutMs: BUDGET_MS,
    tlsCaFile: task.caFile,
  });
  return async (keys) => (await client.fetch(keys, { budgetMs: BUDGET_MS })).map((result) => result.body);
}

export const version = buildInformation;
