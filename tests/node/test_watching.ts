// What operators see: events for tracing, metrics, and the file of trusted roots that is in force.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';

import { type BatchMessage, Client } from 'octofetch';
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
  assert.match(await registry.metrics(), /^octofetch_requests_total\{client="thumbs"\} 0$/m);
});

test('roots are of an option, then of the environment, then of the system', () => {
  const url = 'https://127.0.0.1';
  const file = fixture.origin.caFile;
  const found = (options = {}): unknown => new Client(url, options).describe().tlsCaFile;
  const before = { ...process.env };
  delete process.env.AWS_CA_BUNDLE;
  delete process.env.SSL_CERT_FILE;
  try {
    assert.equal((found() as { source: string }).source, 'system');
    process.env.SSL_CERT_FILE = file;
    assert.deepEqual(found(), { value: file, source: 'SSL_CERT_FILE' });
    process.env.AWS_CA_BUNDLE = file;
    assert.deepEqual(found(), { value: file, source: 'AWS_CA_BUNDLE' });
    process.env.OCTOFETCH_TLS_CA_FILE = file;
    assert.deepEqual(found(), { value: file, source: 'OCTOFETCH_TLS_CA_FILE' });
    assert.deepEqual(found({ tlsCaFile: file }), { value: file, source: 'option' });
  } finally {
    process.env = before;
  }
});
