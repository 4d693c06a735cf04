"""What octofetch has to keep in the replay, and whether it did."""

from collections.abc import Callable, Sequence

from replay.figures import Figures

SHARE_ABOVE_CONTROL = 0.001
POSSIBLE_MIN = 0.9
POSSIBLE_AT_ORIGINAL_MIN = 0.995
P99_MARGIN = 1.1


def targets(own: Sequence[str], loads: Sequence[Figures], stories: Sequence[Figures]) -> list[Figures]:
    points = [load for load in loads if load["contender"] in own and not load["cached"]]
    told = [story for story in stories if story["contender"] in own]
    least = min((load["offered_keys_per_s"] for load in points), default=0)
    most = max((load["offered_keys_per_s"] for load in points), default=0)
    at_least = [load for load in points if load["offered_keys_per_s"] == least]
    at_most = [load for load in points if load["offered_keys_per_s"] == most]
    return [
        verdict(
            "at every load and in the story, pages later than 5 ms are at most the control's share and 0.1 % more",
            [*points, *told],
            lambda run: run["late_5ms_share"] <= run["control_late_5ms_share"] + SHARE_ABOVE_CONTROL,
            worst(lambda run: 100 * (run["late_5ms_share"] - run["control_late_5ms_share"]), "at most {:.2f} % more", max),
        ),
        verdict(
            f"at twice the capacity, at least {100 * POSSIBLE_MIN:.0f} % of the possible keys",
            at_most,
            lambda load: load["delivered"] >= POSSIBLE_MIN * load["possible"],
            worst(lambda load: 100 * load["delivered"] / load["possible"], "at least {:.1f} %", min),
        ),
        verdict(
            "one budget after the spike, a page is complete, and the p99 of the next 100 is within 10 % of before",
            told,
            lambda story: story["recovery"]["recovered_after_s"] is not None
            and story["recovery"]["first_page_complete"]
            and story["recovery"]["p99_after_ms"] <= P99_MARGIN * story["recovery"]["p99_before_ms"],
            worst(lambda story: story["recovery"]["p99_after_ms"] / story["recovery"]["p99_before_ms"], "p99 at most {:.2f} of before", max),
        ),
        verdict(
            f"at the original's load, at least {100 * POSSIBLE_AT_ORIGINAL_MIN:.1f} % of the possible keys",
            at_least,
            lambda load: load["delivered"] >= POSSIBLE_AT_ORIGINAL_MIN * load["possible"],
            worst(lambda load: 100 * load["delivered"] / load["possible"], "at least {:.1f} %", min),
        ),
    ]


def worst(
    value: Callable[[Figures], float], text: str, choose: Callable[[Sequence[float]], float]
) -> Callable[[Sequence[Figures]], str]:
    return lambda runs: text.format(choose([value(run) for run in runs]))


def verdict(
    text: str,
    runs: Sequence[Figures],
    is_kept: Callable[[Figures], bool],
    found: Callable[[Sequence[Figures]], str],
) -> Figures:
    """Of every single run; void ones are no evidence."""
    valid = [run for run in runs if run["void"] is None]
    if not valid:
        return {"text": text, "kept": None, "found": None}
    return {"text": text, "kept": all(is_kept(run) for run in valid), "found": found(valid)}
