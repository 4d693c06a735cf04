#!/usr/bin/env bash
# Installs the other clients beside the package that the build made, with the contenders themselves: modules there find both.
# Prints that folder.
set -euo pipefail
folder=$(realpath -m "$OCTO_BUILD_DIR/node/peers")
cd "$(dirname "${BASH_SOURCE[0]}")"
../../tools/npm_beside.sh "$folder"
cp -R ./*.mjs contenders deadline soak "$folder"
echo "$folder"
