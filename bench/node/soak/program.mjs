// The program that is watched in the soak. Its driver writes what to do, a word a line, and reads an answer to each.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

import { Client, shutdown } from 'octofetch';

import { Traffic } from './traffic.mjs';

const heap = createRequire(import.meta.url)(process.env.OCTO_SOAK_HEAP);
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
  // So that what is resident afterwards is in use, and not kept by malloc for later.
  trim() {
    globalThis.gc();
    return { inUse: heap.trim() };
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
