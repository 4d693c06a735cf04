#!/usr/bin/env bash
# Builds a wheel of the Python package, installs it into an environment of its own, and fetches with it:
# python_wheel_test.sh PYTHON SOURCE_DIR ORIGIN, PYTHON being the one of tools/python_venv.sh.
set -euo pipefail
python=$1
source=$2
origin=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir "$work" "$source"
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --no-index --no-deps "$work"/*.whl

cd "$work"
OCTO_ORIGIN=$origin PYTHONPATH=$source/tests/python PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/python" -W error - <<'END'
from importlib.metadata import version

import octofetch
from origin import Origin, pattern

origin = Origin.started()
assert version("octofetch") == octofetch.__version__, version("octofetch")
with octofetch.Client(origin.url("https"), tls_ca_file=origin.ca_file) as client:
    assert client.get("a", budget=10) == pattern(b"a", 0, 1024)
origin.stop()
END

if nm --dynamic --defined-only "$work"/venv/lib/python*/site-packages/octofetch/_core*.so | grep -v ' PyInit__core$'; then
  echo "the extension shows more than its entry" >&2
  exit 1
fi
