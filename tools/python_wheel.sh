#!/usr/bin/env bash
# Builds the wheel that needs nothing but libc (OCTO_LINK=bundled) into a folder, named for the oldest glibc that it runs on:
# python_wheel.sh PYTHON FOLDER, PYTHON having scikit-build-core, pybind11 and wheel, as the one of tools/python_venv.sh.
set -euo pipefail
python=$1
folder=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir "$work" \
  -C cmake.define.OCTO_LINK=bundled -C build-dir="$source/build/{wheel_tag}-bundled" "$source"
"$python" -m zipfile -e "$work"/*.whl "$work/content"
glibc=$(objdump -T "$work"/content/octofetch/_core*.so | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
glibc=${glibc#GLIBC_}
"$python" -m wheel tags --remove --platform-tag "manylinux_${glibc/./_}_$(uname -m)" "$work"/*.whl >/dev/null
mkdir -p "$folder"
cp "$work"/*.whl "$folder"
