// When a provider is asked for credentials, on a clock that the test moves.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import type { Credentials } from 'octofetch';
import type { Clock } from 'octofetch/lib/clock';
import type * as refreshing from 'octofetch/lib/refresher';

import { warningsOf } from './origin_fixture';

// Users have no door to it.
const inner = path.join(path.dirname(require.resolve('octofetch')), 'refresher.js');
const { Refresher } = module.require(inner) as typeof refreshing;

const MINUTE_MS = 60_000;
const SECRET = 'wJalrXUtnFEMI';

class StandInClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  #timers: { atMs: number; call: () => void }[] = [];
  longestMs = 0;

  dateMs(): number {
    return this.#nowMs;
  }

  steadyMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, call };
    this.longestMs = Math.max(this.longestMs, delayMs);
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  /** Fires what becomes due on the way, and lets what is awaited go on. */
  async advance(spanMs: number): Promise<void> {
    const endMs = this.#nowMs + spanMs;
    await settled();
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((one, other) => one.atMs - other.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
      await settled();
    }
    this.#nowMs = endMs;
  }

  /** As the process sees it that was stopped meanwhile: no timer has fired. */
  leap(spanMs: number): void {
    this.#nowMs += spanMs;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

// One that nobody holds is let go.
const held: unknown[] = [];

type Provider = (clock: StandInClock, count: number) => Promise<Credentials>;

/** A refresher of a provider that counts when it is asked, in minutes since the beginning. */
function started(provider: Provider) {
  const clock = new StandInClock();
  const begunMs = clock.dateMs();
  const askedAtMin: number[] = [];
  const handedOver: string[] = [];
  const ask = (): Promise<Credentials> => {
    askedAtMin.push((clock.dateMs() - begunMs) / MINUTE_MS);
    return provider(clock, askedAtMin.length);
  };
  const refresher = new Refresher('thumbs', ask, ({ accessKeyId }) => handedOver.push(accessKeyId), clock);
  held.push(refresher);
  return { clock, askedAtMin, handedOver, refresher };
}

function living(clock: StandInClock, lifeMin: number, count: number): Credentials {
  const expiration = new Date(clock.dateMs() + lifeMin * MINUTE_MS);
  return { accessKeyId: `SET${count}`, secretAccessKey: SECRET, expiration };
}

test('a set is renewed from 15 minutes before its end, again and again', async () => {
  const { clock, askedAtMin, handedOver, refresher } = started(async (now, count) => living(now, 60, count));
  await clock.advance(100 * MINUTE_MS);
  assert.deepEqual(askedAtMin, [0, 45, 90]);
  assert.deepEqual(handedOver, ['SET1', 'SET2', 'SET3']);
  assert.equal(refresher.needed(), undefined);
  // A machine that slept is noticed within a minute, and no timer is longer than Node can have one.
  assert.ok(clock.longestMs <= MINUTE_MS);
  assert.equal(clock.timerCount, 1);
});

test('a set that lives for less than half an hour is renewed in the middle of its life', async () => {
  const { clock, askedAtMin } = started(async (now, count) => living(now, 10, count));
  await clock.advance(11 * MINUTE_MS);
  assert.deepEqual(askedAtMin, [0, 5, 10]);
});

test('a set without an end is not renewed, and nothing waits', async () => {
  const { clock, askedAtMin, refresher } = started(async () => ({ accessKeyId: 'SET', secretAccessKey: SECRET }));
  const needed = refresher.needed();
  assert.ok(needed !== undefined);
  await needed;
  assert.equal(refresher.needed(), undefined);
  await clock.advance(10_000 * MINUTE_MS);
  assert.deepEqual(askedAtMin, [0]);
  assert.equal(clock.timerCount, 0);
});

test('a failure leaves the set before in use, is tried again with growing pauses, and is warned of now and then', async () => {
  const { clock, askedAtMin, handedOver, refresher } = started(async (now, count) => {
    if (count > 1 && count < 15) throw new RangeError(`cannot parse ${SECRET}`);
    return living(now, 60, count);
  });
  const warnings = await warningsOf(() => clock.advance(58 * MINUTE_MS));
  const pausesS = askedAtMin.slice(1, -1).map((at, index) => ((askedAtMin[index + 2] ?? 0) - at) * 60);
  assert.ok((pausesS[0] ?? 0) >= 0.75 && (pausesS[0] ?? 0) <= 1.25, `${pausesS}`);
  assert.ok(pausesS.slice(1, 6).every((pause, at) => pause > (pausesS[at] ?? 0)), `${pausesS}`);
  assert.ok(pausesS.every((pause) => pause <= 75), `${pausesS}`);
  assert.equal(askedAtMin.length, 15);
  assert.deepEqual(handedOver, ['SET1', 'SET15']);
  assert.equal(refresher.current?.accessKeyId, 'SET15');
  const texts = warnings.map(({ message }) => message);
  // Of the first pauses of 1, 2, 4 and 8 s the warnings are one.
  assert.ok(texts.length >= 8 && texts.length <= 11, `${texts.length}`);
  assert.match(texts[0] ?? '', /^thumbs: the credentials provider failed: RangeError at test_refresher\.js:\d+; those from before stay/);
  assert.ok(!texts.join().includes(SECRET));
});

test('a provider that throws before it has made a promise is asked again', async () => {
  const { clock, askedAtMin, handedOver } = started((now, count) => {
    if (count === 1) throw new TypeError('no');
    return Promise.resolve(living(now, 60, count));
  });
  const warnings = await warningsOf(() => clock.advance(MINUTE_MS));
  assert.match(warnings[0]?.message ?? '', /TypeError at test_refresher\.js:\d+; there are none to sign with/);
  assert.equal(askedAtMin.length, 2);
  assert.deepEqual(handedOver, ['SET2']);
});

test('what is no set, or has expired, is a failure that is described without it', async () => {
  const wrong: unknown[] = [
    SECRET,
    undefined,
    { accessKeyId: 'ID', secretAccessKey: 7 },
    { accessKeyId: 'ID', secretAccessKey: SECRET, sessionToken: 7 },
    { accessKeyId: 'ID', secretAccessKey: SECRET, expiration: '2030-01-01' },
    { accessKeyId: 'ID', secretAccessKey: SECRET, expiration: new Date(NaN) },
    { accessKeyId: 'ID', secretAccessKey: SECRET, expiration: new Date(0) },
  ];
  const said: string[] = [];
  for (const given of wrong) {
    const { clock, handedOver, refresher } = started(async () => given as Credentials);
    const warnings = await warningsOf(() => clock.advance(0));
    refresher.close();
    assert.deepEqual(handedOver, []);
    said.push(/failed: (.*?);/.exec(warnings[0]?.message ?? '')?.[1] ?? '');
  }
  assert.deepEqual(said, [
    'credentials is a set of them, or a function that resolves to one, not a value of the type string',
    'credentials is a set of them, or a function that resolves to one, not undefined',
    'credentials have no secretAccessKey',
    'credentials: sessionToken is a text, not a value of the type number',
    'credentials: expiration is a Date, not a value of the type string',
    'credentials: expiration is an invalid Date',
    'it gave a set that has expired',
  ]);
});

test('a provider that throws what is no error is described as well', async () => {
  const { clock, refresher } = started(async () => { throw SECRET; });
  const warnings = await warningsOf(() => clock.advance(0));
  refresher.close();
  assert.match(warnings[0]?.message ?? '', /failed: a value of the type string;/);
});

test('only one asking is under way, and what it answers after a minute is not taken', async () => {
  let answer: ((set: Credentials) => void) | undefined;
  const { clock, askedAtMin, handedOver, refresher } = started((now, count) =>
    count === 1 ? Promise.resolve(living(now, 60, count)) : new Promise((resolve) => (answer = resolve)),
  );
  await clock.advance(45 * MINUTE_MS);
  for (let batch = 0; batch < 59; batch++) {
    assert.equal(refresher.needed(), undefined);
    refresher.request();
    await clock.advance(1000);
  }
  assert.deepEqual(askedAtMin, [0, 45]);
  const late = answer;
  const warnings = await warningsOf(() => clock.advance(10_000));
  assert.match(warnings[0]?.message ?? '', /it has not answered for 60 s; those from before stay in use/);
  assert.equal(askedAtMin.length, 3);
  late?.(living(clock, 60, 2));
  await clock.advance(0);
  assert.deepEqual(handedOver, ['SET1']);
  answer?.(living(clock, 60, 3));
  await clock.advance(0);
  assert.deepEqual(handedOver, ['SET1', 'SET3']);
});

test('a provider that has nothing newer yet is asked within a minute, and not at once', async () => {
  const end = { at: new Date(0) };
  const { clock, askedAtMin } = started(async (now, count) => {
    if (count === 1) end.at = new Date(now.dateMs() + 60 * MINUTE_MS);
    return { ...living(now, 60, count), ...(count < 5 && { expiration: end.at }) };
  });
  await clock.advance(50 * MINUTE_MS);
  assert.deepEqual(askedAtMin, [0, 45, 46, 47, 48]);
});

test('refused credentials have the provider asked at once, at most every 5 s', async () => {
  const { clock, askedAtMin, refresher } = started(async (now, count) => living(now, 60, count));
  for (let s = 0; s < 20; s++) {
    refresher.request();
    await clock.advance(1000);
  }
  assert.deepEqual(askedAtMin.map((at) => Math.round(at * 60)), [0, 5, 10, 15]);
});

test('a batch sees to it where the timer is late, and does not wait', async () => {
  const { clock, askedAtMin, handedOver, refresher } = started(async (now, count) => living(now, 60, count));
  await clock.advance(0);
  clock.leap(70 * MINUTE_MS);
  assert.equal(refresher.needed(), undefined);
  assert.deepEqual(askedAtMin, [0, 70]);
  await clock.advance(0);
  assert.deepEqual(handedOver, ['SET1', 'SET2']);
  assert.equal(clock.timerCount, 1);
});

test('once closed, nothing is asked and no answer is taken', async () => {
  let answer: ((set: Credentials) => void) | undefined;
  const { clock, askedAtMin, handedOver, refresher } = started((now, count) =>
    count === 1 ? Promise.resolve(living(now, 60, count)) : new Promise((resolve) => (answer = resolve)),
  );
  await clock.advance(45.5 * MINUTE_MS);
  refresher.close();
  answer?.(living(clock, 60, 2));
  await clock.advance(100 * MINUTE_MS);
  refresher.request();
  assert.equal(refresher.needed(), undefined);
  assert.deepEqual([askedAtMin, handedOver, clock.timerCount], [[0, 45], ['SET1'], 0]);
  const idle = started(async (now, count) => living(now, 60, count));
  await idle.clock.advance(MINUTE_MS);
  idle.refresher.close();
  assert.equal(idle.clock.timerCount, 0);
});
