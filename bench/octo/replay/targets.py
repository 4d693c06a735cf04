"""What octofetch has to keep in the replay, and whether it did."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from replay.figures import P99_MARGIN, PAGES_WHOLE, Figures

SHARE_ABOVE_CONTROL = 0.001
POSSIBLE_MIN = 0.9
POSSIBLE_AT_ORIGINAL_MIN = 0.995
ADDED_MAX_MS = 5.0


@dataclass(frozen=True)
class Target:
    """A run keeps it when `value` is at most `limit`; with `is_least`, at least.

    Every run has to; with `is_of_medians`, the median of each contender's.
    """

    text: str
    value: Callable[[Figures], float]
    limit: float
    found: str
    is_least: bool = False
    is_of_medians: bool = False

    def verdict(self, runs: Sequence[Figures]) -> Figures:
        """Void runs are no evidence."""
        by_contender: dict[str, list[float]] = {}
        for run in runs:
            if run["void"] is None:
                by_contender.setdefault(run["contender"], []).append(self.value(run))
        if not by_contender:
            return {"text": self.text, "kept": None, "found": None}
        worst = self._worst(value for values in by_contender.values() for value in values)
        judged = self._worst(median(values) for values in by_contender.values()) if self.is_of_medians else worst
        kept = judged >= self.limit if self.is_least else judged <= self.limit
        return {"text": self.text, "kept": kept, "found": self.found.format(judged, worst)}

    def _worst(self, values: Iterable[float]) -> float:
        return min(values) if self.is_least else max(values)


LATENESS = Target(
    "at every load and in the story, the share of pages later than 5 ms is at most 0.1 % above the control's",
    lambda run: 100 * (run["late_5ms_share"] - run["control_late_5ms_share"]),
    100 * SHARE_ABOVE_CONTROL,
    "at most {:.2f} % above",
)
OVERLOAD = Target(
    "at twice the capacity, at least 90 % of the possible keys, in the median",
    lambda load: 100 * load["delivered"] / load["possible"] if load["possible"] else 0.0,
    100 * POSSIBLE_MIN,
    "at least {:.1f} %; {:.1f} % in the worst run",
    is_least=True,
    is_of_medians=True,
)
ORIGINAL = Target(
    "at the original's load, at least 99.5 % of the possible keys",
    OVERLOAD.value,
    100 * POSSIBLE_AT_ORIGINAL_MIN,
    "at least {:.1f} %",
    is_least=True,
)
LIKE_IDLE = Target(
    "at the original's load, pages go on at most 5 ms after the origin's last reply, p95",
    lambda load: float("inf") if load["added_ms"] is None else load["added_ms"]["p95"],
    ADDED_MAX_MS,
    "at most {:.1f} ms",
)
FIRST_PAGE = Target(
    "the first page one budget after the spike is complete",
    lambda story: float(story["recovery"]["first_page_complete"]),
    1.0,
    "{:.0f} of 1",
    is_least=True,
)
NEXT_COMPLETE = Target(
    "of the next 100 pages, at least 99 are complete",
    lambda story: 100 * story["recovery"]["complete_after_share"],
    PAGES_WHOLE,
    "at least {:.0f}",
    is_least=True,
)
NEXT_PAGES = Target(
    "the p99 of the next 100 pages is within 10 % of that before the spike",
    lambda story: story["recovery"]["p99_after_ms"] / story["recovery"]["p99_before_ms"],
    P99_MARGIN,
    "at most {:.2f} times",
)


def targets(own: Sequence[str], loads: Sequence[Figures], stories: Sequence[Figures]) -> list[Figures]:
    """`own` are the names of octofetch's contenders; without any there is nothing to keep."""
    points = [load for load in loads if load["contender"] in own and not load["cached"]]
    told = [story for story in stories if story["contender"] in own]
    if not own:
        return []
    offered = [load["offered_keys_per_s"] for load in points]
    return [
        LATENESS.verdict([*points, *told]),
        OVERLOAD.verdict([load for load in points if load["offered_keys_per_s"] == max(offered)]),
        ORIGINAL.verdict([load for load in points if load["offered_keys_per_s"] == min(offered)]),
        LIKE_IDLE.verdict([load for load in points if load["offered_keys_per_s"] == min(offered)]),
        FIRST_PAGE.verdict(told),
        NEXT_COMPLETE.verdict(told),
        NEXT_PAGES.verdict(told),
    ]
