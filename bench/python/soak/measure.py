"""What the soak looks at from the outside: resident memory, descriptors, and the slope of a line through samples."""

import os
from collections.abc import Sequence
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20

Sample = tuple[float, float]  # seconds, MiB


def resident_mib(process: int | str = "self") -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES / MIB


def descriptors(process: int | str = "self") -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def slope(samples: Sequence[Sample]) -> float:
    """Of the line of least squares, in MiB a second."""
    count = len(samples)
    mean_x = sum(x for x, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0
