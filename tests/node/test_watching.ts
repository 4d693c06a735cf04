// What operators see: events for tracing, metrics, and what is inside of a client.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import type { AttemptMessage, BatchMessage, RequestMessage } from 'octofetch';
import { collectMetrics } from 'octofetch/prometheus';
import * as prometheus from 'prom-client';

import { eventually, useOrigin } from './origin_fixture';

const fixture = useOrigin();

test('each batch is published at its freeze to who subscribed', async () => {
  const client = await fixture.open({});
  const seen: BatchMessage[] = [];
  const listen = (message: unknown): void => void seen.push(message as BatchMessage);
  subscribe('octofetch:batch', listen);
  try {
    const results = await client.fetch(['a'], { budgetMs: 10_000 });
    assert.deepEqual(seen, [{ client, results }]);
  } finally {
    unsubscribe('octofetch:batch', listen);
  }
  await client.fetch(['a'], { budgetMs: 10_000 });
  assert.equal(seen.length, 1);
});

test('who subscribed is told in the context of the submit', async () => {
  const client = await fixture.open({});
  const requests = new AsyncLocalStorage<number>();
  const seen: unknown[] = [];
  const listen = (): void => void seen.push(requests.getStore());
  subscribe('octofetch:batch', listen);
  try {
    const fetched = [1, 2].map((request) => requests.run(request, () => client.fetch(['a'], { budgetMs: 10_000 })));
    await Promise.all(fetched);
  } finally {
    unsubscribe('octofetch:batch', listen);
  }
  assert.deepEqual(seen.sort(), [1, 2]);
});

test('each request of a batch is published to who subscribed', async () => {
  const client = await fixture.open({ paths: { '/gone': { status: 404 }, '/slow': { delay_ms: 30_000 } } });
  const seen: RequestMessage[] = [];
  const listen = (message: unknown): void => void seen.push(message as RequestMessage);
  subscribe('octofetch:request', listen);
  try {
    const results = await client.fetch(['a', 'gone', 'slow'], { budgetMs: 500 });
    assert.deepEqual(seen, [0, 1, 2].map((at) => ({ client, results, result: results.at(at) })));
  } finally {
    unsubscribe('octofetch:request', listen);
  }
  const told = seen.map(({ result }) => [result.key, result.status, result.attempts, result.phase]);
  assert.deepEqual(told, [
    ['a', 'OK', 1, 'receiving'],
    ['gone', 'NOT_FOUND', 1, 'receiving'],
    ['slow', 'DEADLINE', 1, 'waiting'],
  ]);
  assert.ok(seen.every(({ result }) => result.address.startsWith('127.0.0.1:') && result.timings.totalMs > 0));
});

test('each attempt of a batch is published to who subscribed before its submit', async () => {
  const client = await fixture.open({ paths: { '/slow': { delay_ms: 30_000 } } });
  const seen: AttemptMessage[] = [];
  const listen = (message: unknown): void => void seen.push(message as AttemptMessage);
  const before = client.submit(['a'], { budgetMs: 10_000 });
  subscribe('octofetch:attempt', listen);
  try {
    await before;
    assert.equal(seen.length, 0);
    const results = await client.fetch(['a', 'slow'], { budgetMs: 500 });
    assert.deepEqual(seen.map(({ attempt }) => attempt), results.attempts());
    assert.ok(seen.every((message) => message.client === client && message.results === results));
  } finally {
    unsubscribe('octofetch:attempt', listen);
  }
  const [a, slow] = seen.map(({ attempt }) => attempt).sort((one, other) => one.index - other.index);
  assert.deepEqual([a?.key, a?.status, a?.httpStatus, a?.reused], ['a', 'OK', 200, true]);
  assert.deepEqual([slow?.key, slow?.status, slow?.settled, slow?.phase], ['slow', 'DEADLINE', false, 'waiting']);
  assert.match(slow?.address ?? '', /^127\.0\.0\.1:\d+$/);
  assert.ok(slow !== undefined && slow.startedMs < 400 && slow.endedMs === 500 && slow.waitingMs > 0);
  const after = await client.fetch(['a'], { budgetMs: 10_000 });
  assert.throws(() => after.attempts(), { name: 'OptionError' });
});

