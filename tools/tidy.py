"""Checks what no other tool does: layers, sizes, comments, names, and the rules of the public header.

`tidy.py [ROOT]` prints one line a finding, `path:line: rule: what is wrong; what to do`, and exits
with 1 if there is any. The rules are in tools/tidy_rules; ./dev lint runs them all.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tidy_rules import comments, layers, names, public_header, sizes
from tidy_rules.source import Problem, Source

NOT_OURS = {".git", "build", "node_modules", "__pycache__", ".venv"}


def problems(root: Path) -> list[Problem]:
    paths = frozenset(project_files(root))
    found: list[Problem] = []
    for path in sorted(paths):
        found += names.check(path)
        source = read(root, path)
        if source is not None:
            found += layers.check(source, paths)
            found += sizes.check(source)
            found += comments.check(source)
            found += public_header.check(source)
    return sorted(found)


def project_files(root: Path) -> Iterator[str]:
    """What git has or would take, or every file where there is no git."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
        yield from (path for path in listed if path and (root / path).is_file())
        return
    for file in root.rglob("*"):
        path = file.relative_to(root)
        if file.is_file() and not NOT_OURS.intersection(path.parts):
            yield path.as_posix()


def read(root: Path, path: str) -> Source | None:
    source = Source(path, "")
    if source.language is None:
        return None
    return Source(path, (root / path).read_text(encoding="utf-8"))


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = problems(root)
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
