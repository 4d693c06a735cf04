#!/usr/bin/env bash
# An editable installation follows the source: a changed module at once, changed C++ at the next import.
# python_editable_test.sh PYTHON SOURCE_DIR ORIGIN, PYTHON being the one of tools/python_venv.sh.
set -euo pipefail
python=$1
source=$2
origin=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/source
here=$work/venv/bin/python

# A copy, which may be edited.
mkdir "$copy"
(cd "$source" && git ls-files --cached --others --exclude-standard -z | xargs -0 ls -d 2>/dev/null | tar -cf - -T -) | tar -xf - -C "$copy"
"$python" -m venv "$work/venv"
"$python" -c 'import site; print(site.getsitepackages()[0])' >"$("$here" -c 'import site; print(site.getsitepackages()[0])')/build_tools.pth"
"$here" -m pip install --quiet --no-build-isolation --no-deps \
  -C editable.rebuild=true -C build-dir=build/editable -C cmake.build-type=Debug --editable "$copy"

cd "$work"
"$python" "$source/tests/packaging/python_fetch.py" "$origin" "$here"
echo 'NEW = "of Python"' >>"$copy/bindings/python/octofetch/status.py"
"$here" -c 'from octofetch.status import NEW; assert NEW == "of Python"'
sed -i 's/define_all(module);/define_all(module); module.attr("NEW") = "of C++";/' "$copy/bindings/python/native/module.cpp"
"$here" -c 'from octofetch._core import NEW; assert NEW == "of C++"'
