"""Counts a ctest run: prints one line, `N passed, N failed`, and says by its exit code whether the run was good.

Called by ./dev as `test_summary.py REPORT CTEST_STATUS`, REPORT being ctest's JUnit file. A skipped test counts as
neither and is named; a test whose executable is missing has failed. A run of no test at all is not a good run.
"""

import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)


def count(report: str) -> Counts:
    counts = Counts()
    for case in ElementTree.fromstring(report).iter("testcase"):
        status = case.get("status")
        if status == "run":
            counts.passed += 1
        elif status == "disabled" or is_skip(case):
            counts.skipped.append(case.get("name", ""))
        else:
            counts.failed += 1
    return counts


def is_skip(case: ElementTree.Element) -> bool:
    """ctest says `notrun` for a test that asked to be skipped and for one that could not be started."""
    skipped = case.find("skipped")
    return skipped is not None and skipped.get("message", "").startswith("SKIP_")


def main(report_path: str, ctest_status: str) -> int:
    try:
        counts = count(Path(report_path).read_text(encoding="utf-8"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"dev: no report of the test run: {error}", file=sys.stderr)
        return 1
    if counts.skipped:
        print(f"skipped: {' '.join(counts.skipped)}")
    if counts.passed + counts.failed == 0:
        print("dev: no test ran", file=sys.stderr)
    print(f"{counts.passed} passed, {counts.failed} failed", flush=True)
    return 0 if counts.passed > 0 and counts.failed == 0 and ctest_status == "0" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
