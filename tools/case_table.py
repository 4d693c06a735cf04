"""Checks the behaviour cases of tests/cases and writes them for the runners.

`case_table.py --c FILE` writes the C tables that tests/capi/case_runner*.c runs, `--json FILE` the same cases, checked,
with all defaults filled in, for runners in other languages (`-` is stdout), and `--self-test` proves that what
tests/cases/self/malformed holds is refused. The format is in tests/cases/README.md.
"""

import argparse
import base64
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from case_format.c_table import write_tables
from case_format.fields import COUNT_MAX, CaseError, Number
from case_format.interface import Interface, read_interface
from case_format.model import Case
from case_format.reader import SELF_FOLDER, read_file

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
MALFORMED = "malformed"


def main() -> int:
    arguments = argparse.ArgumentParser(description="checks and writes the behaviour cases")
    arguments.add_argument("--c", type=Path, metavar="FILE", help="write C tables")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write all cases as one JSON document")
    arguments.add_argument("--self-test", action="store_true", help="prove that malformed cases are refused")
    chosen = arguments.parse_args()
    interface = read_interface(ROOT / "include" / "octofetch.h")
    if chosen.self_test:
        return self_test(interface)
    try:
        cases = read_cases(CASES, interface)
    except CaseError as error:
        print(f"case_table: {error}", file=sys.stderr)
        return 1
    if chosen.c:
        write(chosen.c, write_tables(cases))
    if chosen.json:
        write(chosen.json, json.dumps([plain(case) for case in cases], indent=1) + "\n")
    if not chosen.c and not chosen.json:
        print(f"{len(cases)} cases, rows {' '.join(str(row) for row in covered_rows(cases))}")
    return 0


def read_cases(root: Path, interface: Interface) -> list[Case]:
    """All cases, folder by folder; a folder directly under `root` is a suite of its own."""
    cases: list[Case] = []
    files: dict[str, str] = {}
    for path in sorted(root.rglob("*.json")):
        parts = path.relative_to(root).parts
        if len(parts) < 2:
            raise CaseError(f"{path.name}: a file of cases belongs into a folder")
        if MALFORMED in parts:
            continue
        for case in read_file(path, parts[0], interface):
            if case.name in files:
                raise CaseError(f"{path.name}: {case.name}: {files[case.name]} has a case of this name already")
            files[case.name] = path.name
            cases.append(case)
    return cases


def covered_rows(cases: list[Case]) -> list[int]:
    return sorted({row for case in cases for row in case.rows})


def plain(value: Any) -> Any:
    """Dataclasses as objects, bytes as {"base64": ...}, no bound as null, the origin's script as JSON, not text."""
    if isinstance(value, Number):
        return {"min": value.min, "max": None if value.max == COUNT_MAX else value.max}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        for name in ("origin", "script"):
            if fields.get(name):
                fields[name] = json.loads(fields[name])
        return fields | ({"base": value.base} if isinstance(value, Case) else {})
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def write(path: Path, text: str) -> None:
    if str(path) == "-":
        sys.stdout.write(text)
    else:
        path.write_text(text, encoding="utf-8")


def self_test(interface: Interface) -> int:
    """Each malformed file names, in `must_fail`, the complaint it must get; the rest of it is a file of cases."""
    failures = 0
    files = sorted((CASES / SELF_FOLDER / MALFORMED).glob("*.json"))
    for path in files:
        complaint = complaint_about(path, interface)
        expected = json.loads(path.read_text(encoding="utf-8"))["must_fail"]
        is_right = expected in complaint
        failures += not is_right
        print(f"{'ok' if is_right else 'FAILED'}: {path.stem}: {complaint or 'was accepted'}")
    print(f"{len(files)} malformed files, {failures} not refused as they must be")
    return 1 if failures or not files else 0


def complaint_about(path: Path, interface: Interface) -> str:
    try:
        read_file(path, "life", interface)
    except CaseError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main())
