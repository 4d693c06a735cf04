#!/usr/bin/env bash
# Installs what the Python package is built and tested with (tests/python/requirements.txt) in build/python, and prints
# that folder. Called by CMake; the copied list says that it is done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
list=tests/python/requirements.txt
venv=$PWD/build/python

if ! cmp -s "$list" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list" >&2
  cp "$list" "$venv/requirements.txt"
fi
echo "$venv"
