// Makes what is published to npm, of a finished build: `node_package.mjs BUILD_DIR FOLDER` writes two tarballs to FOLDER, the
// package octofetch, which is the same everywhere, and the one with the addon for this platform, which npm chooses by `os`,
// `cpu` and `libc`. Neither runs a script when it is installed, as npm 12 and pnpm run none.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

// What bindings/node/octofetch/native.ts looks for.
const PLATFORMS = [
  ['linux', 'x64', 'glibc'],
  ['linux', 'arm64', 'glibc'],
  ['linux', 'x64', 'musl'],
  ['linux', 'arm64', 'musl'],
  ['darwin', 'x64'],
  ['darwin', 'arm64'],
];

function nameOf([os, cpu, libc]) {
  const suffix = libc === undefined ? '' : `-${libc === 'glibc' ? 'gnu' : libc}`;
  return `@octofetch/${os}-${cpu}${suffix}`;
}

function thisPlatform() {
  const { glibcVersionRuntime } = process.report.getReport().header;
  const libc = process.platform === 'linux' ? [glibcVersionRuntime ? 'glibc' : 'musl'] : [];
  return [process.platform, process.arch, ...libc];
}

function pack(source, folder, manifest) {
  writeFileSync(path.join(source, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: source });
  rmSync(source, { recursive: true });
}

const [build, folder] = process.argv.slice(2, 4).map((argument) => path.resolve(argument));
const built = path.join(build, 'node', 'node_modules', 'octofetch');
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
// Of a clone's use alone.
delete manifest.devDependencies;
delete manifest.scripts;
const { version, license, engines } = manifest;

const main = path.join(folder, 'octofetch');
mkdirSync(main, { recursive: true });
cpSync(path.join(built, 'lib'), path.join(main, 'lib'), { recursive: true });
for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) cpSync(path.join(ROOT, file), path.join(main, file));
const optionalDependencies = Object.fromEntries(PLATFORMS.map((one) => [nameOf(one), version]));
pack(main, folder, { ...manifest, optionalDependencies });

const platform = thisPlatform();
const [os, cpu, libc] = platform;
const addon = path.join(folder, 'addon');
mkdirSync(addon, { recursive: true });
cpSync(path.join(built, 'octofetch.node'), path.join(addon, 'octofetch.node'));
execFileSync('strip', ['--strip-unneeded', path.join(addon, 'octofetch.node')]);
cpSync(path.join(ROOT, 'LICENSE'), path.join(addon, 'LICENSE'));
pack(addon, folder, {
  name: nameOf(platform),
  version,
  description: `The addon of octofetch for ${platform.join(' ')}`,
  license,
  main: './octofetch.node',
  files: ['octofetch.node'],
  engines,
  os: [os],
  cpu: [cpu],
  ...(libc === undefined ? {} : { libc: [libc] }),
  preferUnplugged: true,
});
