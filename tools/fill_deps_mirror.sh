#!/usr/bin/env bash
# Fills a folder with the sources that the bundled link mode builds (cmake/bundled_sources.txt), for machines without a
# network: fill_deps_mirror.sh FOLDER, then cmake -DOCTO_LINK=bundled -DOCTO_DEPS_MIRROR=FOLDER.
# What lies there already is kept. A place that does not answer is passed over for the next, the last one being Debian's.
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: tools/fill_deps_mirror.sh FOLDER" >&2
  exit 64
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cmake -D OCTO_DEPS_FOLDER="$folder" -P "$(dirname "${BASH_SOURCE[0]}")/../cmake/bundled_sources.cmake"
