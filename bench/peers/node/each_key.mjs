// A page of a library that fetches one object a call: as many calls at once as there are connections, the rest in a line in front
// of the library, and whatever they have brought by the deadline.
//
// `await Promise.allSettled(keys.map(…))` with an AbortSignal is shorter, and what the documentation of both libraries leads to; it
// is here as --unbounded. After one overload it does not come back: undici keeps a request that is aborted while it waits
// for a connection in the pool's line, and when its turn comes it closes the connection that it is given. So each page that was
// cut costs a connection a key, the pages behind it are cut as well, and so on. (Measured with undici 7.30: 40 pages of 55 keys a
// second, for three seconds nine times as many, then 40 again. In the six seconds after, no key came; with the line 92 % did in the
// first second and 99.5 % in each of the others.) And the AWS SDK signs what will never be sent. A line of one's own
// forgets what was aborted.
//
// The page waits for its calls or a timer, whichever is first, and its calls are aborted behind its back: they settle one by
// one, later, and nothing is to be learned from that.
import { setMaxListeners } from 'node:events';

import { callAt, nowNs } from './clock.mjs';
import { Slots } from './slots.mjs';

/** Of `fetchOne(key, signal)`, which resolves to a body or rejects. */
export function eachKey(callsMax, fetchOne) {
  const slots = new Slots(callsMax);
  return async (keys, deadlineNs, arrive, signal) => {
    if (nowNs() >= deadlineNs) return;
    // A listener for each key is meant; Node warns of the eleventh.
    setMaxListeners(0, signal);
    const calls = keys.map(async (key) => arrive(key, await slots.run(() => fetchOne(key, signal), signal)));
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
