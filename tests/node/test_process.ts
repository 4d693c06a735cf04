// How the package lives in a process: exit, idle clients, workers that end at any moment, several copies of itself.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { Client } from 'octofetch';

import { run } from './child';
import { eventually, useOrigin } from './origin_fixture';
import { descriptorCount } from './resources';

// More than that of a process without a client, which on a slow machine alone takes longer.
const EXIT_MS_MAX = 100;
const EXIT_TRIES = 10; // the machine does other things as well
const WORKERS = Number(process.env.OCTO_WORKERS ?? 40);

const fixture = useOrigin();
const SLOW = { paths: { '/slow': { delay_ms: 30_000 } } };

const OPEN = `
  const { Client } = require(${JSON.stringify(require.resolve('octofetch'))});
  const client = new Client(process.env.URL, { tlsCaFile: process.env.CA });
  const KEYS = Array.from({ length: 50 }, (_, at) => 'k' + at);
  const SLOW = [...KEYS, 'slow'];
`;

function environment(listener = 'http'): NodeJS.ProcessEnv {
  return { URL: fixture.origin.url(listener).replace('https://127.0.0.1', 'https://localhost'), CA: fixture.origin.caFile };
}

const EXIT = `setTimeout(() => { console.log('ends'); process.exit(7); }, 100);`;

for (const listener of ['http', 'https']) {
  test(`process.exit with batches in flight ends at once, over ${listener}`, async (context) => {
    await fixture.open(SLOW);
    const fetching = `${OPEN}
      for (let i = 0; i < 10; i++) client.fetch(SLOW, { budgetMs: 60_000 });
      client.warm({ budgetMs: 60_000, connections: 64 });`;
    let [bareMs, endedMs] = [Infinity, Infinity];
    for (let i = 0; i < EXIT_TRIES && !(endedMs - bareMs < EXIT_MS_MAX); i++) {
      bareMs = Math.min(bareMs, (await run(EXIT)).afterOutputMs);
      const ended = await run(fetching + EXIT, environment(listener));
      assert.deepEqual([ended.code, ended.signal, ended.output], [7, null, 'ends\n']);
      endedMs = Math.min(endedMs, ended.afterOutputMs);
    }
    context.diagnostic(`${Math.round(endedMs)} ms from process.exit to its end, ${Math.round(bareMs)} ms without a client`);
    assert.ok(endedMs - bareMs < EXIT_MS_MAX);
  });
}

test('an idle client does not keep the process alive, and one that fetches does', async () => {
  await fixture.open({ default: { delay_ms: 200 } });
  const ended = await run(
    `${OPEN}
    client.fetch(KEYS, { budgetMs: 30_000 }).then((results) => console.log(results.explain().split(' in ')[0]));`,
    environment(),
  );
  assert.deepEqual([ended.code, ended.output], [0, '50 of 50\n']);
  assert.ok(ended.afterOutputMs < 3000, `${ended.afterOutputMs} ms`);
});

test('an uncaught error ends the process as without us', async () => {
  await fixture.open(SLOW);
  const ended = await run(`${OPEN} client.fetch(SLOW, { budgetMs: 60_000 }); null.x;`, environment());
  assert.equal(ended.code, 1);
  assert.match(ended.output, /TypeError/);
});

