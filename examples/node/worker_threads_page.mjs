// A server whose pages are put together by worker threads, each with a client of its own.
//
//     OCTOFETCH_THUMBS_URL=https://images.example/thumbs node worker_threads_page.mjs
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import { Client, Deadline } from 'octofetch';

if (isMainThread) serve();
else work();

function serve() {
  const workers = [0, 1].map(() => new Worker(fileURLToPath(import.meta.url)));
  const waiting = new Map();
  let lastId = 0;
  for (const worker of workers) {
    worker.on('message', ({ id, page }) => {
      waiting.get(id)?.setHeader('Content-Type', 'application/json').end(JSON.stringify(page));
      waiting.delete(id);
    });
  }
  const server = createServer((request, response) => {
    waiting.set(++lastId, response);
    // The clock of a deadline is the same in every thread, so that the way to the worker counts.
    const { atUs } = Deadline.after(300);
    workers[lastId % workers.length].postMessage({ id: lastId, names: request.url.slice(1).split(','), atUs });
  });
  server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${server.address().port}`);
  });
  process.once('SIGTERM', () => {
    server.close();
    for (const worker of workers) void worker.terminate();
  });
}

function work() {
  const thumbs = new Client(process.env.OCTOFETCH_THUMBS_URL, { name: 'thumbs' });
  parentPort.on('message', async ({ id, names, atUs }) => {
    const results = await thumbs.fetch(names, { deadline: Deadline.at(atUs) });
    const sizes = Object.fromEntries(results.succeeded.map(({ key, body }) => [key, body.length]));
    parentPort.postMessage({ id, page: { sizes, late: results.late.map(({ key }) => key) } });
  });
}
