#!/usr/bin/env bash
# Installs the tarballs that npm users get into an empty project without a compiler, and fetches a body by require, by
# import and out of an esbuild bundle. Types, exports and manifest are what the tools for them expect.
# Called as node_package_test.sh NODE BUILD_DIR SOURCE_DIR ORIGIN_PROGRAM.
set -euo pipefail
node=$1 build=$2 source=$3 origin=$4
modules=$source/node_modules
folder=$(mktemp -d)
trap 'rm -rf "$folder"; [ -z "${origin_pid:-}" ] || kill "$origin_pid"' EXIT

"$node" "$source/tools/node_package.mjs" "$build" "$folder"
main=$(echo "$folder"/octofetch-[0-9]*.tgz)
addon=$(echo "$folder"/octofetch-*-*-*.tgz)

listed=$(tar -tzf "$main")
if grep -vE '^package/(lib/[a-z0-9_]+\.(d\.ts|d\.mts|js|mjs)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$' <<<"$listed"; then
  echo "the package has more in it than modules and documents" >&2
  exit 1
fi
if tar -xzOf "$main" package/package.json | grep -E '"(devDependencies|scripts|gypfile)"'; then
  echo "the manifest says what a user has no use for" >&2
  exit 1
fi
for tarball in "$main" "$addon"; do
  if ! tar -xzOf "$tarball" package/package.json | grep -qF '"license": "Apache-2.0"'; then
    echo "the manifest of $(basename "$tarball") does not name the license that LICENSE is" >&2
    exit 1
  fi
done

# The packages that npm chooses from are those that the error of a platform without one names.
named=$("$node" -p 'Object.keys(JSON.parse(process.argv[1]).optionalDependencies).map((name) => name.split("/")[1]).join("\x27, \x27")' \
  "$(tar -xzOf "$main" package/package.json)")
if ! tar -xzOf "$main" package/lib/native.js | grep -qF "['$named']"; then
  echo "native.ts names other platforms than tools/node_package.mjs: $named" >&2
  exit 1
fi

mkdir "$folder/project"
cd "$folder/project"
echo '{ "private": true }' >package.json
# Nothing but node and npm's own tools: what would be compiled could not be.
mkdir "$folder/bin"
for program in "$node" "$(command -v npm)" "$(command -v sh)"; do
  ln -s "$(readlink -f "$program")" "$folder/bin/$(basename "$program")"
done
PATH=$folder/bin npm install --offline --no-save --loglevel=error "$main" "$addon" >/dev/null

# It ends with its standard input, which this script holds open.
mkfifo "$folder/hold" "$folder/says"
"$origin" --address 127.0.0.1 <"$folder/hold" >"$folder/says" &
origin_pid=$!
exec 8>"$folder/hold" 9<"$folder/says"
read -r ready <&9
URL="http://127.0.0.1:$("$node" -p 'JSON.parse(process.argv[1]).http' "$ready")"
export URL

cat >fetch.cjs <<'END'
const { Client } = require('octofetch');
const { FakeClient } = require('octofetch/testing');
(async () => {
  const client = new Client(process.env.URL);
  const body = await client.get('a', { budgetMs: 20_000 });
  console.log(body.length, new FakeClient({}) instanceof Client);
  await client.close();
})();
END
cat >fetch.mjs <<'END'
import { createRequire } from 'node:module';
import { Client } from 'octofetch';
import { FakeClient } from 'octofetch/testing';
const body = await new Client(process.env.URL).get('a', { budgetMs: 20_000 });
const required = createRequire(import.meta.url)('octofetch').Client;
console.log(body.length, new FakeClient({}) instanceof Client && required === Client);
END
"$modules/.bin/esbuild" fetch.mjs --bundle --platform=node --format=esm --external:octofetch --outfile=bundle.mjs --log-level=error
for program in fetch.cjs fetch.mjs bundle.mjs; do
  said=$(PATH=$folder/bin "$node" $program)
  [ "$said" = '1024 true' ] || { echo "$program said: $said" >&2 && exit 1; }
done

# With the package in the bundle it cannot run where the package is not installed, and says so as docs/node has it.
while read -r program format text; do
  "$modules/.bin/esbuild" "$program" --bundle --platform=node --format="$format" --outfile="$folder/$program" --log-level=error
  said=$("$node" "$folder/$program" 2>&1 || true)
  for place in "$said" "$(<"$source/docs/node/README.md")"; do
    grep -qF "$text" <<<"$place" || { echo "'$text' is missing where $program or docs/node has: $place" >&2 && exit 1; }
  done
done <<'END'
fetch.mjs esm Dynamic require of "node:fs" is not supported
fetch.cjs cjs is not installed
END

# In every way that TypeScript resolves, the classic one too, which knows no `exports`.
"$node" "$modules/@arethetypeswrong/cli/dist/index.js" "$main" --format ascii
"$node" "$modules/publint/src/cli.js" "$main" --strict
