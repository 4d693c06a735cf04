// Credentials that a function gives, and clients made after an S3Client of the AWS SDK.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { S3Client } from '@aws-sdk/client-s3';
import { Client, type Credentials, fromS3Client, type OpenOptions } from 'octofetch';

import { useOrigin, warningsOf } from './origin_fixture';

const fixture = useOrigin();
const BUDGET = { budgetMs: 10_000 };

async function open(credentials: OpenOptions['credentials']): Promise<Client> {
  await fixture.open({});
  return new Client('s3://bucket', { endpoint: fixture.origin.url(), region: 'eu-west-1', credentials });
}

async function signers(): Promise<Record<string, string | undefined>> {
  const seen = await fixture.origin.lastRequests();
  return Object.fromEntries(
    seen.map(({ path, headers }) => {
      const [, value] = headers.find(([name]) => name.toLowerCase() === 'authorization') ?? [];
      return [path, /Credential=([^/]*)/.exec(value ?? '')?.[1]];
    }),
  );
}

function credentials(accessKeyId: string, inMs?: number): Credentials {
  const expiration = inMs === undefined ? undefined : new Date(Date.now() + inMs);
  return { accessKeyId, secretAccessKey: 'secret', sessionToken: 'token', expiration };
}

test('a set of credentials signs', async () => {
  const client = await open(credentials('FIXED'));
  assert.ok((await client.fetch(['a'], BUDGET)).complete);
  client.setCredentials(credentials('CHANGED'));
  assert.ok((await client.fetch(['b'], BUDGET)).complete);
  assert.deepEqual(await signers(), { '/bucket/a': 'FIXED', '/bucket/b': 'CHANGED' });
  client.destroy();
});

test('a function is asked once by the batches that need it, whose budgets count meanwhile', async () => {
  let asked = 0;
  const client = await open(async () => {
    asked += 1;
    await pause(200);
    return credentials('ASKED');
  });
  assert.equal(asked, 0);
  const [one, two] = await Promise.all([client.fetch(['a'], BUDGET), client.fetch(['b'], BUDGET)]);
  assert.ok(one.complete && two.complete, one.explain());
  assert.ok(one.info.budgetUs <= 9_900_000, `${one.info.budgetUs} us were left`);
  assert.ok((await client.fetch(['c'], BUDGET)).complete);
  assert.equal(asked, 1);
  assert.equal((await signers())['/bucket/c'], 'ASKED');
  client.destroy();
});

test('a function that does not answer in time costs the batch its keys, not its deadline', async () => {
  const client = await open(() => new Promise<Credentials>(() => undefined));
  const begunAt = performance.now();
  const results = await client.fetch(['a'], { budgetMs: 200 });
  assert.ok(performance.now() - begunAt < 5000);
  assert.ok(['NO_CREDENTIALS', 'DEADLINE'].includes(results.at(0)?.status ?? ''));
  client.destroy();
});

test('a function that fails is warned of, without what it gave, and every key says why', async () => {
  const client = await open(async () => ({ ...credentials('BAD'), secretAccessKey: 7 as unknown as string }));
  const warnings = await warningsOf(async () => {
    assert.equal((await client.fetch(['a'], BUDGET)).at(0)?.status, 'NO_CREDENTIALS');
  });
  const said = warnings.map(({ message }) => message).join('\n');
  assert.match(said, /no credentials: credentials have no secretAccessKey/);
  client.destroy();
});

test('credentials are asked for anew before they expire, while those before are in use', async () => {
  const given = [credentials('FIRST', 60_000), credentials('SECOND', 3_600_000)];
  let asked = 0;
  const client = await open(async () => pause(1000, given[asked++] ?? credentials('TOO_MANY')));
  assert.ok((await client.fetch(['a'], BUDGET)).complete);
  await pause(5100);
  assert.ok((await client.fetch(['b'], BUDGET)).complete);
  await pause(1500);
  assert.ok((await client.fetch(['c'], BUDGET)).complete);
  assert.equal(asked, 2);
  const { '/bucket/b': meanwhile, '/bucket/c': then } = await signers();
  assert.deepEqual([meanwhile, then], ['FIRST', 'SECOND']);
  client.destroy();
});

test('a batch waits for new credentials where those before have expired', async () => {
  const given = [credentials('FIRST', 1000), credentials('SECOND', 3_600_000)];
  let asked = 0;
  const client = await open(async () => pause(100, given[asked++] ?? credentials('TOO_MANY')));
  assert.ok((await client.fetch(['a'], BUDGET)).complete);
  await pause(5100);
  const results = await client.fetch(['b'], BUDGET);
  assert.ok(results.complete, results.explain());
  assert.equal((await signers())['/bucket/b'], 'SECOND');
  client.destroy();
});

test('cancelling or closing while credentials are awaited ends the batch', async () => {
  const client = await open(() => pause(300, credentials('LATE')));
  const cancelled = client.submit(['a'], BUDGET);
  cancelled.cancel();
  assert.equal((await cancelled).state, 'CANCELLED');
  const other = await open(() => pause(300, credentials('LATE')));
  const closed = other.fetch(['a'], BUDGET);
  other.destroy();
  await assert.rejects(closed, { code: 'OCTO_CLOSED' });
  await other.close();
  client.destroy();
});

test('a client asks where and as whom an S3Client does', async () => {
  await fixture.open({});
  const s3 = new S3Client({
    region: 'eu-central-1',
    endpoint: fixture.origin.url(),
    forcePathStyle: true,
    credentials: { accessKeyId: 'FROMSDK', secretAccessKey: 'secret' },
  });
  const client = await fromS3Client(s3, { bucket: 'pictures', prefix: 'small ones', name: 'sdk' });
  assert.equal(client.describe().region?.value, 'eu-central-1');
  assert.ok((await client.fetch(['a b.jpg'], BUDGET)).complete);
  assert.deepEqual(Object.values(await signers()), ['FROMSDK']);
  client.destroy();
});
