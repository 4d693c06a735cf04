#!/usr/bin/env bash
# ./dev bench node-soak: a process of Node that fetches for long, with faults and workers; bench/README.md says how to read it.
set -euo pipefail
OCTO_NODE_PEERS=$(bench/node/peers.sh)
export OCTO_NODE_PEERS OCTO_ORIGIN=$OCTO_BUILD_DIR/tests/origin/octo-origin
export OCTO_SOAK_HEAP=$PWD/$OCTO_BUILD_DIR/bench/contenders/soak_heap.node
export PYTHONPATH=$OCTO_BUILD_DIR/python:bench/python:tests/python
exec python3 bench/node/node_soak.py "$@"
