// Batches under an AbortSignal.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { useOrigin, warningsOf } from './origin_fixture';

const fixture = useOrigin();
const SCRIPT = { paths: { '/slow': { delay_ms: 30_000 } } };
const BUDGET = { budgetMs: 20_000 };

test('an abort rejects with the reason of the signal, at once', async () => {
  const client = await fixture.open(SCRIPT);
  const abort = new AbortController();
  const reason = new Error('the visitor left');
  const fetched = client.fetch(['a', 'slow'], { ...BUDGET, signal: abort.signal });
  setTimeout(() => abort.abort(reason), 50);
  const begunAt = performance.now();
  await assert.rejects(fetched, (error) => error === reason);
  assert.ok(performance.now() - begunAt < 5000);
});

test('a signal that was aborted before rejects too, and nothing is asked for', async () => {
  const client = await fixture.open(SCRIPT);
  const batch = client.submit(['a', 'slow'], { ...BUDGET, signal: AbortSignal.abort() });
  await assert.rejects(batch.results(), { name: 'AbortError' });
  assert.deepEqual([batch.frozen, client.stats().batches], [true, 0]);
  await client.close();
});

test('an abort that is to be partial resolves with what has settled', async () => {
  const client = await fixture.open(SCRIPT);
  const abort = new AbortController();
  const batch = client.submit(['a', 'slow'], { ...BUDGET, signal: abort.signal, onAbort: 'partial' });
  for await (const result of batch) {
    if (result.key === 'a') abort.abort();
  }
  const results = await batch;
  assert.equal(results.state, 'CANCELLED');
  assert.deepEqual(
    results.map(({ status }) => status),
    ['OK', 'CANCELLED'],
  );
});

test('an iteration that is aborted throws the reason', async () => {
  const client = await fixture.open(SCRIPT);
  const abort = new AbortController();
  const seen: unknown[] = [];
  const iterated = async (): Promise<void> => {
    for await (const result of client.submit(['a', 'slow'], { ...BUDGET, signal: abort.signal })) {
      seen.push(result.key);
      abort.abort();
    }
  };
  await assert.rejects(iterated, { name: 'AbortError' });
  assert.deepEqual(seen, ['a']);
});

test('leaving an iteration that waits cancels at once', async () => {
  const client = await fixture.open(SCRIPT);
  const batch = client.submit(['slow'], { budgetMs: 60_000 });
  const iterator = batch[Symbol.asyncIterator]();
  const next = iterator.next();
  await iterator.return?.();
  assert.deepEqual(await next, { done: true, value: undefined });
  assert.equal((await batch).state, 'CANCELLED');
});

test('leaving an iteration early cancels at once', async () => {
  const client = await fixture.open(SCRIPT);
  const batch = client.submit(['a', 'slow'], BUDGET);
  for await (const result of batch) {
    assert.equal(result.key, 'a');
    break;
  }
  assert.equal((await batch).state, 'CANCELLED');
});

test('of a batch that was cancelled before it brought anything there is no warning', async () => {
  const client = await fixture.open({ paths: { '/slow': { delay_ms: 30_000 }, '/gone': { status: 404 } } });
  const warnings = await warningsOf(async () => {
    const cancelled = client.submit(['slow'], BUDGET);
    cancelled.cancel();
    assert.equal((await cancelled).state, 'CANCELLED');
    const left = client.submit(['slow', 'gone'], BUDGET);
    for await (const result of left) {
      assert.equal(result.key, 'gone');
      break;
    }
    assert.equal((await left).state, 'CANCELLED');
    await client.fetch(['slow'], { budgetMs: 20 });
  });
  const causes = warnings.map((warning) => warning.message.split(': ')[1]);
  assert.deepEqual(causes, ['DEADLINE']);
});

test('an abort by a timeout is warned of once, naming budgetMs', async () => {
  const client = await fixture.open(SCRIPT);
  const warnings = await warningsOf(async () => {
    for (let times = 0; times < 2; times++) {
      const signal = AbortSignal.timeout(20);
      await assert.rejects(client.fetch(['slow'], { ...BUDGET, signal }), { name: 'TimeoutError' });
    }
  });
  const codes = warnings.map((warning) => (warning as NodeJS.ErrnoException).code);
  assert.equal(codes.filter((code) => code === 'OCTO_ABORTED_BY_TIMEOUT').length, 1);
  assert.match(warnings.find((warning) => /timeout/.test(warning.message))?.message ?? '', /budgetMs/);
});

test('many batches under one signal have one listener, end together, and nothing is warned of', async () => {
  const client = await fixture.open(SCRIPT);
  const abort = new AbortController();
  const warnings = await warningsOf(async () => {
    const done = await client.fetch(['a'], { ...BUDGET, signal: abort.signal });
    assert.ok(done.complete);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
    const batches = Array.from({ length: 50 }, () => client.submit(['slow'], { ...BUDGET, signal: abort.signal }));
    batches[0]?.cancel();
    await batches[0];
    assert.equal(getEventListeners(abort.signal, 'abort').length, 1);
    abort.abort();
    const ends = await Promise.allSettled(batches.slice(1));
    assert.ok(ends.every((end) => end.status === 'rejected' && (end.reason as Error).name === 'AbortError'));
  });
  assert.deepEqual(warnings, []);
  assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
});

test('100,000 batches under one signal leave no listener', async () => {
  const client = await fixture.open({}, { queueMax: 1 });
  const abort = new AbortController();
  for (let times = 0; times < 100_000; times++) {
    // Of no key: complete at once, and delivered like any other.
    void client.submit([], { ...BUDGET, signal: abort.signal });
    if (times % 1000 === 0) await new Promise(setImmediate);
  }
  await client.drain();
  assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
});

test('100,000 aborts leave no listener and nothing that runs', async () => {
  const client = await fixture.open({});
  const signals: AbortSignal[] = [];
  for (let times = 0; times < 100_000; times++) {
    const abort = new AbortController();
    const batch = client.submit([], { ...BUDGET, signal: abort.signal, onAbort: 'partial' });
    abort.abort();
    if (times % 1000 === 0) {
      signals.push(abort.signal);
      await batch;
    }
  }
  await client.drain();
  assert.ok(signals.every((signal) => getEventListeners(signal, 'abort').length === 0));
  assert.equal(client.stats().memoryActive, 0);
});
