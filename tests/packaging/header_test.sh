#!/usr/bin/env bash
# The public header compiles alone, with every warning, as C99 and as C++20, and has no padding in its structs.
set -euo pipefail
include=$1
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wpadded -Werror -fsyntax-only "-I$include")
for compiler in gcc clang; do
  command -v "$compiler" >/dev/null || continue
  echo '#include <octofetch.h>' | "$compiler" -std=c99 -Wstrict-prototypes "${warnings[@]}" -x c -
  echo '#include <octofetch.h>' | "$compiler" -std=c++20 "${warnings[@]}" -x c++ -
done
