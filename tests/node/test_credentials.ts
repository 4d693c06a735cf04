// Who signs: sets, functions that give them, and variables of AWS's tools. The origin checks signatures. When a function is
// asked, test_refresher has to the minute; what an S3Client of the AWS SDK says, test_sdk.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, mock, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { Client, type ClientOptions, type Credentials, type OpenOptions, withDeadline } from 'octofetch';

import { run } from './child';
import { eventually, useOrigin, useOwnVariables, warningsOf } from './origin_fixture';

const fixture = useOrigin();
const BUDGET = { budgetMs: 10_000 };
const REGION = 'eu-central-1';
const SECRET = 'wJalrXUtnFEMI/K7MDENG';
const TOKEN = 't0ken/Distinctive==';

let opened: Client[] = [];

useOwnVariables();

afterEach(() => {
  for (const client of opened) client.destroy();
  opened = [];
});

/** From now on only this one may sign. */
async function expectSigner(accessKeyId: string, more: Record<string, boolean | string> = {}): Promise<void> {
  const named = { region: REGION, access_key_id: accessKeyId, secret_access_key: SECRET, session_token: TOKEN };
  await fixture.origin.script({ signature: { ...named, ...more } });
}

function place(): ClientOptions {
  return { endpoint: fixture.origin.url(), region: REGION, name: 'thumbs' };
}

function open(credentials: OpenOptions['credentials'], options: ClientOptions = {}): Client {
  return kept(new Client('s3://bucket', { ...place(), ...options, credentials }));
}

function kept(client: Client): Client {
  opened.push(client);
  return client;
}

function credentials(accessKeyId: string, lifeMs?: number): Credentials {
  const expiration = lifeMs === undefined ? undefined : new Date(Date.now() + lifeMs);
  return { accessKeyId, secretAccessKey: SECRET, sessionToken: TOKEN, expiration };
}

/** Gives these in turn, the last one for ever; an Error is thrown, and `undefined` never comes. */
function giving(...given: (Credentials | Error | undefined)[]) {
  const provider = async (): Promise<Credentials> => {
    const next = given[Math.min(provider.askedCount++, given.length - 1)];
    if (next === undefined) return new Promise(() => undefined);
    if (next instanceof Error) throw next;
    return next;
  };
  provider.askedCount = 0;
  return provider;
}

async function assertFetches(client: Client, key = 'a'): Promise<void> {
  const results = await client.fetch([key], BUDGET);
  assert.ok(results.complete, results.explain());
}

test('a set of credentials signs', async () => {
  await expectSigner('FIXED');
  const client = open(credentials('FIXED'));
  await assertFetches(client);
  const { accessKeyId, secretAccessKey, sessionToken } = client.describe();
  assert.deepEqual(accessKeyId, { value: 'FIXED', source: 'credentials' });
  assert.deepEqual(secretAccessKey, { value: '***', source: 'credentials' });
  assert.deepEqual(sessionToken, { value: '***', source: 'credentials' });
  await expectSigner('CHANGED');
  client.setCredentials({ ...credentials('CHANGED', 90_000), sessionToken: undefined });
  assert.equal((await client.fetch(['a'], BUDGET)).at(0)?.errorCode, 'InvalidToken');
  client.setCredentials(credentials('CHANGED', 90_000));
  await assertFetches(client);
  assert.equal(client.describe().accessKeyId?.source, 'set');
  assert.ok(Math.abs((client.debug().credentials?.expires_in_s ?? 0) - 90) < 20);
});

