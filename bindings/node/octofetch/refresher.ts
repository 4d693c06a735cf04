// Asks a client's provider for credentials when the client is opened, and in the background before those in use end. A batch
// waits for nothing but the first set.
//
// Of one thread of JavaScript. What may outlast the client, a timer and an answer that does not come, has this by a weak
// reference alone: a client that nobody holds is let go, and asked for no more.
import { AsyncResource } from 'node:async_hooks';

import { type Clock, SYSTEM_CLOCK } from './clock';
import { checkSet, type Credentials, type CredentialsProvider, describedError, type Signer, signerOf } from './credentials';
import { withoutDeadline } from './deadline';
import { CallError, ClosedError } from './errors';

// From here on before their end credentials are renewed; sets that live for less than twice as long, at half their life.
const MARGIN_MS = 15 * 60_000;
// A batch whose credentials were refused has the provider asked at once, but not more often than this.
const ASK_EVERY_MS = 5000;
const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 60_000;
// Failures double the pause this often at most; by then it has its maximum.
const DOUBLINGS_MAX = 10;
// A provider that has not answered by then has failed; what it answers later is not taken.
const ASK_MAX_MS = 60_000;
// Of each pause a quarter more or less, so that the processes of a service do not ask all at once.
const JITTER = 0.25;
// Timers are cut, as the clock they run by stands still while the machine sleeps, and for Node 25 days are none.
const TIMER_MAX_MS = 60_000;
const WARN_EVERY_MS = 10_000;

// What goes on in the background is of no request, and keeps none's async context: that of whoever loaded this.
const OUTSIDE = new AsyncResource('octofetch.credentials');

type Answer = { given: unknown } | { trouble: string };

/** The credentials of one client over time. */
export class Refresher {
  readonly #name: string;
  readonly #provider: CredentialsProvider;
  readonly #handOver: (set: Credentials) => void;
  readonly #clock: Clock;
  #current: Signer | undefined;
  #asking: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #marginMs = 0;
  #failureCount = 0;
  #isClosed = false;
  // On the steady clock.
  #askedAtMs = -Infinity;
  #notBeforeMs = -Infinity;
  #warnedAtMs = -Infinity;

  /** `handOver` is given each set to sign with; it throws where a set cannot be used. */
  constructor(
    name: string,
    provider: CredentialsProvider,
    handOver: (set: Credentials) => void,
    clock: Clock = SYSTEM_CLOCK,
  ) {
    this.#name = name;
    this.#provider = provider;
    this.#handOver = handOver;
    this.#clock = clock;
    this.#ask();
  }

  /** Of the set in use; undefined before there has been one. */
  get current(): Signer | undefined {
    return this.#current;
  }

