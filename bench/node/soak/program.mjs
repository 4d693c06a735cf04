// The program that is watched in the soak. Its driver writes what to do, a word a line, and reads an answer to each.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

import { Client, shutdown } from 'octofetch';

import { Traffic } from './traffic.mjs';

const origin = JSON.parse(process.argv[2]);
const SHUTDOWN_MS = 10_000;
let traffic;

const COMMANDS = {
  // With every thread ended; after a fetch and a worker, as some descriptors are opened once in the life of a process.
  async rest() {
    const client = new Client(origin.http);
    await client.fetch(['clean/0'], { budgetMs: 20_000 });
    await client.close();
    const worker = new Worker('setTimeout(() => {}, 60_000)', { eval: true });
    await once(worker, 'online');
    await worker.terminate();
    return { ended: await shutdown(SHUTDOWN_MS) };
  },
  start() {
    traffic = new Traffic(origin);
    traffic.start();
    return {};
  },
  // Garbage is collected, as otherwise what V8 has not come to yet would be most of what changes.
  pause() {
    traffic.isPaused = true;
    globalThis.gc();
    return traffic.tally;
  },
  resume() {
    traffic.isPaused = false;
    return traffic.tally;
  },
  async stop() {
    await traffic.stop();
    return traffic.tally;
  },
};

for await (const word of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await COMMANDS[word]()));
}
// Whoever told it is gone, or has all it wanted.
process.exit(0);
