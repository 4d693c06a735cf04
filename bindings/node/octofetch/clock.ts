// Time, for what goes on beside the library: the system's clock and timers as they were when the package was loaded. Fake
// ones that a test puts in their place neither stop it nor hasten it, nor count its timers among their own.
import timers from 'node:timers';

import { addon } from './native';

export interface Clock {
  /** Unix time, which may be set back and forth. */
  dateMs(): number;
  /** On the library's clock, which only runs forward. */
  steadyMs(): number;
  /** Calls once, unless what it answers is called before. It keeps the process alive only where `isAwaited` says so. */
  after(delayMs: number, call: () => void, isAwaited?: boolean): () => void;
}

const { setTimeout, clearTimeout } = timers;
const dateMs = Date.now.bind(Date);

const US_PER_MS = 1000;

export const SYSTEM_CLOCK: Clock = {
  dateMs,
  steadyMs: () => addon.nowUs() / US_PER_MS,
  after(delayMs, call, isAwaited = false) {
    const timer = setTimeout(call, delayMs);
    if (!isAwaited) timer.unref();
    return () => clearTimeout(timer);
  },
};
