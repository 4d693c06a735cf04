"""What came of a page, as applications report it."""

from dataclasses import dataclass


@dataclass
class Page:
    """Lateness counts from the deadline, in seconds; below 0 for a page that was there before."""

    asked: int
    delivered: int = 0
    handler_late_s: float | None = None
    control_late_s: float | None = None
