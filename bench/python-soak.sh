#!/usr/bin/env bash
# ./dev bench python-soak: a process that fetches for long, with faults and forks; bench/README.md says how to read it.
set -euo pipefail
export OCTO_ORIGIN=$OCTO_BUILD_DIR/tests/origin/octo-origin
export PYTHONPATH=$OCTO_BUILD_DIR/python:bench/python:tests/python
exec "$(bench/python/venv.sh)/bin/python" -m soak.main "$@"
