#!/usr/bin/env bash
# Installs package-lock.json beside the package that the build made, with the contenders themselves, and prints that folder:
# modules there find both. The copied list says that it is done.
set -euo pipefail
mkdir -p "$OCTO_BUILD_DIR/node/replay"
replay=$(cd "$OCTO_BUILD_DIR/node/replay" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! cmp -s package-lock.json "$replay/node_modules/.installed"; then
  cp package.json package-lock.json "$replay"
  npm --prefix "$replay" ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2
  cp package-lock.json "$replay/node_modules/.installed"
fi
cp ./*.mjs "$replay"
echo "$replay"
