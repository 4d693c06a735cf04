#!/usr/bin/env bash
# Installs package-lock.json below the build, with the programs of the report themselves, and prints that folder:
# modules there find both. The copied list says that it is done.
set -euo pipefail
mkdir -p "$OCTO_BUILD_DIR/report"
report=$(cd "$OCTO_BUILD_DIR/report" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! cmp -s package-lock.json "$report/node_modules/.installed"; then
  cp package.json package-lock.json "$report"
  npm --prefix "$report" ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2
  cp package-lock.json "$report/node_modules/.installed"
fi
cp -- *.mjs *.css "$report"
echo "$report"
