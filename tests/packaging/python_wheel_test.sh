#!/usr/bin/env bash
# Builds a wheel of the Python package, installs it into an environment of its own, and fetches with it:
# python_wheel_test.sh PYTHON SOURCE_DIR ORIGIN LINK, PYTHON being the one of tools/python_venv.sh, LINK as OCTO_LINK.
# A bundled wheel must need libc alone, and work where there is neither a compiler nor a library that it has inside.
set -euo pipefail
python=$1
source=$2
origin=$3
link=$4
tests=$source/tests/packaging
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "$link" = bundled ]; then
  "$source/tools/python_wheel.sh" "$python" "$work"
else
  "$python" -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir "$work" "$source"
fi
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --no-index --no-deps "$work"/*.whl
extension=$(echo "$work"/venv/lib/python*/site-packages/octofetch/_core*.so)

cd "$work"
"$python" "$tests/python_fetch.py" "$origin" "$work/venv/bin/python"
if nm --dynamic --defined-only "$extension" | grep -v ' PyInit__core$'; then
  echo "the extension shows more than its entry" >&2
  exit 1
fi
[ "$link" = bundled ] || exit 0

needed=$(readelf -d "$extension" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(libc\.so\.6|libm\.so\.6|ld-linux-.*)$' || true)
if [ -n "$needed" ]; then
  echo "the extension needs more than libc: $needed" >&2
  exit 1
fi
# Debian 12 is the oldest that wheels are built on; what newer machines build may need what they have.
glibc=$(objdump -T "$extension" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
here=$(getconf GNU_LIBC_VERSION)
echo "the extension needs $glibc, has $(stat -c %s "$extension") bytes, in a wheel of $(stat -c %s "$work"/*.whl)"
if [ "$(printf '2.36\n%s\n' "${here#glibc }" | sort -V | tail -1)" != 2.36 ]; then
  echo "its glibc is not judged: this machine has ${here}"
elif [ "$(printf 'GLIBC_2.36\n%s\n' "$glibc" | sort -V | tail -1)" != GLIBC_2.36 ]; then
  echo "the extension needs $glibc, newer than that of Debian 12" >&2
  exit 1
fi
# An openssl.cnf of the host may be of another OpenSSL; this one leaves an OpenSSL that reads it without any algorithm.
printf 'openssl_conf = init\n[init]\nproviders = list\n[list]\nnull = nothing\n[nothing]\nactivate = 1\n' >openssl.cnf
"$python" "$tests/python_fetch.py" "$origin" env OPENSSL_CONF="$work/openssl.cnf" "$work/venv/bin/python"
if ! unshare --map-root-user --mount true 2>/dev/null; then
  echo "not fetched without compiler and libraries: unshare may not make a mount namespace here"
  exit 0
fi
"$python" "$tests/python_fetch.py" "$origin" \
  unshare --map-root-user --mount "$tests/without_libraries.sh" "$work/venv/bin/python"
