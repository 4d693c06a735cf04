#!/usr/bin/env bash
# Installs what the report is drawn with below the build, with the programs of the report themselves. Prints that folder.
set -euo pipefail
folder=$(realpath -m "$OCTO_BUILD_DIR/report")
cd "$(dirname "${BASH_SOURCE[0]}")"
../../tools/npm_beside.sh "$folder"
cp -- *.mjs *.css "$folder"
echo "$folder"
