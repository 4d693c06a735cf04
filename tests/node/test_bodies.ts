// Bodies are Buffers whose memory is their own, whatever their size, and which the garbage collector gives back.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { DecodeError, type Result } from 'octofetch';
import { pattern } from 'octofetch/testing';

import { useOrigin } from './origin_fixture';
import { collectGarbage } from './resources';

const fixture = useOrigin();
const SIZES = [0, 1, 1024, 2047, 2048, 100_000, 1 << 20];
const BUDGET = { budgetMs: 30_000 };

function bodyOf(result: Result | undefined): Buffer {
  assert.ok(result?.ok, result?.message);
  return result.body;
}

test('what is written into a body shows nowhere else, at any size', async () => {
  const paths = Object.fromEntries(SIZES.map((size) => [`/${size}`, { size }]));
  const client = await fixture.open({ paths });
  const keys = SIZES.flatMap((size) => [`${size}`, `${size}`]);
  const both = [await client.fetch(keys, BUDGET), await client.fetch(keys, BUDGET)];
  const bodies = both.flatMap((results) => results.map(bodyOf));
  bodies.forEach((body, at) => {
    assert.equal(body.buffer.byteLength, body.length);
    assert.ok(Buffer.isBuffer(body));
    body.fill(at + 1);
  });
  bodies.forEach((body, at) => assert.ok(body.every((byte) => byte === at + 1)));
  const again = await client.fetch(keys, BUDGET);
  for (const result of again) {
    const body = bodyOf(result);
    assert.ok(body.equals(pattern(Buffer.from(String(result.key)), 0, body.length)));
  }
});

test('the garbage collector gives bodies back, and V8 is told of them', async () => {
  const size = 1 << 20;
  const client = await fixture.open({ default: { size } }, { memoryMax: '1GiB' });
  let results: unknown = await client.fetch(
    Array.from({ length: 16 }, (_, at) => `k${at}`),
    BUDGET,
  );
  const { external } = process.memoryUsage();
  assert.ok(external > 16 * size, `${external} bytes are known of`);
  assert.ok((client.stats().memoryDelivered ?? 0) >= 16 * size);
  results = undefined;
  assert.equal(results, undefined);
  const endsAt = performance.now() + 5000;
  const isGivenBack = (): boolean =>
    client.stats().memoryDelivered === 0 && process.memoryUsage().external < external - 15 * size;
  while (!isGivenBack() && performance.now() < endsAt) {
    collectGarbage();
    await pause(10);
  }
  assert.ok(isGivenBack(), `${client.stats().memoryDelivered}, ${process.memoryUsage().external} of ${external}`);
});

const codings: [string, Buffer][] = [
  ['gzip', gzipSync('{"x": "é"}')],
  ['x-gzip', Buffer.concat([gzipSync('{"x": '), gzipSync('"é"}')])],
  ['deflate', deflateSync('{"x": "é"}')],
  ['deflate', deflateRawSync('{"x": "é"}')],
  ['deflate, gzip', gzipSync(deflateSync('{"x": "é"}'))],
  ['identity', Buffer.from('{"x": "é"}')],
  ['identity', Buffer.from('\ufeff{"x": "é"}')],
];

for (const [coding, bytes] of codings) {
  test(`text and json undo ${coding} of ${bytes.length} bytes`, async () => {
    const headers = [['Content-Encoding', coding]];
    const client = await fixture.open({ default: { body_base64: bytes.toString('base64'), headers } });
    const result = (await client.fetch(['a'], BUDGET)).at(0);
    assert.ok(result?.ok);
    assert.deepEqual(result.json(), { x: 'é' });
    assert.equal(result.text(), '{"x": "é"}');
    assert.ok(result.body.equals(bytes));
  });
}

const faults: [string, Buffer, RegExp][] = [
  ['gzip', gzipSync(Buffer.alloc(5000)), /larger than objectSizeMax, 4096 bytes/],
  ['gzip', gzipSync('abc').subarray(0, 15), /not the gzip that its Content-Encoding says/],
  ['deflate', Buffer.from('xyz'), /not the deflate that/],
  ['br', brotliCompressSync('abc'), /encoded as "br"; gzip and deflate are undone/],
];

for (const [coding, bytes, said] of faults) {
  test(`a body that cannot be undone says ${String(said)}`, async () => {
    const script = { default: { body_base64: bytes.toString('base64'), headers: [['Content-Encoding', coding]] } };
    const client = await fixture.open(script, { objectSizeMax: 4096 });
    const result = (await client.fetch(['a'], BUDGET)).at(0);
    assert.ok(result?.ok);
    assert.throws(() => result.text(), (error: unknown) => error instanceof DecodeError && said.test(error.message));
  });
}

test('a text is read in the charset of its Content-Type', async () => {
  const headers = [['Content-Type', 'text/plain; charset="ISO-8859-1"']];
  const client = await fixture.open({ default: { body_base64: Buffer.from([0xe9]).toString('base64'), headers } });
  const result = (await client.fetch(['a'], BUDGET)).at(0);
  assert.ok(result?.ok);
  assert.equal(result.text(), 'é');
  assert.equal(result.text('utf-8'), '\ufffd');
  assert.throws(() => result.text('klingon'), DecodeError);
});
