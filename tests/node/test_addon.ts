// The addon is one file that needs the C library alone, shows Node-API's entries alone, and takes nothing from the program;
// where there is none, the error says what to do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { run } from './child';
import { useOrigin } from './origin_fixture';

const fixture = useOrigin();
const ADDON = path.join(path.dirname(path.dirname(require.resolve('octofetch'))), 'octofetch.node');

// Of glibc 2.34 and later it is one library; before that it was these.
const LIBC = /^(libc|libm|libdl|libpthread|librt|ld-linux[\w-]*)\.so\.\d$/;

// The highest version of glibc that a symbol may need, so that Debian 12 runs what is built on it.
const GLIBC_MAX = [2, 36];

function tool(name: string, ...parameters: string[]): string[] {
  return execFileSync(name, parameters, { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
}

test('it needs the C library alone', () => {
  const needed = tool('readelf', '-dW', ADDON).flatMap((line) => /\(NEEDED\).*\[(.*)\]/.exec(line)?.[1] ?? []);
  assert.ok(needed.length > 0);
  for (const library of needed) assert.match(library, LIBC);
});

test('it shows the two entries of Node-API', () => {
  const shown = tool('nm', '-D', '--defined-only', ADDON).flatMap((line) => line.split(' ')[2] ?? []);
  assert.deepEqual(shown.sort(), ['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
});

test('it runs with the glibc of Debian 12', () => {
  const versions = tool('nm', '-D', '--undefined-only', ADDON).flatMap((line) => {
    const [, major, minor] = /@GLIBC_(\d+)\.(\d+)/.exec(line) ?? [];
    return major === undefined ? [] : [[Number(major), Number(minor)]];
  });
  const highest = versions.reduce((most, one) => (compared(one, most) > 0 ? one : most));
  assert.ok(compared(highest, GLIBC_MAX) <= 0, `GLIBC_${highest.join('.')}`);
});

function compared([major = 0, minor = 0]: number[], [otherMajor = 0, otherMinor = 0]: number[]): number {
  return major - otherMajor || minor - otherMinor;
}

const FETCH = `
  const { Client } = require('octofetch');
  const client = new Client(process.env.URL, { tlsCaFile: process.env.CA });
  client.fetch(['a', 'b'], { budgetMs: 20_000 }).then((results) => console.log(results.complete));`;

function environment(): NodeJS.ProcessEnv {
  return { URL: fixture.origin.url('https').replace('127.0.0.1', 'localhost'), CA: fixture.origin.caFile };
}

test('nothing of it is bound to the node program but Node-API and the C library', async () => {
  await fixture.open({});
  const { output, code } = await run(FETCH, { ...environment(), LD_DEBUG: 'bindings', LD_BIND_NOW: '1' });
  assert.equal(code, 0);
  assert.match(output, /^true$/m);
  const bound = output.split('\n').flatMap((line) => {
    const found = /binding file (\S+) \[0\] to (\S+) \[0\]: \w+ symbol `([^']+)'/.exec(line);
    return found?.[1] === ADDON ? [{ to: found[2] ?? '', symbol: found[3] ?? '' }] : [];
  });
  const toProgram = bound.filter(({ to }) => to !== ADDON && !to.includes('.so')).map(({ symbol }) => symbol);
  assert.ok(toProgram.some((symbol) => symbol.startsWith('napi_')));
  const libc = new Set(tool('nm', '-D', '--undefined-only', ADDON).flatMap((line) => / (\w+)@GLIBC/.exec(line)?.[1] ?? []));
  assert.deepEqual(
    toProgram.filter((symbol) => !symbol.startsWith('napi_') && !libc.has(symbol)),
    [],
  );
});

test('it runs with another malloc preloaded', async () => {
  await fixture.open({ default: { size: 100_000 } });
  const { output, code, signal } = await run(FETCH, { ...environment(), LD_PRELOAD: process.env.OCTO_OTHER_MALLOC });
  assert.deepEqual([code, signal, output], [0, null, 'true\n']);
});

/** What loading the modules without an addon ends with, on a system that process says it is. */
async function refusal(platform: string, arch: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'octofetch-'));
  try {
    cpSync(path.dirname(require.resolve('octofetch')), path.join(folder, 'lib'), { recursive: true });
    const index = JSON.stringify(path.join(folder, 'lib', 'index.js'));
    const { output } = await run(`
      Object.defineProperty(process, 'platform', { value: '${platform}' });
      Object.defineProperty(process, 'arch', { value: '${arch}' });
      try { require(${index}); } catch (error) { console.log(error.message, error.cause.code); }`);
    return output;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('where its package is not installed, the error says how it would be', async () => {
  assert.match(await refusal('darwin', 'arm64'), /@octofetch\/darwin-arm64 is not installed.*--omit=optional.* MODULE_NOT_FOUND$/m);
});

test('where there is no package, the error says where there is one and to build from a clone', async () => {
  for (const [platform, arch, name] of [
    ['win32', 'x64', 'win32-x64'],
    ['linux', 's390x', 'linux-s390x-gnu'],
  ] as const) {
    const said = await refusal(platform, arch);
    assert.match(said, new RegExp(`no package for ${name}, only for linux-x64-gnu, .*, darwin-arm64; elsewhere, build from a clone`));
    assert.doesNotMatch(said, /--omit=optional|lockfile/);
  }
});