  /** For each batch: the answer that it must wait for, which is none once there has been a set. */
  needed(): Promise<void> | undefined {
    // A timer is late where the event loop was blocked, or the process stopped.
    if (this.#pauseMs() <= 0) this.#ask();
    return this.#current === undefined ? this.#asking : undefined;
  }

  /** The credentials were refused: has them renewed now, unless that was tried a moment ago. */
  request(): void {
    if (this.#clock.steadyMs() - this.#askedAtMs >= ASK_EVERY_MS) this.#ask();
  }

  /** Whatever the provider answers from now on, nothing comes of it. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  /** How long until the provider is asked; Infinity where there is nothing to renew. */
  #pauseMs(): number {
    if (this.#isClosed || this.#asking !== undefined) return Infinity;
    const untilDueMs = this.#current === undefined ? 0 : this.#current.endsAtMs - this.#marginMs - this.#clock.dateMs();
    return Math.max(untilDueMs, this.#notBeforeMs - this.#clock.steadyMs());
  }

  #ask(): void {
    if (this.#isClosed || this.#asking !== undefined) return;
    OUTSIDE.runInAsyncScope(() => this.#askOutside());
  }

  #askOutside(): void {
    this.#askedAtMs = this.#clock.steadyMs();
    this.#cancelTimer?.();
    const self = new WeakRef<Refresher>(this);
    this.#asking = answerInTime(this.#provider, this.#clock).then((answer) => {
      const here = self.deref();
      if (here !== undefined) here.#end(answer);
    });
  }

  #end(answer: Answer): void {
    this.#asking = undefined;
    if (this.#isClosed) return;
    const trouble = 'trouble' in answer ? answer.trouble : this.#take(answer.given);
    try {
      // Its warning runs code of others, which may throw.
      if (trouble !== undefined) this.#noteFailure(trouble);
    } finally {
      this.#arm();
    }
  }

  #arm(): void {
    const pauseMs = this.#pauseMs();
    if (pauseMs === Infinity) return;
    const self = new WeakRef<Refresher>(this);
    this.#cancelTimer = this.#clock.after(Math.min(Math.max(pauseMs, 0), TIMER_MAX_MS), () => {
      const here = self.deref();
      if (here !== undefined) here.#wake();
    });
  }

  #wake(): void {
    if (this.#pauseMs() <= 0) this.#ask();
    else this.#arm();
  }

  /** Why the set cannot be used, or undefined. */
  #take(given: unknown): string | undefined {
    try {
      checkSet(given);
      const signer = signerOf(given);
      const leftMs = signer.endsAtMs - this.#clock.dateMs();
      if (leftMs <= 0) return 'it gave a set that has expired';
      this.#handOver(given);
      this.#keep(signer, leftMs);
    } catch (error) {
      if (error instanceof ClosedError) this.close();
      // Texts of ours repeat no secret.
      else return error instanceof CallError ? error.message : describedError(error);
    }
    return undefined;
  }

  #keep(signer: Signer, leftMs: number): void {
    this.#failureCount = 0;
    this.#notBeforeMs = -Infinity;
    if (leftMs !== Infinity && signer.endsAtMs === this.#current?.endsAtMs) {
      // The provider has nothing newer yet.
      this.#notBeforeMs = this.#clock.steadyMs() + Math.min(Math.max(leftMs / 4, ASK_EVERY_MS), RETRY_MAX_MS);
    } else {
      this.#marginMs = Math.min(MARGIN_MS, leftMs / 2);
    }
    this.#current = signer;
  }

  #noteFailure(trouble: string): void {
    const doubledMs = RETRY_MIN_MS * 2 ** Math.min(this.#failureCount, DOUBLINGS_MAX);
    const pauseMs = Math.min(doubledMs, RETRY_MAX_MS) * (1 - JITTER + 2 * JITTER * Math.random());
    this.#failureCount += 1;
    const nowMs = this.#clock.steadyMs();
    this.#notBeforeMs = nowMs + pauseMs;
    if (nowMs - this.#warnedAtMs < WARN_EVERY_MS) return;
    this.#warnedAtMs = nowMs;
    const left = this.#current === undefined ? 'there are none to sign with' : 'those from before stay in use';
    process.emitWarning(
      `${this.#name}: the credentials provider failed: ${trouble}; ${left}, and it is asked again in ${(pauseMs / 1000).toFixed(1)} s`,
      { type: 'OctofetchWarning', code: 'OCTO_NO_CREDENTIALS' },
    );
  }
}

function answerInTime(provider: CredentialsProvider, clock: Clock): Promise<Answer> {
  return new Promise((resolve) => {
    const stop = clock.after(ASK_MAX_MS, () => resolve({ trouble: `it has not answered for ${ASK_MAX_MS / 1000} s` }));
    void answerOf(provider).then((answer) => {
      stop();
      resolve(answer);
    });
  });
}

/** Never rejects; also a provider that throws before it has made a promise is answered later. */
async function answerOf(provider: CredentialsProvider): Promise<Answer> {
  try {
    return { given: await withoutDeadline(provider) };
  } catch (error) {
    return { trouble: describedError(error) };
  }
}
