#!/usr/bin/env bash
# Makes a source distribution, installs from it alone as pip does where there is no wheel, and fetches with that:
# python_source_test.sh PYTHON SOURCE_DIR ORIGIN, PYTHON being the one of tools/python_venv.sh.
set -euo pipefail
python=$1
source=$2
origin=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m build --sdist --no-isolation --outdir "$work" "$source" >/dev/null
cd "$work"
"$python" -m pip install --quiet --no-build-isolation --no-deps --target "$work/site" "$work"/octofetch-*.tar.gz
PYTHONPATH=$work/site "$python" "$source/tests/packaging/python_fetch.py" "$origin" "$python"
