#!/usr/bin/env bash
# ./dev bench octo: the replay of Octo's story and its report; bench/README.md says how to read it.
set -euo pipefail
bench/peers/node/peers.sh >/dev/null
bench/peers/go/build.sh >/dev/null
export OCTO_ORIGIN=$OCTO_BUILD_DIR/tests/origin/octo-origin
export PYTHONPATH=$OCTO_BUILD_DIR/python:bench/octo:bench/peers:bench/python:tests/python
exec "$(bench/python/venv.sh)/bin/python" -m replay.main "$@"
