#!/usr/bin/env bash
# Installs octofetch and octofetch-testing from their tarballs into somebody's project, whose tests start the scripted origin.
# Called as node_testing_test.sh NODE BUILD_DIR SOURCE_DIR.
set -euo pipefail
node=$1 build=$2 source=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake -S "$source/tests/origin" -B "$work/build" -DOCTO_ORIGIN_STATIC=ON >/dev/null
cmake --build "$work/build" --target octo_origin >/dev/null
program=$work/build/octo-origin
needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(libc\.so\.6|libm\.so\.6|ld-linux-.*)$' || true)
if [ -n "$needed" ]; then
  echo "the origin needs more than libc: $needed" >&2
  exit 1
fi

"$node" "$source/tools/node_package.mjs" "$build" "$work" "$program"
stat -c '%n has %s bytes' "$work"/*.tgz | sed 's|.*/||'
mkdir "$work/project"
cd "$work/project"
echo '{ "private": true }' >package.json
cat >theirs.test.mjs <<'END'
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'octofetch';
import { Origin, OriginError, pattern } from 'octofetch/testing';

test('a slow key is late', async () => {
  const origin = await Origin.start();
  await origin.script({ paths: { '/slow': { delay_ms: 30_000 } } });
  const client = new Client(origin.url('https'), { tlsCaFile: origin.caFile });
  const results = await client.fetch(['a', 'slow'], { budgetMs: 2000 });
  assert.deepEqual(results.get('a').body, pattern('a', 0, 1024));
  assert.equal(results.get('slow').status, 'DEADLINE');
  await client.close();
  await origin.stop();
});

test('what is forgotten ends with the process', async () => {
  const origin = await Origin.start();
  await assert.rejects(origin.script({ nonsense: 1 }), OriginError);
});
END

npm install --offline --no-save --loglevel=error "$work"/octofetch-[0-9]*.tgz "$work"/octofetch-linux-*.tgz >/dev/null
said=$(env -u OCTO_ORIGIN "$node" --test theirs.test.mjs 2>&1 || true)
grep -qF 'npm install --save-dev octofetch-testing' <<<"$said" || { echo "without octofetch-testing it said: $said" >&2 && exit 1; }

npm install --offline --no-save --loglevel=error "$work"/*.tgz >/dev/null
env -u OCTO_ORIGIN "$node" --test theirs.test.mjs
