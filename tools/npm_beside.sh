#!/usr/bin/env bash
# Installs the package-lock.json of the current folder in another one, below the build, so that modules which are copied
# there find it: npm_beside.sh FOLDER. The copied list says that it is done.
set -euo pipefail
folder=$1
mkdir -p "$folder"

if ! cmp -s package-lock.json "$folder/node_modules/.installed"; then
  cp package.json package-lock.json "$folder"
  npm --prefix "$folder" ci --ignore-scripts --no-fund --no-audit --loglevel=error >&2
  cp package-lock.json "$folder/node_modules/.installed"
fi
