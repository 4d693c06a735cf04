#!/usr/bin/env bash
# Runs every static check and says at the end which failed; with --fix it corrects what needs no
# thought instead. Called by ./dev as `lint.sh BUILD_DIR` (a finished build) or `lint.sh --fix`.
set -euo pipefail
venv=build/venv
javascript='bindings/node/*.ts bindings/node/*.mts bindings/node_testing/*.js tests/node/*.ts :!tests/node/types examples/node/*.mjs bench/*.mjs tests/report/*.mjs tools/*.mjs'

main() {
  if [ "$1" = --fix ]; then
    clang_format -i
    python_tools
    on_files '*.py *.pyi' ruff check --fix --quiet || true # what is left over, lint says
    on_files '*.py *.pyi' ruff format --quiet
    [ ! -d node_modules ] || on_files "$javascript" eslint --fix || true # as above
    return
  fi
  failed=()
  check 'layers, sizes, comments, header rules' python3 tools/tidy.py
  check 'layout of C and C++' clang_format --dry-run -Werror
  check 'public header alone' public_header
  check 'ABI as recorded' tools/abi.sh "$1"
  check 'tools for Python' python_tools
  check 'layout of Python' on_files '*.py *.pyi' ruff format --check --quiet
  check 'rules of Python' on_files '*.py *.pyi' ruff check --quiet
  check 'types of Python' python_types
  check 'stubs of the extension' stubs "$1"
  check 'types as pyright sees them' pyright
  check 'shell scripts' on_files 'dev .ci/run *.sh' shellcheck -x
  check 'clang-tidy' python3 tools/clang_tidy.py "$1" core cli bindings/python tests/fuzz
  if [ -d "$1/node/addon" ]; then
    # Built where there is a Node for it.
    check 'types of TypeScript' node_types
    check 'rules of JavaScript and TypeScript' on_files "$javascript" eslint
    check 'clang-tidy of the Node addon' python3 tools/clang_tidy.py "$1/node/addon" bindings/node
  fi
  [ ${#failed[@]} -eq 0 ] || { printf 'lint: failed: %s\n' "${failed[@]}" >&2 && exit 1; }
  echo "lint: all good"
}

check() {
  echo "lint: $1"
  "${@:2}" || failed+=("$1")
}

# Runs a command once, with the project's files that match the patterns as last arguments:
# on_files 'PATTERN…' COMMAND…
on_files() {
  local patterns files=() file
  read -ra patterns <<<"$1"
  while IFS= read -r file; do
    [ ! -f "$file" ] || files+=("$file")
  done < <(git ls-files --cached --others --exclude-standard -- "${patterns[@]}")
  [ ${#files[@]} -eq 0 ] || "${@:2}" "${files[@]}"
}

# Another major version of clang-format would lay out the same file differently.
clang_format() {
  local program
  program=$(command -v clang-format-14 || command -v clang-format)
  if ! "$program" --version | grep -q 'version 14\.'; then
    echo "lint: clang-format 14 is needed, here is $("$program" --version)" >&2
    return 1
  fi
  on_files '*.c *.h *.cpp *.hpp *.cc' "$program" --style=file "$@"
}

# The header must compile by itself, in both languages and with both compilers.
public_header() {
  local strict=(-Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only) compiler status=0
  for compiler in 'gcc -std=c99 -x c' 'clang -std=c99 -x c' 'g++ -std=c++20 -x c++' 'clang++ -std=c++20 -x c++'; do
    # shellcheck disable=SC2086 # the compiler's words
    $compiler "${strict[@]}" - <<<'#include "octofetch.h"' || status=1
  done
  return $status
}

# Installs the pinned ruff, mypy and pyright; the copied list says that it is done.
python_tools() {
  cmp -s tools/requirements.txt "$venv/requirements.txt" && return
  rm -rf "$venv"
  python3 -m venv "$venv" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r tools/requirements.txt &&
    cp tools/requirements.txt "$venv/requirements.txt"
}

ruff() { "$venv/bin/python" -m ruff "$1" --config tools/ruff.toml "${@:2}"; }

python_types() {
  local mypy=("$venv/bin/python" -m mypy --strict --explicit-package-bases --no-error-summary)
  local benches=bench/python:bench/node:bench/octo:bench/peers:bench/peers/python
  local package='bindings/*.py bindings/*.pyi tests/python/*.py examples/python/*.py'
  MYPYPATH=tools on_files '*.py :!bindings :!tests/python :!examples/python :!bench :!tests/tools/test_replay.py' "${mypy[@]}" --cache-dir build/mypy &&
    MYPYPATH=$benches:bindings/python:tests/python on_files 'bench/*.py tests/tools/test_replay.py' "${mypy[@]}" --cache-dir build/mypy-bench \
      --ignore-missing-imports --follow-imports silent --python-executable "$(tools/python_venv.sh)/bin/python" &&
    MYPYPATH=bindings/python:bindings/python_testing:tools:tests/python:examples/python on_files "$package" "${mypy[@]}" --cache-dir build/mypy-python \
      --python-executable "$(tools/python_venv.sh)/bin/python"
}

# The hand-written stubs beside the extension of a finished build.
stubs() {
  PYTHONPATH=$1/python "$venv/bin/python" -m mypy.stubtest --ignore-unused-allowlist \
    --allowlist tools/stubtest_allowlist.txt octofetch._core
}

pyright() {
  "$venv/bin/python" -m pyright --project tools/pyrightconfig.json --pythonpath "$(tools/python_venv.sh)/bin/python" --warnings
}

# Of the same compiler that the build uses.
node_types() {
  local modules part
  modules=$(tools/node_modules.sh)
  for part in bindings/node tests/node; do
    "$modules/.bin/tsc" -p $part --noEmit || return 1
  done
}

eslint() { "$(tools/node_modules.sh)/.bin/eslint" --config tools/eslint.config.mjs "$@"; }

main "$@"
