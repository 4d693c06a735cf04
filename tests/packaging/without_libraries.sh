#!/usr/bin/env bash
# Runs a command as on a machine without compilers, headers and the libraries that octofetch stands on, and without the
# caller's environment: without_libraries.sh COMMAND…, in a mount namespace of its own, where covering files harms nobody.
set -euo pipefail
libraries=$(ldconfig -p | sed -n 's/.*=> //p' | grep -E '/lib(curl|curl-gnutls|uv|ssl|crypto|nghttp2|stdc\+\+|gcc_s)\.so')
for path in $libraries $(command -v gcc g++ cc c++ cmake ninja pkg-config || true); do
  [ ! -e "$path" ] || mount --bind /dev/null "$(readlink -f "$path")"
done
mount -t tmpfs none /usr/include
if python3 -c 'import ctypes; ctypes.CDLL("libcurl.so.4")' 2>/dev/null || cc --version 2>/dev/null; then
  echo "without_libraries: libcurl or a compiler is still there" >&2
  exit 1
fi
exec env -i PATH=/usr/bin:/bin "$@"
