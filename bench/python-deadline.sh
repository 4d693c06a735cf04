#!/usr/bin/env bash
# ./dev bench python-deadline: when a handler goes on after its await; bench/README.md says how to read it.
set -euo pipefail
export OCTO_ORIGIN=$OCTO_BUILD_DIR/tests/origin/octo-origin
export PYTHONPATH=$OCTO_BUILD_DIR/python:bench/python:tests/python
exec "$(bench/python/venv.sh)/bin/python" -m deadline.main "$@"
