// Instants of CLOCK_MONOTONIC in nanoseconds, and waiting for one. A number holds them exactly for the first 104 days of a machine.
import { clearTimeout, setTimeout } from 'node:timers';

const NS_PER_MS = 1e6;

export function nowNs() {
  return Number(process.hrtime.bigint());
}

/**
 * Calls `ring` when the instant has truly passed, at once where it has already; what it gives calls that off. setTimeout
 * counts whole milliseconds from when its turn of the loop began, and may be early: then it is set again.
 */
export function callAt(instantNs, ring) {
  let timer;
  const look = () => {
    const leftNs = instantNs - nowNs();
    if (leftNs > 0) timer = setTimeout(look, Math.ceil(leftNs / NS_PER_MS));
    else ring();
  };
  look();
  return () => clearTimeout(timer);
}
