"""The line and the exit code that tools/test_summary.py makes of a ctest report."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "test_summary.py"

PASSED = '<testcase name="good" status="run"><system-out/></testcase>'
FAILED = '<testcase name="bad" status="fail"><failure message=""/></testcase>'
SKIPPED = '<testcase name="elsewhere" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>'
DISABLED = '<testcase name="off" status="disabled"/>'
MISSING = '<testcase name="gone" status="notrun"><skipped message="Unable to find executable"/></testcase>'


class SummaryTest(unittest.TestCase):
    def summary(self, *cases: str, ctest_status: int = 0) -> tuple[int, list[str]]:
        """Exit code and lines of standard output for a report with these cases."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "tests.xml"
            report.write_text(f"<testsuite>{''.join(cases)}</testsuite>", encoding="utf-8")
            return self.run_program(report, ctest_status)

    def run_program(self, report: Path, ctest_status: int) -> tuple[int, list[str]]:
        command = [sys.executable, str(PROGRAM), str(report), str(ctest_status)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.returncode, result.stdout.splitlines()

    def test_all_passed_is_good(self) -> None:
        self.assertEqual(self.summary(PASSED, PASSED), (0, ["2 passed, 0 failed"]))

    def test_one_failure_is_not_good(self) -> None:
        self.assertEqual(self.summary(PASSED, FAILED, ctest_status=8), (1, ["1 passed, 1 failed"]))

    def test_a_test_that_could_not_start_has_failed(self) -> None:
        self.assertEqual(self.summary(PASSED, MISSING, ctest_status=8), (1, ["1 passed, 1 failed"]))

    def test_a_skipped_test_counts_as_neither_and_is_named(self) -> None:
        lines = ["skipped: elsewhere off", "1 passed, 0 failed"]
        self.assertEqual(self.summary(PASSED, SKIPPED, DISABLED), (0, lines))

    def test_no_test_at_all_is_not_good(self) -> None:
        self.assertEqual(self.summary(), (1, ["0 passed, 0 failed"]))
        self.assertEqual(self.summary(SKIPPED)[0], 1)

    def test_a_failure_of_ctest_itself_is_not_good(self) -> None:
        self.assertEqual(self.summary(PASSED, ctest_status=8), (1, ["1 passed, 0 failed"]))

    def test_a_missing_report_is_not_good(self) -> None:
        self.assertEqual(self.run_program(Path("/nowhere/tests.xml"), 0), (1, []))


if __name__ == "__main__":
    unittest.main()