test('a function is asked once when a client is opened, and the first batches wait for it at the cost of their budgets', async () => {
  await expectSigner('ASKED');
  let askedCount = 0;
  const client = open(async () => {
    askedCount += 1;
    await pause(300);
    return credentials('ASKED');
  });
  assert.equal(askedCount, 1);
  assert.deepEqual(client.describe().accessKeyId, { value: '', source: 'credentials provider' });
  assert.deepEqual(client.debug().credentials, { set: false, expires_in_s: null });
  const [one, two] = await Promise.all([client.fetch(['a'], BUDGET), client.fetch(['b'], BUDGET)]);
  assert.ok(one.complete && two.complete, one.explain());
  assert.ok(one.info.budgetUs <= 9_900_000, `${one.info.budgetUs} us were left`);
  await assertFetches(client, 'c');
  assert.equal(askedCount, 1);
});

test('describe and debug tell of a function what it gave and until when, without a secret', async () => {
  await expectSigner('ASKED');
  const set = credentials('ASKED', 3_600_000);
  const client = open(giving(set));
  await assertFetches(client);
  const source = 'credentials provider';
  const { accessKeyId, secretAccessKey, sessionToken } = client.describe();
  assert.deepEqual(accessKeyId, { value: 'ASKED', source, expiresAt: set.expiration });
  assert.deepEqual([secretAccessKey?.value, sessionToken?.value], ['***', '***']);
  const inside = client.debug().credentials;
  assert.ok(inside?.set === true && Math.abs((inside.expires_in_s ?? 0) - 3600) < 60, JSON.stringify(inside));
  const texts = JSON.stringify([client.describe(), client.debug()]);
  for (const secret of [SECRET, TOKEN]) assert.ok(!texts.includes(secret));
});

test('a function that does not answer in time costs the first batch its keys, not its deadline', async () => {
  await expectSigner('ASKED');
  const client = open(giving(undefined));
  const begunAt = performance.now();
  const results = await client.fetch(['a'], { budgetMs: 200 });
  assert.ok(performance.now() - begunAt < 5000);
  assert.ok(['NO_CREDENTIALS', 'DEADLINE'].includes(results.at(0)?.status ?? ''));
  client.setCredentials(credentials('ASKED'));
  await assertFetches(client);
});

test('warming waits for the first set too, within its budget', async () => {
  await expectSigner('ASKED');
  await open(() => pause(200, credentials('ASKED'))).warm();
  const begunAt = performance.now();
  await assert.rejects(open(giving(undefined)).warm({ budgetMs: 200 }), { name: 'WarmError' });
  await fixture.origin.script({ default: { delay_ms: 30_000 } });
  const slow = open(() => pause(100, credentials('ASKED')));
  await assert.rejects(slow.warm({ budgetMs: 300 }), { name: 'WarmError', code: 'OCTO_DEADLINE' });
  assert.ok(performance.now() - begunAt < 5000);
});

test('a function that fails is warned of without its words, every key says why, and it is asked again', async () => {
  await expectSigner('ASKED');
  const provider = giving(new RangeError(`cannot parse ${SECRET}`), credentials('ASKED', 3_600_000));
  let client: Client | undefined;
  const warnings = await warningsOf(async () => {
    client = open(provider);
    const result = (await client.fetch(['a'], BUDGET)).at(0);
    assert.equal(result?.status, 'NO_CREDENTIALS');
  });
  const said = warnings.map(({ message }) => message).join('\n');
  assert.match(said, /thumbs: the credentials provider failed: RangeError at test_credentials\.js:\d+; there are none/);
  assert.ok(!said.includes(SECRET));
  await eventually(() => assert.equal(client?.describe().accessKeyId?.value, 'ASKED'));
  await assertFetches(client as Client);
});

test('credentials are renewed in the background before they expire, without a batch', async () => {
  const provider = giving(credentials('FIRST', 2500), credentials('SECOND', 3_600_000));
  const client = open(provider);
  await eventually(() => assert.equal(provider.askedCount, 2));
  await expectSigner('SECOND');
  await assertFetches(client);
  assert.equal(client.describe().accessKeyId?.value, 'SECOND');
  assert.equal(provider.askedCount, 2);
});

