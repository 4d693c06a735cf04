// The scripted origin as octofetch/testing offers it: how it starts, ends and refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, shutdown } from 'octofetch';
import { Origin, OriginError, pattern } from 'octofetch/testing';

import { run } from './child';
import { eventually } from './origin_fixture';

const TESTING = JSON.stringify(require.resolve('octofetch/testing'));

test('it answers as its script says, and counts', async () => {
  const origin = await Origin.start();
  await origin.script({ paths: { '/gone': { status: 404 } } });
  const client = new Client(origin.url('https'), { tlsCaFile: origin.caFile });
  const results = await client.fetch(['a', 'gone'], { budgetMs: 20_000 });
  assert.deepEqual(results.succeeded.map(({ body }) => body), [pattern('a', 0, 1024)]);
  assert.deepEqual(results.missing.map(({ key }) => key), ['gone']);
  assert.equal((await origin.counters())['requests.total'], 2);
  assert.deepEqual((await origin.lastRequests()).map(({ path }) => path).sort(), ['/a', '/gone']);
  client.destroy();
  assert.ok(await shutdown(5000));
  await origin.stop();
  await origin.stop();
});

test('a listener that it does not have is refused', async () => {
  const origin = await Origin.start();
  assert.throws(() => origin.url('htp'), /there is no listener htp; there are .*http/);
  await origin.stop();
});

test('a script that it does not understand is refused in its words', async () => {
  const origin = await Origin.start();
  await assert.rejects(origin.script({ default: { delay: 5 } }), (error) => error instanceof OriginError && error.message.includes('delay'));
  await origin.stop();
});

test('one that is forgotten neither keeps the process alive nor outlives it', async () => {
  const ended = await run(`require(${TESTING}).Origin.start().then((origin) => console.log(origin.ports.http));`);
  assert.equal(ended.code, 0, ended.output);
  assert.ok(ended.afterOutputMs < 5000, `${ended.afterOutputMs} ms`);
  const client = new Client(`http://127.0.0.1:${ended.output.trim()}`, { connectTimeoutMs: 1000 });
  await eventually(async () => {
    const results = await client.fetch(['a'], { budgetMs: 2000 });
    assert.equal(results.at(0)?.status, 'CONNECT_FAILED');
  });
  client.destroy();
});

test('a program that is missing, or ends at once, is an error that says so', async () => {
  await assert.rejects(Origin.start({ program: '/nowhere/octo-origin' }), /ENOENT/);
  await assert.rejects(Origin.start({ program: '/bin/false' }), /octo-origin ended with 1 before it was ready/);
  const ended = await run(`require(${TESTING}).Origin.start().catch((error) => console.log(error.message));`, { OCTO_ORIGIN: undefined });
  assert.match(ended.output, /npm install --save-dev octofetch-testing/);
});
