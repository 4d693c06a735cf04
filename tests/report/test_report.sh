#!/usr/bin/env bash
# Runs the tests of the report on its sources as they are now: `test_report.sh NODE`, with the build's folder in OCTO_BUILD_DIR.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OCTO_REPORT=$("$here/../../bench/report/modules.sh")
export OCTO_REPORT
exec "$1" "$here/test_report.mjs"
