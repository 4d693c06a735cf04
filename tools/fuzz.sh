#!/usr/bin/env bash
# Runs fuzz targets one after the other and sums each up in a line; what breaks one is kept below BUILD_DIR/findings.
# Called by ./dev fuzz as `fuzz.sh BUILD_DIR [TARGET…] [--seconds N]`; the build is one of the preset fuzz.
set -euo pipefail
build=$1
shift
seconds=60
targets=()

main() {
  while [ $# -ne 0 ]; do
    case $1 in
      --seconds)
        [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "--seconds needs a number of seconds"
        seconds=$2
        shift
        ;;
      -*) fail "$1 is not an option of fuzz; there is --seconds N" ;;
      *)
        [ -d "tests/fuzz/corpus/$1" ] || fail "there is no target $1; there are: $(known)"
        targets+=("$1")
        ;;
    esac
    shift
  done
  [ ${#targets[@]} -ne 0 ] || read -ra targets <<<"$(known)"
  local failed=() target
  for target in "${targets[@]}"; do
    run "$target" || failed+=("$target")
  done
  [ ${#failed[@]} -eq 0 ] || fail "broken: ${failed[*]}" 1
}

fail() {
  echo "fuzz: $1" >&2
  exit "${2:-64}"
}

known() { find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | paste -sd' '; }

# The corpus of earlier runs grows below the build; the committed one is only read.
run() {
  local name=$1 grown=$build/corpus/$1 findings=$build/findings/$1 log=$build/fuzz_$1.log status=0
  mkdir -p "$grown" "$findings"
  "$build/tests/fuzz/octo_fuzz_$name" "$grown" "tests/fuzz/corpus/$name" -dict="tests/fuzz/dictionaries/$name.dict" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$findings/" \
    >"$log" 2>&1 || status=$?
  printf '%-16s %s\n' "$name" "$(summary "$log")"
  [ $status -ne 0 ] || return 0
  # libFuzzer says the file and how it was broken; the log has the rest.
  grep -E 'fuzz: not true|broken invariant|runtime error|^SUMMARY|Test unit written' "$log" >&2 || tail -20 "$log" >&2
  echo "fuzz: $name: see $log; once mended, the input belongs to tests/fuzz/corpus/$name" >&2
  return 1
}

# "812345 runs, 13539 a second, cov 812 ft 3141 corpus 402": of the last lines that say it.
summary() {
  awk '/stat::number_of_executed_units/ { runs = $2 }
    /stat::average_exec_per_sec/ { rate = $2 }
    / cov: / { for (i = 1; i < NF; ++i) if ($i ~ /^(cov|ft|corp):$/) value[$i] = $(i + 1) }
    END { printf "%s runs, %s a second, cov %s ft %s corpus %s", runs, rate, value["cov:"], value["ft:"], value["corp:"] }' "$1"
}

main "$@"
