#!/usr/bin/env bash
# Does every contender of the replay do what README.md says? Installs and builds them, and asks contender_test.py, which is given
# the arguments: check.sh -k undici. OCTO_BUILD_DIR is a finished build, by default build/bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export OCTO_BUILD_DIR=${OCTO_BUILD_DIR:-$PWD/build/bench}
bench/peers/node/peers.sh >/dev/null
bench/peers/go/build.sh >/dev/null
bench/python/venv.sh >/dev/null
export OCTO_ORIGIN=$OCTO_BUILD_DIR/tests/origin/octo-origin PYTHONPATH=$OCTO_BUILD_DIR/python:tests/python:bench/peers
export PYTHONDONTWRITEBYTECODE=1
exec "$(tools/python_venv.sh)/bin/python" -m pytest -q -p no:cacheprovider bench/peers/contender_test.py "$@"
