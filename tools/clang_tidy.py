"""Runs clang-tidy over the sources of the given folders, two at a time, and only over what changed.

`clang_tidy.py BUILD_DIR FOLDER…`: the sources are those of BUILD_DIR/compile_commands.json. One that
passed is remembered in BUILD_DIR/clang-tidy by the hash of everything its result depends on: the
checks, the tool, the compile command, and the contents of the source and of each header of the
project that it includes. What a system header says is taken for constant.
"""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Compile options of gcc that clang does not know are no finding.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-optimization-argument"]


@dataclass(frozen=True)
class Unit:
    source: Path
    folder: Path
    command: list[str]


def units(build: Path, folders: list[str]) -> list[Unit]:
    wanted = [ROOT / folder for folder in folders]
    found: dict[Path, Unit] = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        folder = Path(entry["directory"])
        source = (folder / entry["file"]).resolve()
        if any(source.is_relative_to(top) for top in wanted):
            found.setdefault(source, Unit(source, folder, shlex.split(entry["command"])))
    return [found[source] for source in sorted(found)]


def included(unit: Unit) -> list[Path]:
    """The source and the project's headers it includes, asked of the compiler itself."""
    command = list(unit.command)
    del command[command.index("-o") : command.index("-o") + 2]
    rule = subprocess.run([*command, "-MM"], cwd=unit.folder, capture_output=True, text=True, check=True).stdout
    names = rule.replace("\\\n", " ").split(":", 1)[1].split()
    return sorted({(unit.folder / name).resolve() for name in names})


def fingerprint(unit: Unit, tool: str) -> str:
    digest = hashlib.sha256(f"{tool}\n{unit.command}\n{EXTRA}\n".encode())
    for path in [ROOT / ".clang-tidy", *included(unit)]:
        digest.update(f"{path}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fault(unit: Unit, build: Path, tool: str) -> str:
    """What clang-tidy says about a source that does not pass."""
    try:
        mark = build / "clang-tidy" / fingerprint(unit, tool)
    except subprocess.CalledProcessError as error:
        return str(error.stderr)
    if mark.exists():
        return ""
    command = ["clang-tidy", "-p", str(build), "--quiet", *EXTRA, str(unit.source)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        mark.touch()
        return ""
    return result.stdout or result.stderr or f"clang-tidy ended with {result.returncode} for {unit.source}"


def print_once(faults: list[str]) -> None:
    """A finding in a header comes up for each source that includes it."""
    findings = [finding for fault in faults for finding in re.split(r"^(?=/\S+: error: )", fault, flags=re.MULTILINE)]
    print("".join(dict.fromkeys(findings)), end="")


def main(build_name: str, *folders: str) -> int:
    build = ROOT / build_name
    (build / "clang-tidy").mkdir(exist_ok=True)
    tool = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    with ThreadPoolExecutor(max_workers=2) as pool:
        faults = list(pool.map(lambda unit: fault(unit, build, tool), units(build, list(folders))))
    if not faults:
        print(f"clang-tidy: no source of {' '.join(folders)} is in {build_name}", file=sys.stderr)
        return 1
    print_once(faults)
    return 1 if any(faults) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
