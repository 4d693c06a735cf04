// A worker of the soak: fetches until it is terminated, and says when it begins.
import { parentPort, workerData } from 'node:worker_threads';

import { Client } from 'octofetch';

const client = new Client(workerData.url, { connectionsMax: 8 });
parentPort.postMessage('fetching');
for (;;) {
  const pages = [1, 2].map(() => client.fetch(workerData.keys, { budgetMs: 250 }));
  await Promise.all(pages);
}