test('a function is asked in the context of no request', async () => {
  await expectSigner('FIRST');
  const request = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const sets = [credentials('FIRST', 2500), credentials('FIRST', 3_600_000)];
  const client = request.run('first', () =>
    open(() => {
      seen.push(request.getStore());
      return Promise.resolve(sets[Math.min(seen.length, 2) - 1] as Credentials);
    }),
  );
  await request.run('second', () => assertFetches(client));
  await eventually(() => assert.equal(seen.length, 2));
  assert.deepEqual(seen, [undefined, undefined]);
});

test('a batch that is cancelled while it waits for the first set is neither warned of nor a reason to ask again', async () => {
  const provider = giving(undefined);
  const client = open(provider);
  const warnings = await warningsOf(async () => {
    for (let i = 0; i < 50; i++) {
      const batch = client.submit(['a', 'b'], BUDGET);
      await Promise.resolve();
      batch.cancel();
      assert.equal((await batch).succeeded.length, 0);
    }
  });
  assert.deepEqual(warnings, []);
  assert.equal(provider.askedCount, 1);
});

test('a renewal that fails or hangs leaves the set before in use and delays no batch, also once that has expired', async () => {
  await expectSigner('FIRST');
  const providers = [undefined, new Error(SECRET)].map((next) => giving(credentials('FIRST', 4000), next));
  const clients = providers.map((provider) => open(provider));
  const warnings = await warningsOf(async () => {
    await eventually(() => assert.ok(providers.every(({ askedCount }) => askedCount === 2)));
  });
  assert.match(warnings[0]?.message ?? '', /Error at test_credentials\.js:\d+; those from before stay in use/);
  await Promise.all(clients.map((client) => assertFetches(client)));
  for (const client of clients) {
    await eventually(() => assert.ok((client.debug().credentials?.expires_in_s ?? 0) < 0));
    const results = await client.fetch(['a'], BUDGET);
    assert.equal(results.at(0)?.status, 'NO_CREDENTIALS');
    assert.ok(results.elapsedMs < 5000, `${results.elapsedMs} ms`);
  }
});

test('credentials that the origin refuses as ended are renewed at once', async () => {
  await expectSigner('EXPIRED', { expired: true });
  // Of neither the end is near.
  const providers = ['EXPIRED', 'DELETED'].map((name) => giving(credentials(name, 86_400_000), credentials('RENEWED')));
  const clients = providers.map((provider) => open(provider));
  const mistyped = giving({ ...credentials('RENEWED', 86_400_000), secretAccessKey: 'mistyped' });
  const other = open(mistyped);
  const refused = async (): Promise<(string | undefined)[]> =>
    Promise.all(clients.map(async (client) => (await client.fetch(['a'], BUDGET)).at(0)?.errorCode));
  const codes = ['ExpiredToken', 'InvalidAccessKeyId'];
  assert.deepEqual(await refused(), codes);
  // They were asked when the clients were opened, a moment ago.
  assert.deepEqual(providers.map(({ askedCount }) => askedCount), [1, 1]);
  await pause(5200);
  // Whoever leaves at the first refusal has them asked all the same.
  for (const client of clients) for await (const { ok } of client.submit(['a', 'b'], BUDGET)) if (!ok) break;
  await eventually(() => assert.deepEqual(providers.map(({ askedCount }) => askedCount), [2, 2]));
  await expectSigner('RENEWED');
  for (const client of clients) await assertFetches(client);
  // What new credentials do not mend.
  assert.equal((await other.fetch(['a'], BUDGET)).at(0)?.errorCode, 'SignatureDoesNotMatch');
  assert.equal(mistyped.askedCount, 1);
});