test('a loop that is blocked gets outcomes that were frozen at the deadline', async () => {
  const client = await fixture.open(SLOW);
  const fetched = client.fetch(['a', 'slow'], { budgetMs: 200 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const results = await fetched;
  assert.equal(results.state, 'DEADLINE');
  assert.ok(results.elapsedMs < 700, `frozen after ${results.elapsedMs} ms`);
  assert.ok(results.pickupLagMs > 500, `picked up after ${results.pickupLagMs} ms`);
});

test('after a block a batch at its deadline comes before what sockets brought', async () => {
  const client = await fixture.open(SLOW);
  const order: string[] = [];
  const server = net.createServer((socket) => socket.on('data', () => order.push('socket'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const fetched = client.fetch(['slow'], { budgetMs: 500 }).then(() => order.push('batch'));
  await pause(100);
  await new Promise<void>((resolve) =>
    setImmediate(() => {
      socket.write('x');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      resolve();
    }),
  );
  await fetched;
  await eventually(() => assert.deepEqual(order, ['batch', 'socket']));
  socket.destroy();
  server.close();
});

test('what fails in one batch keeps nothing from those that are ready at the same time', async () => {
  await fixture.open({ paths: { '/gone': { status: 404 } } });
  const ended = await run(
    `${OPEN}
    setTimeout(() => process.exit(3), 20_000).unref();
    // Of a batch that brings nothing it is called while the batch is delivered.
    process.emitWarning = () => { throw new Error('no warning'); };
    const errors = [];
    process.on('uncaughtException', ({ message }) => errors.push(message));
    const fetched = ['a', 'gone', 'b'].map((key) => client.fetch([key], { budgetMs: 10_000 }));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    Promise.all(fetched).then((all) => {
      console.log(all.map((results) => results.at(0).status).join(), errors.join());
      client.destroy();
    });`,
    environment(),
  );
  assert.equal(ended.output, 'OK,NOT_FOUND,OK no warning\n');
});

test('workers may be terminated at any moment with batches in flight', async () => {
  const client = await fixture.open(SLOW);
  const script = `${OPEN}
    const { parentPort } = require('node:worker_threads');
    setInterval(() => {
      client.fetch(SLOW, { budgetMs: 60_000 });
      (async () => { for await (const result of client.submit(KEYS, { budgetMs: 60_000 })) if (result.ok) result.body.length; })();
    }, 1);
    parentPort.postMessage('runs');`;
  assert.ok((await client.fetch(['a'], { budgetMs: 10_000 })).complete);
  const before = descriptorCount();
  for (let started = 0; started < WORKERS; started++) {
    const worker = new Worker(script, { eval: true, env: { ...process.env, ...environment() }, argv: [] });
    await new Promise((resolve) => worker.once('message', resolve));
    await pause(started % 20);
    assert.equal(await worker.terminate(), 1);
  }
  assert.ok((await client.fetch(['a'], { budgetMs: 10_000 })).complete);
  const endsAt = performance.now() + 10_000;
  while (descriptorCount() > before + 4 && performance.now() < endsAt) await pause(20);
  assert.ok(descriptorCount() <= before + 4, `${descriptorCount()} descriptors of ${before}`);
});

test('workers fetch at the same time, each with a client of its own', async () => {
  await fixture.open({ default: { size: 40_000 } });
  const script = `${OPEN}
    const { parentPort } = require('node:worker_threads');
    client.fetch(KEYS, { budgetMs: 30_000 }).then((results) => {
      for (const { body } of results) body.fill(require('node:worker_threads').threadId);
      setTimeout(() => parentPort.postMessage(results.map(({ body }) => new Set(body).size)), 100);
    });`;
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const worker = new Worker(script, { eval: true, env: { ...process.env, ...environment() } });
      return new Promise<number[]>((resolve) => worker.once('message', resolve));
    }),
  );
  for (const sizes of answers) assert.deepEqual(sizes, Array(50).fill(1));
});

test('a shared client is one until it is closed', async () => {
  const url = fixture.origin.url();
  const first = Client.shared(url, { name: 'shared' });
  assert.equal(Client.shared(url, { name: 'shared' }), first);
  assert.notEqual(Client.shared(url, { name: 'other' }), first);
  await first.close();
  const second = Client.shared(url, { name: 'shared' });
  assert.ok((await second.fetch(['a'], { budgetMs: 10_000 })).complete);
  for (const name of ['shared', 'other']) Client.shared(url, { name }).destroy();
});

test('clients are shared by all that their options say', async () => {
  const url = fixture.origin.url();
  const callers = ['alice', 'bob'];
  for (const kind of [
    (who: string) => new Map([['authorization', who]]),
    (who: string) => new Headers({ authorization: who }),
    (who: string) => [['authorization', who]].values() as Iterable<[string, string]>,
    (who: string) => Object.assign(Object.create(null) as object, { authorization: who }) as Record<string, string>,
  ]) {
    await fixture.open();
    const clients = callers.map((who) => Client.shared(url, { headers: kind(who) }));
    for (const [at, client] of clients.entries()) await client.get(callers[at] ?? '', { budgetMs: 20_000 });
    const seen = await fixture.origin.lastRequests();
    assert.deepEqual(
      seen.map(({ path, headers }) => [path, headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]]).sort(),
      callers.map((who) => [`/${who}`, who]),
    );
    assert.equal(Client.shared(url, { headers: kind('alice'), name: undefined }), clients[0]);
    for (const client of clients) client.destroy();
  }
  class Hidden {
    readonly secretAccessKey = 'secret';
    readonly #id: string;
    constructor(id: string) {
      this.#id = id;
    }
    get accessKeyId(): string {
      return this.#id;
    }
  }
  const [first, other] = callers.map((id) => Client.shared('s3://bucket', { region: 'eu-west-1', credentials: new Hidden(id) }));
  assert.notEqual(first, other);
  for (const client of [first, other]) client?.destroy();
  assert.throws(() => Client.shared(url, { connectionsMax: 4n as unknown as number }), { name: 'OptionError', message: /connectionsMax/ });
});

test('a shared client that drains is not handed out again', async () => {
  await fixture.open(SLOW);
  const url = fixture.origin.url();
  const first = Client.shared(url);
  const slow = first.fetch(['slow'], { budgetMs: 300 });
  const closed = first.close();
  const second = Client.shared(url);
  assert.ok((await second.fetch(['a'], { budgetMs: 20_000 })).complete);
  await Promise.all([slow, closed]);
  assert.equal(Client.shared(url), second);
  second.destroy();
});

test('the names of shared clients say nothing of their options', () => {
  const secret = 'a-secret-access-key';
  const client = Client.shared('s3://bucket', { region: 'eu-west-1', accessKeyId: 'an-id', secretAccessKey: secret });
  const shared = (globalThis as Record<symbol, unknown>)[Symbol.for('octofetch.shared')];
  assert.ok(shared instanceof Map && shared.size === 1);
  assert.doesNotMatch([...shared.keys()].join(), /secret|bucket/);
  client.destroy();
  assert.equal(shared.size, 0);
});

test('a client is closed by the end of its block', async () => {
  const client = new Client(fixture.origin.url());
  const fetched = client.fetch(['a', 'b'], { budgetMs: 10_000 });
  // What `await using` calls; the batch goes on to its end.
  await client[Symbol.asyncDispose]();
  assert.ok((await fetched).complete);
  await assert.rejects(client.fetch(['a'], { budgetMs: 10_000 }), { name: 'ClosedError' });
});

test('all results of a batch come in one call from the addon, and of one that streams in one for each wake-up', async () => {
  await fixture.open({ paths: { '/slow': { delay_ms: 300 } } });
  const ended = await run(
    `const { addon } = require(${JSON.stringify(path.join(path.dirname(require.resolve('octofetch')), 'native.js'))});
    const { listen } = addon;
    let calls = 0;
    addon.listen = (take, ...others) => listen((...values) => (calls++, take(...values)), ...others);
    ${OPEN}
    const keys = [...Array.from({ length: 500 }, (_, at) => 'k' + at), 'slow'];
    (async () => {
      const { complete, length } = await client.fetch(keys, { budgetMs: 20_000 });
      console.log(complete, length, calls);
      calls = 0;
      for await (const result of client.submit(['a', 'slow'], { budgetMs: 20_000 })) if (!result.ok) process.exit(1);
      console.log(calls >= 2 && calls <= 3);
      await client.close();
    })();`,
    environment(),
  );
  assert.deepEqual([ended.code, ended.signal, ended.output], [0, null, 'true 501 1\ntrue\n']);
});

test('modules that are evaluated anew know deadlines and errors of those from before', async () => {
  await fixture.open({ paths: { '/slow': { delay_ms: 30_000 }, '/gone': { status: 404 } } });
  const ended = await run(
    `const index = ${JSON.stringify(require.resolve('octofetch'))};
    const first = require(index);
    for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
    const second = require(index);
    const client = first.Client.shared(process.env.URL);
    class Own extends second.FetchError {}
    (async () => {
      const late = await second.withDeadline(50, () => client.fetch(['slow'], { budgetMs: 20_000 }));
      const until = await client.fetch(['slow'], { deadline: second.Deadline.after(50) });
      const gone = await client.get('gone', { budgetMs: 20_000 }).catch((error) => error);
      console.log(first !== second, late.state, until.state, client === second.Client.shared(process.env.URL));
      console.log(gone instanceof second.FetchError, gone instanceof second.OctofetchError, gone instanceof Error);
      console.log(gone instanceof second.OptionError, gone instanceof Own, null instanceof second.FetchError);
      console.log(second.Deadline.after(50) instanceof first.Deadline, {} instanceof first.Deadline);
      await client.close();
    })();`,
    environment(),
    ['--no-warnings'],
  );
  const told = 'true DEADLINE DEADLINE true\ntrue true true\nfalse false false\ntrue false\n';
  assert.deepEqual([ended.code, ended.signal, ended.output], [0, null, told]);
});

test('modules that are evaluated anew fetch over the addon that stays, and so do those from before', async () => {
  await fixture.open({});
  const ended = await run(
    `${OPEN}
    const { Client: First } = require(${JSON.stringify(require.resolve('octofetch'))});
    for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
    const { Client: Second } = require(${JSON.stringify(require.resolve('octofetch'))});
    const slow = client.fetch(KEYS, { budgetMs: 20_000 });
    const other = new Second(process.env.URL);
    Promise.all([slow, other.fetch(KEYS, { budgetMs: 20_000 })]).then((all) => {
      console.log(First !== Second, all.map((results) => results.succeeded.length).join());
    });`,
    environment(),
  );
  assert.deepEqual([ended.code, ended.signal, ended.output], [0, null, 'true 50,50\n']);
});

test('several copies of the module fetch in one process', async () => {
  await fixture.open({});
  const folder = mkdtempSync(path.join(tmpdir(), 'octofetch-'));
  try {
    const original = path.dirname(path.dirname(require.resolve('octofetch')));
    for (const copy of ['one', 'two']) {
      mkdirSync(path.join(folder, copy));
      cpSync(original, path.join(folder, copy), { recursive: true });
    }
    const copies = ['one', 'two', 'one'].map((copy) => {
      const index = path.join(folder, copy, 'lib', 'index.js');
      // The third is the first one, loaded anew as a development server does.
      const fresh = createRequire(index);
      for (const file of Object.keys(fresh.cache)) if (file.startsWith(folder)) Reflect.deleteProperty(fresh.cache, file);
      return fresh(index) as { Client: typeof Client };
    });
    const clients = copies.map((copy) => new copy.Client(fixture.origin.url()));
    assert.equal(new Set(copies.map((copy) => copy.Client)).size, 3);
    const all = await Promise.all(clients.map((client) => client.fetch(['a', 'b'], { budgetMs: 10_000 })));
    assert.ok(all.every((results) => results.complete));
    const [one, , anew] = copies;
    assert.equal(one?.Client.shared(fixture.origin.url()), anew?.Client.shared(fixture.origin.url()));
    await Promise.all(clients.map((client) => client.close()));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
