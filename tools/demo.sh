#!/usr/bin/env bash
# Shows what octofetch is for: 100 objects, an origin with a heavy tail, 300 ms. Starts the test
# origin, fetches, and removes what it made. Called by ./dev demo as `demo.sh BUILD_DIR`.
set -euo pipefail
build=$1
readonly deadline_exit=4 # octofetch: the deadline came first, with a partial result
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Half of the answers within 27 ms, 95 % within 75 ms, and 8 % after 400 to 3000 ms.
cat >"$folder/script.json" <<'END'
{"default": {"size": 10240,
             "latency": {"type": "lognormal", "median_ms": 27, "p95_ms": 75,
                         "tail": {"share": 0.08, "min_ms": 400, "max_ms": 3000}}}}
END

# The origin says in its first line where it listens, and ends when its standard input does.
mkdir "$folder/objects"
mkfifo "$folder/input" "$folder/output"
"$build/tests/origin/octo-origin" --script "$folder/script.json" \
  <"$folder/input" >"$folder/output" &
origin_id=$!
exec 3>"$folder/input" 4<"$folder/output"
IFS= read -r -t 10 ready <&4 || { echo "demo: the origin did not start" >&2 && exit 1; }
port=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["http"])' "$ready")

echo "100 objects of 10 KiB from an origin where 8 in 100 answer after 0.4 to 3 seconds."
echo "\$ octofetch get http://127.0.0.1:$port/photos --keys-from - --budget 300ms --timeline"
status=0
seq -f 'photo-%03g.jpg' 0 99 |
  "$build/cli/octofetch" get "http://127.0.0.1:$port/photos" --keys-from - \
    --budget 300ms --timeline -o "$folder/objects" || status=$?
exec 3>&- 4<&-
wait "$origin_id" || true
[ "$status" -eq 0 ] || [ "$status" -eq "$deadline_exit" ] || exit "$status"
