#!/usr/bin/env bash
# Compares the ABI of a built library with the one recorded in tests/abi/octofetch.abi; with
# --update it writes that file. Called by ./dev abi as `abi.sh BUILD_DIR [--update]`.
set -euo pipefail
build=$1
recorded=tests/abi/octofetch.abi
current=$build/octofetch.abi

dump() {
  local library
  library=$(find "$build" -name 'liboctofetch.so' -not -path '*/bundled/*' | head -n 1)
  [ -n "$library" ] || { echo "abi: no liboctofetch.so under $build" >&2 && exit 1; }
  # Nothing of this machine goes into the file: no paths, no line numbers.
  abidw --headers-dir include --drop-private-types --drop-undefined-syms --exported-interfaces-only \
    --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed "$library" |
    sed "s|path='$PWD/|path='|" >"$current"
}

compare() {
  local status=0
  [ -f "$recorded" ] || { echo "abi: no $recorded yet; write it with ./dev abi --update" >&2 && exit 1; }
  abidiff --no-show-locs --no-corpus-path "$recorded" "$current" || status=$?
  # abidiff's status is a set of bits: 1 and 2 its own errors, 4 a change, 8 an incompatible one.
  case $status in
    0) echo "abi: as recorded" ;;
    4 | 12)
      [ "$status" -eq 4 ] || echo "abi: this breaks programs that are already built" >&2
      echo "abi: differs from $recorded; if it is meant to, ./dev abi --update and an ABI line in CHANGELOG.md" >&2
      exit 1
      ;;
    *) exit "$status" ;;
  esac
}

dump
case ${2-} in
  --update) mkdir -p "$(dirname "$recorded")" && cp "$current" "$recorded" && echo "abi: wrote $recorded" ;;
  '') compare ;;
  *) echo "abi: $2 is not an option; there is --update" >&2 && exit 64 ;;
esac
