#!/usr/bin/env bash
# docs/options.md and docs/statuses.md are what the command prints of the library's tables, and docs/faults.md is what
# tools/fault_table.py makes of the tests.
set -euo pipefail
command=$1 docs=$2
for name in options statuses; do
  if ! diff -u "$docs/$name.md" <("$command" "$name" --markdown); then
    echo "docs/$name.md is not up to date; write it anew: octofetch $name --markdown > docs/$name.md" >&2
    exit 1
  fi
done
python3 "$docs/../tools/fault_table.py" --check