test('a batch ends at once when it is given up while credentials are awaited that never come', async () => {
  await expectSigner('NEVER');
  const long = { budgetMs: 60_000 };
  const begunAt = performance.now();
  const client = open(giving(undefined));
  const batch = client.submit(['a'], long);
  batch.cancel();
  // Its keys may have failed for want of credentials by then.
  const ended = ['CANCELLED', 'OK'];
  assert.ok(ended.includes((await batch).state));
  for await (const result of client.submit(['a'], { ...long, signal: AbortSignal.abort('no'), onAbort: 'partial' })) {
    assert.equal(result.ok, false);
  }
  const iterator = client.submit(['a'], long)[Symbol.asyncIterator]();
  const next = iterator.next();
  assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
  assert.deepEqual(await next, { done: true, value: undefined });
  const fetched = client.fetch(['a'], long);
  client.destroy();
  assert.ok(['CLOSED', 'OK'].includes((await fetched).state));
  await client.close();
  assert.ok(performance.now() - begunAt < 10_000);
});

test('a set that is given meanwhile ends the waiting for a function', async () => {
  await expectSigner('GIVEN');
  const client = open(giving(undefined));
  const begunAt = performance.now();
  const fetched = client.fetch(['a'], { budgetMs: 60_000 });
  client.setCredentials(credentials('GIVEN'));
  assert.ok((await fetched).complete);
  assert.ok(performance.now() - begunAt < 10_000);
});

test('closing waits for a batch that waits for credentials, and refuses others', async () => {
  await expectSigner('LATE');
  const client = open(() => pause(300, credentials('LATE')));
  const fetched = client.fetch(['a'], BUDGET);
  const closed = client.close();
  await assert.rejects(client.fetch(['b'], BUDGET), { code: 'OCTO_CLOSED' });
  assert.ok((await fetched).complete);
  await closed;
});

test('what was asked for is what is fetched, whatever becomes of its bytes while credentials are awaited', async () => {
  await expectSigner('LATE');
  const key = Buffer.from('here');
  const fetched = open(() => pause(100, credentials('LATE'))).fetch([key], BUDGET);
  key.write('gone');
  assert.ok((await fetched).complete);
  assert.equal((await fixture.origin.lastRequests())[0]?.path, '/bucket/here');
});

test('a function that fetches is no part of the page that opened its client', async () => {
  const keys = await fixture.open({});
  const ended: string[] = [];
  const provider = async (): Promise<Credentials> => {
    await pause(200);
    ended.push((await keys.fetch(['a'], BUDGET)).state);
    return credentials('LATE');
  };
  await withDeadline(100, () => open(provider).fetch(['a']));
  await eventually(() => assert.deepEqual(ended, ['OK']));
});

test('a shared client with a function for its credentials needs a name', () => {
  const options = { ...place(), credentials: giving(credentials('ONE')) };
  assert.throws(() => Client.shared('s3://bucket', { ...options, name: undefined }), /Client.shared: .* needs a name/);
  const client = kept(Client.shared('s3://bucket', options));
  assert.equal(Client.shared('s3://bucket', options), client);
});

test('a client that is destroyed asks no more', async () => {
  const provider = giving(credentials('FIRST', 2000));
  const client = open(provider);
  await eventually(() => assert.equal(client.describe().accessKeyId?.value, 'FIRST'));
  client.destroy();
  await pause(1500);
  assert.equal(provider.askedCount, 1);
});

test('fake timers stop neither a batch nor a renewal, and do not run away', async () => {
  await expectSigner('FIRST');
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
  try {
    const end = new Date(performance.timeOrigin + performance.now() + 3000);
    const provider = giving({ ...credentials('FIRST'), expiration: end }, credentials('SECOND'));
    await assertFetches(open(provider));
    mock.timers.runAll();
    assert.equal(provider.askedCount, 1);
    // It waits for its function until the deadline, which no fake timer brings.
    const hanging = open(giving(undefined));
    const endsAt = performance.now() + 10_000;
    while (provider.askedCount < 2 && performance.now() < endsAt) {
      assert.ok(['NO_CREDENTIALS', 'DEADLINE'].includes((await hanging.fetch(['a'], { budgetMs: 50 })).at(0)?.status ?? ''));
    }
    assert.equal(provider.askedCount, 2);
  } finally {
    mock.timers.reset();
  }
});

