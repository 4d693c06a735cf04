#!/usr/bin/env bash
# Installs requirements.txt in build/peers and prints that folder. What cannot be had here is left out, one by one, and
# the benchmarks say whom they lack; the copied list says that it is done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
list=bench/python/requirements.txt
venv=$PWD/build/peers

install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2; }

if ! cmp -s "$list" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv" >&2
  install -r "$list" || while read -r line; do
    [[ $line == '#'* ]] || install "$line" || echo "bench: $line cannot be installed" >&2
  done <"$list"
  cp "$list" "$venv/requirements.txt"
fi
echo "$venv"
