#!/usr/bin/env bash
# Builds octofetch-testing and uses its fixture in a test of somebody's: python_testing_test.sh PYTHON SOURCE_DIR PACKAGE_DIR,
# PACKAGE_DIR being where the package octofetch lies.
set -euo pipefail
python=$1
source=$2
package=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir "$work" "$source/bindings/python_testing"
"$python" -m pip install --quiet --no-index --no-deps --target "$work/site" "$work"/*.whl
program=$work/site/octofetch_testing/octo-origin
needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(libc\.so\.6|libm\.so\.6|ld-linux-.*)$' || true)
if [ -n "$needed" ]; then
  echo "the origin needs more than libc: $needed" >&2
  exit 1
fi
echo "octo-origin has $(stat -c %s "$program") bytes, in a wheel of $(stat -c %s "$work"/*.whl)"

cat >"$work/test_theirs.py" <<'END'
from octofetch import Client, Status
from octofetch.testing import Origin, pattern


def test_a_slow_key_is_late(octofetch_origin: Origin) -> None:
    octofetch_origin.script({"paths": {"/slow": {"delay_ms": 30_000}}})
    with Client(octofetch_origin.url("https"), tls_ca_file=octofetch_origin.ca_file) as client:
        results = client.fetch(["a", "slow"], budget=1)
    assert results["a"].body == pattern(b"a", 0, 1024)
    assert results["slow"].status == Status.DEADLINE


def test_each_test_begins_without_a_script(octofetch_origin: Origin) -> None:
    with Client(octofetch_origin.url()) as client:
        assert client.get("slow", budget=10) == pattern(b"slow", 0, 1024)
END
cd "$work"
env -u OCTO_ORIGIN PYTHONPATH="$work/site:$package" "$python" -m pytest -q -W error -p no:cacheprovider test_theirs.py
