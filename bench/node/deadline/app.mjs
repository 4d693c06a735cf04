// The application: node:http, one process, one loop. Prints its port, and ends with its standard input.
//
// Each page is awaited by its handler and, beside it, by a timer to the same instant: what any program in this loop would have
// to wait for, however late the loop is.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { FETCHERS } from './fetchers.mjs';

const names = ['fetcher', 'origin', 'connections', 'keys', 'budget', 'loop'];
const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
const keyCount = Number(values.keys);
const budgetMs = Number(values.budget) * 1000;
const fetchPage = FETCHERS[values.fetcher](values.origin, Number(values.connections));

let pages = [];
const controls = new Set();

async function servePage(number) {
  const page = { asked: keyCount, delivered: 0, handler_late_s: null, control_late_s: null };
  const deadline = performance.now() + budgetMs;
  const control = sleepUntil(deadline, page).finally(() => controls.delete(control));
  controls.add(control);
  const keys = Array.from({ length: keyCount }, (_, at) => `o${(number * keyCount + at) % 10_000}`);
  page.delivered = await fetchPage(keys, deadline - performance.now());
  page.handler_late_s = (performance.now() - deadline) / 1000;
  pages.push(page);
  return { delivered: page.delivered };
}

/**
 * Until the instant has truly passed. A timer counts whole milliseconds from when its turn of the loop began, which may have
 * been long ago: then it is early, and is set again.
 */
async function sleepUntil(deadline, page) {
  for (let leftMs = deadline - performance.now(); leftMs > 0; leftMs = deadline - performance.now()) {
    await pause(Math.ceil(leftMs));
  }
  page.control_late_s = (performance.now() - deadline) / 1000;
}

/** All that has ended, with their controls; begins anew. */
async function report() {
  await Promise.all(controls);
  const taken = pages;
  pages = [];
  return taken;
}

const server = http.createServer(async (request, response) => {
  const [, what, number] = request.url.split('/');
  const body = JSON.stringify(await (what === 'report' ? report() : servePage(Number(number))));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
});
server.keepAliveTimeout = 0;
server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
process.stdin.on('end', () => process.exit(0)).resume();
