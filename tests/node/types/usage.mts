// Programs as users write them, which must compile with an old and with the newest TypeScript, and lines that must not.
import {
  type Body,
  Client,
  Deadline,
  type FetchError,
  fromS3Client,
  type Result,
  type Results,
  withDeadline,
} from 'octofetch';
import { collectMetrics } from 'octofetch/prometheus';
import { FakeClient, Origin } from 'octofetch/testing';
import { S3Client } from '@aws-sdk/client-s3';
import * as prometheus from 'prom-client';

const PLACEHOLDER = Buffer.alloc(0);

export async function page(keys: string[], signal: AbortSignal): Promise<Buffer[]> {
  const thumbs = new Client('s3://thumbnails', { region: 'eu-west-1', name: 'thumbs', credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) });
  const results: Results = await thumbs.fetch(keys, { budgetMs: 300, signal });
  for await (const r of thumbs.submit(keys, { deadline: Deadline.after(300) })) told(r);
  await withDeadline(1200, async () => {
    const body: Body = await thumbs.get({ key: 'a', range: { suffix: 10 }, priority: 'required' });
    const memory: ArrayBuffer = body.buffer;
    return memory;
  });
  const until: Date | undefined = thumbs.describe().accessKeyId?.expiresAt;
  console.log(until?.getTime());
  await thumbs.close();
  collectMetrics(prometheus, [thumbs]);
  return results.map((r) => (r.ok ? r.body : PLACEHOLDER));
}

export async function stored(body: Body): Promise<Blob> {
  const digest: ArrayBuffer = await crypto.subtle.digest('SHA-256', body);
  return new Blob([body, body.subarray(1), digest]);
}

function told(result: Result): string {
  if (result.ok) return result.text();
  const error: FetchError = result.error;
  // @ts-expect-error a failure has no body
  result.body;
  return error.code;
}

export const client: Promise<Client> = fromS3Client(new S3Client({}), { bucket: 'b' });

export async function withOrigin(): Promise<Client> {
  const origin: Origin = await Origin.start({ addresses: ['127.0.0.1'] });
  await origin.script({ default: { status: 500 } });
  return new Client(origin.url('https'), { tlsCaFile: origin.caFile });
}

export const fake: Client = new FakeClient({ a: 'text', b: new Uint8Array(3) }, { late: ['c'], errors: { d: 'SHED' } });

// @ts-expect-error there is no such option
new Client('http://127.0.0.1', { connectionMax: 3 });
// @ts-expect-error what is awaited is a set, not a key id
new Client('s3://bucket', { credentials: async () => 'AKIDEXAMPLE' });
// @ts-expect-error a batch has no timeout
void fake.fetch(['a'], { timeout: 300 });
// @ts-expect-error a range needs its beginning
void fake.fetch([{ key: 'a', range: { last: 3 } }], { budgetMs: 300 });
// @ts-expect-error this is no status
new FakeClient({}, { errors: { a: 'LATE' } });