test('prom-client collects the statistics of clients', async () => {
  const [thumbs, pages] = [await fixture.open({}, { name: 'thumbs' }), await fixture.open({}, { name: 'pages' })];
  const registry = new prometheus.Registry();
  collectMetrics(prometheus, [thumbs, pages], registry);
  await thumbs.fetch(['a', 'b'], { budgetMs: 10_000 });
  await eventually(() => assert.equal(thumbs.stats().requestsOk, 2));
  for (let times = 0; times < 2; times++) {
    const text = await registry.metrics();
    assert.match(text, /^octofetch_requests_ok_total\{client="thumbs"\} 2$/m);
    assert.match(text, /^octofetch_requests_ok_total\{client="pages"\} 0$/m);
    assert.match(text, /^# TYPE octofetch_connections_open gauge$/m);
  }
  thumbs.destroy();
  const left = await registry.metrics();
  assert.match(left, /^octofetch_requests_ok_total\{client="thumbs"\} 2$/m);
  assert.match(left, /^octofetch_connections_open\{client="thumbs"\} 0$/m);
});

test('clients of one name are counted together, and what a closed one counted stays', async () => {
  const [first, second] = [await fixture.open(), await fixture.open()];
  const registry = new prometheus.Registry();
  collectMetrics(prometheus, [first, second], registry);
  for (const client of [first, second]) await client.fetch(['a'], { budgetMs: 10_000 });
  await eventually(async () => {
    const text = await registry.metrics();
    assert.match(text, /^octofetch_requests_ok_total\{client="tests"\} 2$/m);
    assert.match(text, /^octofetch_connections_open\{client="tests"\} 2$/m);
  });
  first.destroy();
  await registry.metrics();
  collectMetrics(prometheus, [first, second], registry);
  const left = await registry.metrics();
  assert.match(left, /^octofetch_requests_ok_total\{client="tests"\} 2$/m);
  assert.match(left, /^octofetch_connections_open\{client="tests"\} 1$/m);
});

test('further clients are added to the metrics of a registry, also after it was cleared', async () => {
  const [thumbs, pages] = [await fixture.open({}, { name: 'thumbs' }), await fixture.open({}, { name: 'pages' })];
  const registry = new prometheus.Registry();
  collectMetrics(prometheus, [], registry);
  collectMetrics(prometheus, [thumbs], registry);
  collectMetrics(prometheus, [pages, thumbs], registry);
  await thumbs.fetch(['a', 'b'], { budgetMs: 10_000 });
  await pages.fetch(['a'], { budgetMs: 10_000 });
  await eventually(() => assert.deepEqual([thumbs.stats().requestsOk, pages.stats().requestsOk], [2, 1]));
  const told = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('octofetch_requests_ok_total{'));
  assert.deepEqual(await told(), [
    'octofetch_requests_ok_total{client="thumbs"} 2',
    'octofetch_requests_ok_total{client="pages"} 1',
  ]);
  registry.clear();
  collectMetrics(prometheus, [pages], registry);
  assert.deepEqual(await told(), ['octofetch_requests_ok_total{client="pages"} 1']);
});

test('a number is a gauge where octofetch.h says so or it is a time, and else a counter', async () => {
  const header = readFileSync(path.join(process.env.OCTO_ROOT ?? '', 'include/octofetch.h'), 'utf8');
  const [, fields = ''] = /typedef struct octo_stats \{(.*?)\n\} octo_stats;/s.exec(header) ?? [];
  const expected = [...fields.matchAll(/uint64_t (\w+);(?: *\/\* (gauge)?)?/g)].map(([, name = '', gauge]) => {
    const isGauge = gauge !== undefined || /_us(_p\d+)?$/.test(name);
    return isGauge ? `octofetch_${name} gauge` : `octofetch_${name}_total counter`;
  });
  const registry = new prometheus.Registry();
  collectMetrics(prometheus, [await fixture.open({})], registry);
  const told = [...(await registry.metrics()).matchAll(/^# TYPE (.*)$/gm)].map(([, type]) => type);
  assert.ok(expected.includes('octofetch_connections_open gauge'));
  assert.deepEqual(told.sort(), expected.sort());
});

test('debug shows what is inside of a client, without its keys', async () => {
  const client = await fixture.open({ paths: { '/secret-key': { delay_ms: 30_000 } } }, { name: 'thumbs', connectionsMax: 7 });
  assert.equal(client.debug().engine.state, 'none');
  const batch = client.submit(['secret-key'], { budgetMs: 300 });
  await eventually(() => assert.equal(client.debug().slots.waiting, 1));
  await batch;
  const inside = client.debug();
  assert.deepEqual([inside.v, inside.name, inside.slots.max, inside.credentials], [1, 'thumbs', 7, null]);
  assert.equal(inside.engine.state, 'running');
  assert.ok(Math.abs(inside.time_s - Date.now() / 1000) < 60);
  assert.match(inside.addresses.shown[0]?.address ?? '', /^127\.0\.0\.1:\d+$/);
  const [worst] = inside.worst;
  assert.deepEqual([worst?.state, worst?.budget_us, worst?.counts.late], ['DEADLINE', 300_000, 1]);
  assert.ok(!JSON.stringify(inside).includes('secret-key'));
  client.destroy();
  assert.throws(() => client.debug(), { name: 'ClosedError' });
});

test('debug grows with what there is to tell', async () => {
  const client = await fixture.open({ default: { status: 500 } }, { name: 'n'.repeat(200) });
  for (let times = 0; times < 32; times++) await client.fetch(['a'], { budgetMs: 10_000 });
  assert.equal(client.debug().worst.length, 32);
  assert.ok(JSON.stringify(client.debug()).length > 5120); // what the addon asks for first
});
