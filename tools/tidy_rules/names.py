"""File and folder names that say nothing: a file called so has no concept yet."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tidy_rules.source import Problem

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def check(path: str) -> Iterator[Problem]:
    for part in PurePosixPath(path).parts:
        for word in re.split(r"[^a-z]+", part.lower()):
            if word in FORBIDDEN:
                message = f"the name {part} says nothing with {word}; name the concept it holds"
                yield Problem(path, 1, "file-name", message)
