"""What the soak looks at from the outside: memory and descriptors, and how steeply samples rise."""

import os
import statistics
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20

Sample = tuple[float, float]  # seconds, MiB


def resident_mib(process: int | str = "self") -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES / MIB


def descriptors(process: int | str = "self") -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def slope(samples: Sequence[Sample]) -> float:
    """In MiB a second: the median of all pairs' (Theil and Sen), which single steps up and down do not decide."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(samples, 2) if b[0] > a[0]]
    return statistics.median(slopes) if slopes else 0.0
