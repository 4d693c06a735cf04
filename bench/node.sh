#!/usr/bin/env bash
# ./dev bench node: what fetching a page costs in Node; bench/README.md says how to read it.
set -euo pipefail
OCTO_NODE_PEERS=$(bench/node/peers.sh)
export OCTO_NODE_PEERS PYTHONPATH=bench/python
exec python3 bench/node/node_cost.py "$@"
