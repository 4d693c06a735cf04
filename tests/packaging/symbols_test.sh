#!/usr/bin/env bash
# The shared library exports the functions of octofetch.h and nothing else, and cannot be unloaded under its threads.
set -euo pipefail
library=$1
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }')
stray=$(grep -v '^octo_' <<<"$exported" || true)
if [ -n "$stray" ]; then
  echo "exported although it is not octo_*:" >&2
  echo "$stray" >&2
  exit 1
fi
grep -qx octo_submit <<<"$exported"
readelf -d "$library" | grep -q NODELETE
readelf -d "$library" | grep -q 'SONAME.*liboctofetch.so.0'
