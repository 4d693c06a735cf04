#!/usr/bin/env bash
# Runs one benchmark, or lists them. A benchmark is an executable bench/NAME or bench/NAME.sh or
# bench/NAME.py (a driver, given the build directory in OCTO_BUILD_DIR), or a program that the build
# put in BUILD_DIR/bench. Called by ./dev bench as `bench.sh BUILD_DIR [NAME [ARG…]]`.
set -euo pipefail
build=$1
name=${2-}
export OCTO_BUILD_DIR=$build

executables() {
  find bench "$build/bench" -maxdepth 1 -type f -perm -u+x 2>/dev/null | sort || true
}

if [ -z "$name" ]; then
  echo "benchmarks:"
  executables | sed -E 's|.*/||; s/\.(sh|py)$//; s/^/  /' | sort -u
  exit 0
fi
for candidate in "bench/$name" "bench/$name.sh" "bench/$name.py" "$build/bench/$name"; do
  if [ -f "$candidate" ] && [ -x "$candidate" ]; then
    exec "$candidate" "${@:3}"
  fi
done
echo "bench: there is no benchmark $name; ./dev bench lists them" >&2
exit 64
