#!/usr/bin/env bash
# ./dev bench node-deadline: when a handler in Node goes on after its await; bench/README.md says how to read it.
set -euo pipefail
OCTO_NODE_PEERS=$(bench/node/peers.sh)
export OCTO_NODE_PEERS OCTO_ORIGIN=$OCTO_BUILD_DIR/tests/origin/octo-origin
export PYTHONPATH=$OCTO_BUILD_DIR/python:bench/python:tests/python
exec python3 bench/node/node_deadline.py "$@"