const OPEN = `
  const { Client } = require(${JSON.stringify(require.resolve('octofetch'))});
  let askedCount = 0;
  const give = (lifeMs) => ({ accessKeyId: 'FIRST', secretAccessKey: 'secret', expiration: new Date(Date.now() + lifeMs) });
  const open = (credentials) => new Client('s3://bucket', { endpoint: 'http://127.0.0.1:1', region: 'r', credentials });
`;

test('neither a renewal that waits nor one that hangs keeps the process alive', async () => {
  for (const lifeMs of [3_600_000, 1000]) {
    const ended = await run(`${OPEN}
      const client = open(async () => (++askedCount === 1 ? give(${lifeMs}) : new Promise(() => undefined)));
      const look = () => (askedCount < ${lifeMs > 5000 ? 1 : 2} ? setTimeout(look, 10) : console.log('ends'));
      look();`);
    assert.deepEqual([ended.code, ended.output], [0, 'ends\n']);
    assert.ok(ended.afterOutputMs < 3000, `${ended.afterOutputMs} ms`);
  }
});

test('a client that nobody holds is let go, also while its function hangs', async () => {
  const ended = await run(
    `${OPEN}
    const goneCounts = { waiting: 0, hanging: 0 };
    const registry = new FinalizationRegistry((how) => (goneCounts[how] += 1));
    // What the client stands on, in place of the library's, as it goes last.
    const openSeen = (how, credentials) => {
      const engine = { get: (name) => (name === 'object.size_max' ? '1MiB' : ''), setCredentials: () => undefined };
      registry.register(engine, how);
      new Client('s3://bucket', { endpoint: 'http://127.0.0.1:1', region: 'r', credentials }, () => engine);
    };
    const held = []; // what a function waits for may be held by others, such as a socket
    for (let i = 0; i < 10; i++) openSeen('waiting', async () => give(3_600_000));
    for (let i = 0; i < 10; i++) openSeen('hanging', () => new Promise((resolve) => held.push(resolve)));
    let rounds = 0;
    const look = () => {
      gc();
      if ((goneCounts.waiting < 10 || goneCounts.hanging < 10) && ++rounds < 300) setTimeout(look, 10);
      else console.log(JSON.stringify(goneCounts), held.length);
    };
    setTimeout(look, 10);`,
    {},
    ['--expose-gc'],
  );
  assert.deepEqual([ended.code, ended.output], [0, '{"waiting":10,"hanging":10} 10\n']);
});

test('a worker may be terminated while its clients ask or wait', async () => {
  const script = `${OPEN}
    for (let i = 0; i < 5; i++) {
      open(async () => give(20));
      open(() => new Promise((resolve) => setTimeout(() => resolve(give(10)), 1)));
      open(() => new Promise(() => undefined)).fetch(['a'], { budgetMs: 60_000 });
    }
    require('node:worker_threads').parentPort.postMessage('runs');`;
  for (let at = 0; at < 10; at++) {
    const worker = new Worker(script, { eval: true, stderr: true });
    await new Promise((resolve) => worker.once('message', resolve));
    await pause(at * 3);
    assert.equal(await worker.terminate(), 1);
  }
});

test('what gives no credentials is refused in words', async () => {
  const refusals: [unknown, ClientOptions, RegExp][] = [
    ['id', {}, /a set of them, or a function that resolves to one, not a value of the type string/],
    [null, {}, /not null/],
    [{ accessKeyId: 'ID' }, {}, /credentials have no secretAccessKey/],
    [credentials('FIRST'), { accessKeyId: 'ID' }, /credentials and accessKeyId are two answers to who signs/],
    [credentials('FIRST'), { unsigned: true }, /unsigned/],
    [giving(credentials('FIRST')), { unsigned: true }, /unsigned/],
  ];
  for (const [given, options, said] of refusals) {
    assert.throws(() => open(given as Credentials, options), { name: 'OptionError', message: said });
  }
  const provider = giving(credentials('FIRST'));
  const url = fixture.origin.url();
  assert.throws(() => new Client(url, { credentials: provider }), { name: 'OptionError', message: /only an s3:\/\/ origin/ });
  assert.equal(provider.askedCount, 0);
});

