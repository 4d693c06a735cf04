// Runs one contender: `contender.mjs NAME --url …`; prints what its counted pages took as one line of JSON, one page after
// the other, as one worker of a web server would. With --rate, how late its event loop is instead.
import { measureDelay } from './delay.mjs';
import * as meter from './meter.mjs';
import { readTask } from './task.mjs';

const MICROSECONDS = 1e6;

async function measureCost(task, fetchPage) {
  const begin = meter.read();
  const enough = process.cpuUsage();
  let page = 0;
  for (; !hasPassed(enough, task.spanS); page++) task.read(await fetchPage(task.keysOf(page)));
  return meter.report(begin, meter.read(), page * task.keys);
}

function hasPassed(since, spanS) {
  const { user, system } = process.cpuUsage(since);
  return user + system >= spanS * MICROSECONDS;
}

async function main() {
  const task = readTask();
  const { open, version } = await import(`./contenders/with_${task.contender}.mjs`);
  const fetchPage = open(task);
  for (let page = 0; page < task.warmPages; page++) task.check(await fetchPage(task.keysOf(page)));
  const figures = await (task.rate === undefined ? measureCost : measureDelay)(task, fetchPage);
  console.log(JSON.stringify({ ...figures, version: `${version}, Node ${process.versions.node}` }));
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(`${error.message} ${error.cause?.message ?? ''}`.replaceAll('\n', ' '));
  process.exit(1);
}
