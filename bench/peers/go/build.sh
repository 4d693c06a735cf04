#!/usr/bin/env bash
# Builds Octo in Go below the build folder and prints the program. Nothing is fetched: it stands on the standard library alone.
set -euo pipefail
if ! command -v go >/dev/null; then
  echo "bench: the contender 'go' needs Go 1.21 or later; install it (Debian: golang-go, Fedora: golang, Homebrew: go)" >&2
  exit 2
fi
mkdir -p "$OCTO_BUILD_DIR/go"
folder=$(cd "$OCTO_BUILD_DIR/go" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
GOCACHE=$folder/cache GOFLAGS=-buildvcs=false GOTOOLCHAIN=local go build -o "$folder/octo" . >&2
echo "$folder/octo"