test('the variables of AWS are below those of octofetch and options', async () => {
  await expectSigner('FIRST');
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'FIRST',
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_SESSION_TOKEN: TOKEN,
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_S3: fixture.origin.url(),
  });
  const client = kept(new Client('s3://bucket'));
  await assertFetches(client);
  const described = client.describe();
  assert.deepEqual(described.region, { value: REGION, source: 'AWS_REGION' });
  assert.equal(described.endpoint?.source, 'AWS_ENDPOINT_URL_S3');
  assert.deepEqual(described.accessKeyId, { value: 'FIRST', source: 'AWS_ACCESS_KEY_ID' });
  assert.deepEqual(described.secretAccessKey, { value: '***', source: 'AWS_SECRET_ACCESS_KEY' });
  assert.deepEqual(described.sessionToken, { value: '***', source: 'AWS_SESSION_TOKEN' });
  Reflect.deleteProperty(process.env, 'AWS_ENDPOINT_URL_S3');
  process.env.AWS_REGION = ''; // as good as none
  const shown = (options: OpenOptions = {}, url = 's3://bucket') => kept(new Client(url, options)).describe();
  assert.equal(shown().endpoint?.source, 'AWS_ENDPOINT_URL');
  assert.deepEqual(shown().region, { value: 'eu-west-1', source: 'AWS_DEFAULT_REGION' });
  process.env.OCTOFETCH_S3_REGION = 'eu-north-1';
  assert.equal(shown().region?.source, 'OCTOFETCH_S3_REGION');
  assert.equal(shown({ region: REGION }).region?.source, 'option');
  const other = shown({ accessKeyId: 'OTHER', secretAccessKey: 'other' });
  assert.deepEqual(other.accessKeyId, { value: 'OTHER', source: 'option' });
  // The token belongs to the other key.
  assert.deepEqual(other.sessionToken, { value: '', source: 'default' });
  const given = shown({ credentials: { accessKeyId: 'OTHER', secretAccessKey: 'other' } });
  assert.deepEqual(given.accessKeyId, { value: 'OTHER', source: 'credentials' });
  assert.deepEqual(given.sessionToken, { value: '', source: 'credentials' });
  assert.deepEqual(shown({ unsigned: true }).accessKeyId, { value: '', source: 'default' });
  assert.equal(shown({ unsigned: false }).accessKeyId?.source, 'AWS_ACCESS_KEY_ID');
  assert.deepEqual(shown({}, 'http://127.0.0.1:1').region, { value: '', source: 'default' });
  process.env.OCTOFETCH_S3_ACCESS_KEY_ID = 'OURS';
  process.env.OCTOFETCH_S3_SECRET_ACCESS_KEY = 'ours';
  assert.deepEqual(shown().accessKeyId, { value: 'OURS', source: 'OCTOFETCH_S3_ACCESS_KEY_ID' });
  assert.deepEqual(shown().sessionToken, { value: '', source: 'default' });
  assert.equal(shown({ credentials: credentials('OTHER') }).accessKeyId?.value, 'OTHER');
});

test('a refusal names the variable', () => {
  process.env.AWS_REGION = REGION;
  process.env.AWS_ACCESS_KEY_ID = 'FIRST';
  assert.throws(() => new Client('s3://bucket'), { message: /^AWS_ACCESS_KEY_ID: credentials: the secret access key is empty/ });
  // With others it does not count.
  kept(new Client('s3://bucket', { credentials: credentials('SECOND'), endpoint: 'http://127.0.0.1:1' }));
});
