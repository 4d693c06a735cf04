// Processor time of the process and of the thread that runs JavaScript, and wall time; page_meter.hpp is the same for C.
import { readFileSync } from 'node:fs';

// The main thread has the number of its process. The kernel counts it up at every switch and tick.
const SCHEDULED = `/proc/self/task/${process.pid}/schedstat`;

export function read() {
  const { user, system } = process.cpuUsage();
  const scheduledNs = Number(readFileSync(SCHEDULED, 'latin1').split(' ')[0]);
  return { wallS: performance.now() / 1e3, processS: (user + system) / 1e6, callerS: scheduledNs / 1e9 };
}

export function report(begin, end, keys) {
  return {
    keys,
    wall_s: end.wallS - begin.wallS,
    process_s: end.processS - begin.processS,
    caller_s: end.callerS - begin.callerS,
  };
}
