// How late the event loop is, at p99: while nothing is fetched, and while pages are fetched at a steady rate.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const NS_PER_MS = 1e6;
const P99 = 99;

export async function measureDelay(task, fetchPage) {
  const idleMs = await p99Of(() => pause(task.spanS * 1000));
  let pages = 0;
  const begunAt = performance.now();
  const loadedMs = await p99Of(async () => {
    pages = await fetchSteadily(task, fetchPage);
  });
  const keysPerS = (pages * task.keys * 1000) / (performance.now() - begunAt);
  return { idle_ms: idleMs, loaded_ms: loadedMs, keys_per_s: keysPerS };
}

/** A page at each of its instants, whether the one before has come or not. */
async function fetchSteadily(task, fetchPage) {
  const everyMs = (1000 * task.keys) / task.rate;
  const begunAt = performance.now();
  const underWay = [];
  for (let page = 0; page * everyMs < task.spanS * 1000; page++) {
    await pause(Math.max(0, begunAt + page * everyMs - performance.now()));
    underWay.push(fetchPage(task.keysOf(page)).then((bodies) => task.read(bodies)));
  }
  await Promise.all(underWay);
  return underWay.length;
}

async function p99Of(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(P99) / NS_PER_MS;
}
