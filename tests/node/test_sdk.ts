// Clients made after an S3Client of the AWS SDK: where, how and as whom they ask. The origin checks signatures.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, test } from 'node:test';

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type Client, fromS3Client } from 'octofetch';

import { useOrigin, useOwnVariables } from './origin_fixture';

const fixture = useOrigin();
const REGION = 'eu-central-1';
const SECRET = 'wJalrXUtnFEMI/K7MDENG';
const SIGNER = { accessKeyId: 'FROMSDK', secretAccessKey: SECRET };

let opened: Client[] = [];

useOwnVariables();

afterEach(() => {
  for (const client of opened) client.destroy();
  opened = [];
});

/** From now on only this one may sign. */
async function expectSigner(accessKeyId: string): Promise<void> {
  await fixture.origin.script({ signature: { region: REGION, access_key_id: accessKeyId, secret_access_key: SECRET } });
}

function kept(client: Client): Client {
  opened.push(client);
  return client;
}

async function assertFetches(client: Client, key = 'a'): Promise<void> {
  const results = await client.fetch([key], { budgetMs: 10_000 });
  assert.equal(results.at(0)?.status, 'OK', results.at(0)?.message);
}

test('a client asks where and as whom an S3Client does', async () => {
  await expectSigner('FROMSDK');
  // The SDK asks the variables of AWS by itself, and first for what it was not given.
  process.env.AWS_ACCESS_KEY_ID = 'OTHER';
  process.env.AWS_SECRET_ACCESS_KEY = 'other';
  const s3 = new S3Client({
    region: REGION,
    endpoint: fixture.origin.url(),
    forcePathStyle: true,
    credentials: SIGNER,
  });
  const client = kept(await fromS3Client(s3, { bucket: 'pictures', prefix: 'small ones', name: 'sdk' }));
  assert.equal(client.describe().region?.value, REGION);
  await assertFetches(client, 'a b.jpg');
  assert.deepEqual(client.describe().accessKeyId, { value: 'FROMSDK', source: 'credentials provider' });
  const [seen] = await fixture.origin.lastRequests();
  assert.equal(seen?.path, '/pictures/small%20ones/a%20b.jpg');
  const own = kept(await fromS3Client(s3, { bucket: 'pictures', accessKeyId: 'OWN', secretAccessKey: SECRET }));
  assert.deepEqual(own.describe().accessKeyId, { value: 'OWN', source: 'option' });
});

test('a client is signed by what it is given beside an S3Client', async () => {
  await expectSigner('OWN');
  const endpoint = fixture.origin.url();
  const s3 = new S3Client({ region: REGION, endpoint, credentials: SIGNER });
  const credentials = { ...SIGNER, accessKeyId: 'OWN' };
  const client = kept(await fromS3Client(s3, { bucket: 'pictures', credentials, region: undefined }));
  assert.equal(client.describe().region?.value, REGION);
  await assertFetches(client);
  assert.deepEqual(client.describe().accessKeyId, { value: 'OWN', source: 'credentials' });
});

test("a client asks where a file of AWS's tools sends an S3Client", async () => {
  await expectSigner('FROMSDK');
  const folder = mkdtempSync(path.join(tmpdir(), 'octofetch-'));
  try {
    process.env.AWS_CONFIG_FILE = path.join(folder, 'config');
    writeFileSync(process.env.AWS_CONFIG_FILE, `[default]\nendpoint_url = ${fixture.origin.url()}\n`);
    const s3 = new S3Client({ region: REGION, credentials: SIGNER });
    const client = kept(await fromS3Client(s3, { bucket: 'pictures' }));
    assert.equal(client.describe().endpoint?.value, fixture.origin.url());
    await assertFetches(client);
    const other = kept(await fromS3Client(s3, { bucket: 'pictures', endpoint: 'http://127.0.0.1:1' }));
    assert.equal(other.describe().endpoint?.value, 'http://127.0.0.1:1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('hosts of an S3Client that a client cannot ask are refused, and those with IPv6 are asked', async () => {
  process.env.AWS_CONFIG_FILE = '/dev/null';
  const s3 = (options: S3ClientConfig) => new S3Client({ region: REGION, credentials: SIGNER, ...options });
  const refusal = (name: string, host: string): object => ({
    name: 'OptionError',
    code: 'OCTO_UNSUPPORTED',
    message:
      `${name}: the S3Client has it, and octofetch has no such option; give endpoint: 'https://${host}' here, ` +
      'or make the S3Client without it',
  });
  const [fips, fast] = [s3({ useFipsEndpoint: true }), s3({ useAccelerateEndpoint: true })];
  const [fipsHost, fastHost] = [`s3-fips.${REGION}.amazonaws.com`, 's3-accelerate.amazonaws.com'];
  await assert.rejects(fromS3Client(fips, { bucket: 'pictures' }), refusal('useFipsEndpoint', fipsHost));
  await assert.rejects(fromS3Client(fast, { bucket: 'pictures' }), refusal('useAccelerateEndpoint', fastHost));
  const named = kept(await fromS3Client(fips, { bucket: 'pictures', endpoint: `https://${fipsHost}` }));
  assert.equal(named.describe().endpoint?.value, `https://${fipsHost}`);
  const dual = kept(await fromS3Client(s3({ useDualstackEndpoint: true }), { bucket: 'pictures' }));
  assert.deepEqual(dual.describe().dualStack, { value: 'true', source: 'option' });
  const single = kept(await fromS3Client(s3({ useDualstackEndpoint: true }), { bucket: 'pictures', dualStack: false }));
  assert.equal(single.describe().dualStack?.value, 'false');
  assert.equal(kept(await fromS3Client(s3({}), { bucket: 'pictures' })).describe().dualStack?.value, 'false');
});
