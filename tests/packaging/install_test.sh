#!/usr/bin/env bash
# Installs a build into an empty folder, moves it, and builds the examples against it with find_package, with
# pkg-config, and as a subdirectory.
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs an example without arguments, which it refuses.
says_usage() {
  local said
  said=$("$1" 2>&1) && return 1
  [[ $said == *usage* ]]
}

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"

cmake -S "$source/examples" -B "$work/find_package" -DCMAKE_PREFIX_PATH="$work/moved" >/dev/null
cmake --build "$work/find_package" >/dev/null
says_usage "$work/find_package/fetch"

pc=$(find "$work/moved" -name octofetch.pc)
export PKG_CONFIG_PATH=${pc%/*}
read -ra flags <<<"$(pkg-config --cflags --libs octofetch)"
cc -std=c99 "$source/examples/c/fetch.c" "${flags[@]}" -o "$work/pkg_config"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir octofetch) says_usage "$work/pkg_config"

mkdir "$work/consumer"
cat >"$work/consumer/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.24)
project(consumer LANGUAGES C CXX)
add_subdirectory("$source" octofetch)
add_subdirectory("$source/examples" examples)
END
cmake -S "$work/consumer" -B "$work/subdirectory" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" >/dev/null
cmake --build "$work/subdirectory" -j2 >/dev/null
says_usage "$work/subdirectory/examples/stream"
