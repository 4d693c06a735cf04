// Options: the type and the library's table have the same names; the environment's defaults; what is in force.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Client, type ClientOptions } from 'octofetch';

import { useOrigin } from './origin_fixture';

const fixture = useOrigin();
const URL = 'http://127.0.0.1';

// A property of each option, so that the compiler finds one that the type lacks or has in vain.
const ALL: Required<{ [Name in keyof ClientOptions]: unknown }> = {
  name: 'all',
  budgetMs: 300,
  connectionsMax: 8,
  connectTimeoutMs: 1500,
  connectNextAfterMs: '100ms',
  queueMax: 100,
  batchRequestsMax: 10,
  memoryMax: '64MiB',
  objectSizeMax: 65536,
  idleMaxMs: 2000,
  dnsRefreshMs: 5000,
  dnsKeepMs: 60_000,
  dnsAddresses: ['127.0.0.1', '127.0.0.2'],
  orphanSizeMax: 0,
  orphanTimeMaxMs: 50,
  threadsIdleMs: 1000,
  tlsCaFile: '/nowhere',
  tlsCaDirectory: '/nowhere',
  tlsCaPem: ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'],
  headers: { 'X-One': '1', 'X-Two': '2' },
  userAgent: 'tests',
  keyDotSegments: true,
  responseUnframed: true,
  region: 'eu-west-1',
  endpoint: 'http://127.0.0.1', // so that nobody needs the roots
  addressing: 'path',
  dualStack: false,
  accessKeyId: 'id',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  unsigned: false,
  plainHttp: false,
};

test('the type has the names of the table', () => {
  assert.deepEqual(Object.keys(new Client(URL).describe()).sort(), Object.keys(ALL).sort());
});

test('every option reaches the library, and secrets stay there', () => {
  const values = new Client('s3://bucket', ALL as ClientOptions).describe();
  const inForce = Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));
  assert.equal(inForce.connectTimeoutMs, '1500ms');
  assert.equal(inForce.objectSizeMax, '64KiB');
  assert.equal(inForce.dnsAddresses, '127.0.0.1,127.0.0.2');
  assert.equal(inForce.headers, '***');
  assert.equal(inForce.tlsCaDirectory, '/nowhere');
  assert.equal(inForce.tlsCaPem, '1 certificates');
  assert.equal(inForce.keyDotSegments, 'true');
  assert.equal(inForce.secretAccessKey, '***');
  assert.equal(inForce.sessionToken, '***');
  assert.ok(Object.values(values).every(({ source }) => source === 'option'));
});

test('the environment gives defaults, those of a name before those of all', () => {
  const variables = {
    OCTOFETCH_CONNECTIONS_MAX: '9',
    OCTOFETCH_THUMBS_CONNECTIONS_MAX: '10',
    OCTOFETCH_BUDGET: '700ms',
    OCTOFETCH_S3_REGION: 'eu-west-1',
    OCTOFETCH_QUEUE_MAX: '',
  };
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    const thumbs = new Client(URL, { name: 'thumbs', idleMaxMs: 3000 }).describe();
    assert.deepEqual(thumbs.connectionsMax, { value: '10', source: 'OCTOFETCH_THUMBS_CONNECTIONS_MAX' });
    assert.deepEqual(thumbs.budgetMs, { value: '700ms', source: 'OCTOFETCH_BUDGET' });
    assert.deepEqual(thumbs.idleMaxMs, { value: '3s', source: 'option' });
    assert.deepEqual(thumbs.queueMax, { value: '10000', source: 'default' });
    assert.deepEqual(thumbs.region, { value: '', source: 'default' });
    assert.equal(new Client(URL, { connectionsMax: 4 }).describe().connectionsMax?.value, '4');
    assert.equal(new Client(URL).describe().connectionsMax?.source, 'OCTOFETCH_CONNECTIONS_MAX');
  } finally {
    process.env = before;
  }
});

test('a reloadable option is changed, another one is not', async () => {
  const client = await fixture.open({ paths: { '/slow': { delay_ms: 30_000 } } });
  client.set({ budgetMs: 100, memoryMax: undefined });
  assert.deepEqual(client.describe().budgetMs, { value: '100ms', source: 'set' });
  assert.equal((await client.fetch(['slow'])).info.budgetUs, 100_000);
  assert.throws(() => client.set({ connectionsMax: 5 } as ClientOptions), /connections.max/);
  // What is refused first changes nothing, and what the library took before it refused the next one is what counts.
  assert.throws(() => client.set({ budgetMs: 50, memoryMx: 1 } as ClientOptions), /no option memoryMx/);
  assert.equal((await client.fetch(['slow'])).info.budgetUs, 100_000);
  assert.throws(() => client.set({ budgetMs: 50, memoryMax: 'much' }), /memory.max/);
  assert.deepEqual(client.describe().budgetMs, { value: '50ms', source: 'set' });
  assert.equal((await client.fetch(['slow'])).info.budgetUs, 50_000);
});

test('the type and docs/options.md name what may be changed while a client is open', () => {
  const root = process.env.OCTO_ROOT ?? '';
  const source = readFileSync(path.join(root, 'bindings/node/octofetch/options.ts'), 'utf8');
  const [, body = ''] = /interface ReloadableOptions \{([^}]*)\}/.exec(source) ?? [];
  const typed = [...body.matchAll(/(\w+)\?:/g)].map(([, name]) => name);
  const rows = readFileSync(path.join(root, 'docs/options.md'), 'utf8').matchAll(/^\| `([\w.]+)` \|[^|]*\|[^|]*\|[^|]*\| yes/gm);
  assert.equal(typed.length, [...rows].length);
});
