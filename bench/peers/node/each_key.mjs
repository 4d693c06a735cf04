// A page of a library that fetches one object a call: all calls at once, and whatever they have brought by the deadline.
//
// `await Promise.allSettled(…)` with AbortSignal.timeout is shorter, and what the documentation of both libraries leads to. But
// then the page ends when the last call has noticed the abort: undici rejects a request that still stands in the pool's
// line only when its turn comes, and with the AWS SDK some ten promises a key settle one after the other. So the
// page waits for all calls or a timer, whichever is first, and the calls are aborted behind its back.
import { setMaxListeners } from 'node:events';

import { callAt, nowNs } from './clock.mjs';

/** Of `fetchOne(key, signal)`, which resolves to a body or rejects. */
export function eachKey(fetchOne) {
  return async (keys, deadlineNs, arrive, signal) => {
    if (nowNs() >= deadlineNs) return;
    // A listener for each key is meant; Node warns of the eleventh.
    setMaxListeners(0, signal);
    const calls = keys.map(async (key) => arrive(key, await fetchOne(key, signal)));
    await firstOf(Promise.allSettled(calls), deadlineNs);
  };
}

async function firstOf(settled, deadlineNs) {
  let callOff;
  const late = new Promise((resolve) => {
    callOff = callAt(deadlineNs, resolve);
  });
  await Promise.race([settled, late]);
  callOff();
}
