// The JavaScript of README.md, docs/node and docs/migrate runs as typed, against the origin in place of the addresses that it
// names. What a page calls "before" and "after" gives the same bodies, in both with more time than a busy machine needs.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { S3Client } from '@aws-sdk/client-s3';

import { startOrigin } from './origin';

const ROOT = process.env.OCTO_ROOT ?? '';
const PAGES = ['README.md', ...folder('docs/node'), ...folder('docs/migrate').filter((page) => /(undici|aws-sdk)\.md$/.test(page))];
const GONE = { status: 404 };
const SCRIPT = {
  paths: { '/thumbs/p.json': { body: '{"title": "x"}' }, '/thumbs/gone.jpg': GONE, '/photos/gone.jpg': GONE },
};
const KEYS = ['a.jpg', 'gone.jpg', 'b c+.jpg'];

// A file for each block, beside the built package.
const written = mkdtempSync(path.join(__dirname, 'blocks-'));
const started = startOrigin();
after(async () => {
  rmSync(written, { recursive: true });
  await (await started).stop();
});

interface Block {
  kind: string;
  code: string;
}

function folder(name: string): string[] {
  return readdirSync(path.join(ROOT, name)).map((file) => `${name}/${file}`);
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```js ?(\w*)\n(.*?)^```/gms)].map(([, kind = '', code = '']) => ({ kind, code }));
}

for (const page of PAGES) {
  const blocks = blocksOf(page);
  test(`${page} has blocks`, () => {
    assert.ok(blocks.length > 0);
  });
  blocks.forEach(({ kind, code }, at) => {
    if (kind === '') {
      test(`${page}: block ${at} runs as typed`, async () => {
        await runBlock(code);
      });
    }
    if (kind === 'before') {
      test(`${page}: block ${at} gives what the next one does`, async () => {
        assert.equal(blocks[at + 1]?.kind, 'after');
        const bodies = await runBlock(code);
        assert.deepEqual([bodies.length, new Set(bodies).size], [KEYS.length, KEYS.length]);
        assert.deepEqual(await runBlock(blocks[at + 1]?.code ?? ''), bodies);
      });
    }
  });
}

/** Runs a block as a module of its own; what it names `bodies` is answered. */
async function runBlock(code: string): Promise<string[]> {
  const origin = await started;
  await origin.script(SCRIPT);
  const url = `${origin.url()}/thumbs`;
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const s3 = new S3Client({ region: 'eu-central-1', endpoint: origin.url(), forcePathStyle: true, credentials });
  const names = { PLACEHOLDER: Buffer.from('no picture'), render: (...parts: unknown[]) => parts, keys: KEYS, base: url, s3 };
  Object.assign(globalThis, { names });
  const file = path.join(written, `${Math.random()}.mjs`);
  const given = `const { ${Object.keys(names).join(', ')} } = globalThis.names;\n`;
  const asked = /^const bodies\b/m.test(code) ? '\nexport { bodies };' : '';
  const patient = asked === '' ? code : code.replaceAll(/(timeout\(|budgetMs: )300/g, (_, word: string) => `${word}20_000`);
  writeFileSync(file, given + patient.replaceAll('https://images.example/thumbs', url) + asked);
  const module = (await import(pathToFileURL(file).href)) as { bodies?: Buffer[] };
  return (module.bodies ?? []).map((body) => body.toString('hex'));
}
