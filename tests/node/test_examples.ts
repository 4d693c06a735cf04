// The examples, as programs that are asked by real requests, and that end when they are told to.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { eventually, useOrigin } from './origin_fixture';

const fixture = useOrigin();
const SCRIPT = {
  paths: {
    '/a': { size: 10 },
    '/b': { size: 3000 },
    '/slow': { delay_ms: 30_000 },
    '/page.json': { body: '{"title": "Small"}' },
  },
};

/** Runs an example beside the built package, and asks it. */
async function withExample(name: string, ask: (url: string) => Promise<void>): Promise<void> {
  await fixture.open(SCRIPT);
  const folder = mkdtempSync(path.join(__dirname, 'example-'));
  const file = path.join(folder, name);
  copyFileSync(path.join(process.env.OCTO_ROOT ?? '', 'examples', 'node', name), file);
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, PORT: '0', OCTOFETCH_THUMBS_URL: fixture.origin.url() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    // The first page needs connections besides, which a busy machine may not have in time.
    await eventually(() => ask(line.toString().trim()), 30_000);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

test('the Express page', async () => {
  await withExample('express_page.mjs', async (url) => {
    assert.equal(await (await fetch(`${url}/ready`)).text(), 'ready');
    const page = await fetch(`${url}/page/a,b,slow`);
    assert.match(page.headers.get('server-timing') ?? '', /^thumbs;dur=[\d.]+;desc="2 of 3"$/);
    assert.deepEqual(await page.json(), { sizes: { a: 10, b: 3000 }, late: ['slow'], title: 'Small' });
    const picture = await fetch(`${url}/picture/a`);
    assert.equal((await picture.arrayBuffer()).byteLength, 10);
    assert.equal((await fetch(`${url}/picture/slow`)).status, 504);
  });
});

test('the Fastify page', async () => {
  await withExample('fastify_page.mjs', async (url) => {
    const lines = (await (await fetch(`${url}/page/a,b,slow`)).text()).trim().split('\n');
    const [explained, ...results] = lines.map((line) => JSON.parse(line) as { key: string; status: string }).reverse();
    assert.match(JSON.stringify(explained), /2 of 3/);
    assert.deepEqual(results.map(({ key, status }) => `${key} ${status}`).sort(), ['a OK', 'b OK', 'slow DEADLINE']);
  });
});

test('the page of worker threads', async () => {
  await withExample('worker_threads_page.mjs', async (url) => {
    const pages = await Promise.all([1, 2, 3, 4].map(async () => (await fetch(`${url}/a,b,slow`)).json()));
    for (const page of pages) assert.deepEqual(page, { sizes: { a: 10, b: 3000 }, late: ['slow'] });
  });
});
