#!/usr/bin/env bash
# ./dev bench python: what fetching a page costs in Python; bench/README.md says how to read it.
set -euo pipefail
exec "$(bench/python/venv.sh)/bin/python" bench/python/main.py "$@"
