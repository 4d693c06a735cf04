#!/usr/bin/env bash
# Draws the report of a measurement: `render.sh MEASUREMENT.json [FOLDER]` writes index.html and the SVGs into FOLDER,
# which is bench/report unless told otherwise. ./dev bench octo calls it at its end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export OCTO_BUILD_DIR=${OCTO_BUILD_DIR:-$root/build}
report=$("$root/bench/report/modules.sh")
exec node "$report/render.mjs" "$1" "${2:-$root/bench/report}"
