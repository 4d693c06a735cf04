"""Writes docs/faults.md: every row of the fault catalogue with its state and the tests that carry its number.

The rows and what is expected of them are data, tests/faults.json; that a row is tested is never
written there but found: a test names its rows, as row_8 in `row_8_stray_bytes_never_reach_a_key`.

`fault_table.py` writes the page, `fault_table.py --check` fails when the page is not what it would
write. Both fail when a row has neither a test nor a reason.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = 80
NOT_YET = "not applicable yet"
DOCUMENTED = "documented"

NUMBER = re.compile(r"(?<![a-z])row_(\d+)(?!\d)")
NATIVE_TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
PYTHON_TEST = re.compile(r"\bdef (test_\w+)\(")

HEAD = """\
<!-- Written by tools/fault_table.py from tests/faults.json and the names of the tests. -->

# What the library is tested against

Every row is something that goes wrong: at the origin, on the way, in the host, or in what it is asked. Beside what a
row expects itself, the tests expect of each that no call comes late, nothing crashes or leaks, the other keys of the
batch do not suffer, and the next batch after the fault is complete.

A row is *tested* when tests carry its number in their names (they are listed below the table), *not applicable yet*
when what it is about does not exist yet, and *documented* when no test can tell more than those of another row.

"""


@dataclass(frozen=True)
class Row:
    number: int
    fault: str
    expectation: str
    state: str  # "" when tests are expected
    note: str


@dataclass(frozen=True, order=True)
class Test:
    path: str
    name: str


class TableError(Exception):
    """What is wrong with the data, as a sentence."""


def read_rows(text: str) -> list[Row]:
    rows = [
        Row(entry["row"], entry["fault"], entry["expectation"], entry.get("state", ""), entry.get("note", ""))
        for entry in json.loads(text)
    ]
    if [row.number for row in rows] != list(range(1, ROWS + 1)):
        raise TableError(f"tests/faults.json must have the rows 1 to {ROWS}, in this order")
    for row in rows:
        if row.state not in ("", NOT_YET, DOCUMENTED):
            raise TableError(f"row {row.number}: the state is '{NOT_YET}' or '{DOCUMENTED}'; tests are found by name")
        if row.state and not row.note:
            raise TableError(f"row {row.number}: '{row.state}' needs a note that says why")
    return rows


def find_tests(folder: Path) -> dict[int, list[Test]]:
    """The tests below the folder by the rows in their names."""
    found: dict[int, list[Test]] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder.parent).as_posix()
        if not path.is_file() or relative.startswith("tests/cases/self/"):
            continue
        for name in names_in(path):
            for number in sorted({int(digits) for digits in NUMBER.findall(name)}):
                found.setdefault(number, []).append(Test(relative, name))
    return found


def names_in(path: Path) -> Iterator[str]:
    if path.suffix == ".cpp":
        for suite, name in NATIVE_TEST.findall(path.read_text(encoding="utf-8")):
            yield f"{suite}.{name}" if NUMBER.search(suite) else name
    elif path.suffix == ".py":
        yield from PYTHON_TEST.findall(path.read_text(encoding="utf-8"))
    elif path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            yield from (case["name"] for case in content.get("cases", []))


def check_states(rows: list[Row], tests: dict[int, list[Test]]) -> None:
    for number in tests:
        if not 1 <= number <= ROWS:
            raise TableError(f"{tests[number][0].path}: {tests[number][0].name} names a row that does not exist")
    for row in rows:
        if row.state and row.number in tests:
            first = tests[row.number][0]
            raise TableError(f"row {row.number} is '{row.state}', yet {first.name} tests it; drop the state")
        if not row.state and row.number not in tests:
            raise TableError(
                f"row {row.number} has no test with row_{row.number} in its name; write one or say why not"
            )


def page(rows: list[Row], tests: dict[int, list[Test]]) -> str:
    tested = sum(1 for row in rows if row.number in tests)
    count = {state: sum(1 for row in rows if row.state == state) for state in (NOT_YET, DOCUMENTED)}
    lines = [
        f"{tested} rows are tested, {count[NOT_YET]} not applicable yet, {count[DOCUMENTED]} documented.",
        "",
        "| # | what goes wrong | what is expected | state |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row.number} | {row.fault} | {row.expectation} | {row.state or 'tested'} |" for row in rows]
    lines += ["", "## Notes", ""]
    lines += [f"- **{row.number}** {note_text(row)}" for row in rows if row.note]
    lines += ["", "## Tests", ""]
    for row in rows:
        if row.number in tests:
            lines += [f"- **{row.number}**", *test_lines(tests[row.number])]
    return HEAD + "\n".join(lines) + "\n"


def note_text(row: Row) -> str:
    return f"{row.state}: {row.note}" if row.state else row.note


def test_lines(tests: list[Test]) -> Iterator[str]:
    for path in sorted({test.path for test in tests}):
        names = [f"`{test.name}`" for test in tests if test.path == path]
        yield f"  - {path}: {', '.join(names)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail when docs/faults.md is not up to date")
    is_check: bool = parser.parse_args().check
    target = ROOT / "docs" / "faults.md"
    try:
        rows = read_rows((ROOT / "tests" / "faults.json").read_text(encoding="utf-8"))
        tests = find_tests(ROOT / "tests")
        check_states(rows, tests)
    except TableError as error:
        print(f"fault_table: {error}", file=sys.stderr)
        return 1
    text = page(rows, tests)
    if not is_check:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    print("fault_table: docs/faults.md is not up to date; run tools/fault_table.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
