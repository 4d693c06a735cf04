// Makes what is published to npm, of a finished build: `node_package.mjs BUILD_DIR FOLDER [ORIGIN]` writes two tarballs to
// FOLDER, the package octofetch, which is the same everywhere, and the one with the addon for this platform, which npm chooses
// by `os`, `cpu` and `libc`; and the same two of octofetch-testing, where there is an ORIGIN, an octo-origin that needs libc
// alone. None runs a script when it is installed, as npm 12 and pnpm run none.
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

function nameOf([os, cpu, libc], prefix = '') {
  const suffix = libc === undefined ? '' : `-${libc === 'glibc' ? 'gnu' : libc}`;
  return `@octofetch/${prefix}${os}-${cpu}${suffix}`;
}

function everywhere(prefix = '') {
  return Object.fromEntries(PLATFORMS.map((one) => [nameOf(one, prefix), version]));
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

// A program or library of this platform, in a package of its own.
function packNative(from, file, prefix, description) {
  const source = path.join(folder, 'native');
  mkdirSync(source, { recursive: true });
  cpSync(from, path.join(source, file));
  execFileSync('strip', ['--strip-unneeded', path.join(source, file)]);
  cpSync(path.join(ROOT, 'LICENSE'), path.join(source, 'LICENSE'));
  const platform = thisPlatform();
  const [os, cpu, libc] = platform;
  pack(source, folder, {
    name: nameOf(platform, prefix),
    version,
    description: `${description} for ${platform.join(' ')}`,
    license,
    ...(file.endsWith('.node') ? { main: `./${file}` } : {}),
    files: [file],
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    preferUnplugged: true,
  });
}

const [build, folder, origin] = process.argv.slice(2, 5).map((argument) => path.resolve(argument));
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
pack(main, folder, {
  ...manifest,
  optionalDependencies: everywhere(),
  // So that octofetch/testing finds it where packages see only what they name.
  peerDependencies: { 'octofetch-testing': version },
  peerDependenciesMeta: { 'octofetch-testing': { optional: true } },
});
packNative(path.join(built, 'octofetch.node'), 'octofetch.node', '', 'The addon of octofetch');

if (origin !== undefined) {
  const testing = path.join(folder, 'octofetch-testing');
  mkdirSync(testing, { recursive: true });
  cpSync(path.join(ROOT, 'bindings', 'node_testing', 'index.js'), path.join(testing, 'index.js'));
  cpSync(path.join(ROOT, 'LICENSE'), path.join(testing, 'LICENSE'));
  pack(testing, folder, {
    name: 'octofetch-testing',
    version,
    description: 'For tests with octofetch: the program of its scripted, fault-injecting origin on the loopback',
    license,
    main: './index.js',
    files: ['index.js'],
    engines,
    optionalDependencies: everywhere('testing-'),
  });
  packNative(origin, 'octo-origin', 'testing-', 'The scripted origin of octofetch');
}
