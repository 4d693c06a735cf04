"""The figures of a run, as ../report/README.md words them."""

from collections.abc import Sequence
from typing import Any

from samples import percentile

from replay.contender import Contender
from replay.generator import NS_PER_S
from replay.parameters import Parameters
from replay.run import Asked, Run

LATE_MS = 5.0
PAGES_FOR_P999 = 20_000
BIN_S = 0.5
NEXT_PAGES = 100  # after the spike
P99_MARGIN = 1.1

Figures = dict[str, Any]


def of_load(contender: Contender, run: Run, offered: float, span_s: float, cached: bool, asked: Parameters) -> Figures:
    pages = run.asked
    keys, delivered = count_keys(pages), count_delivered(pages)
    took_ms = [page.took_ms for page in pages]
    possible = run.log.possible_keys(keys, asked.connections, span_s, asked.budget_ms)
    return {
        "contender": contender.name,
        "cached": cached,
        "offered_keys_per_s": offered,
        "span_s": span_s,
        "pages": len(pages),
        "keys": keys,
        "delivered": delivered,
        # What is in a cache needs no slot: there the formula does not hold.
        "possible": None if cached else possible,
        "complete_pages": sum(page.is_complete() for page in pages),
        "page_ms": {
            "p50": percentile(took_ms, 0.5),
            "p99": percentile(took_ms, 0.99),
            "p999": percentile(took_ms, 0.999) if len(pages) > PAGES_FOR_P999 else None,
        },
        **lateness(run),
        "cpu_us_per_key": 1e6 * run.cpu_s / delivered if delivered else None,
        "peak_memory_mib": run.peak_memory_mib,
        "connections_opened": run.counters["connections.accepted"],
        "requests_per_key": len(run.log.served) / delivered if delivered else None,
        **validity(run, asked),
    }


def of_story(contender: Contender, run: Run, phases: Sequence[Figures], asked: Parameters) -> Figures:
    spike = next(phase for phase in phases if phase["name"] == "spike")
    return {
        "contender": contender.name,
        "phases": list(phases),
        "bins": bins(run, phases[-1]["to_s"]),
        "recovery": recovery(run, spike["from_s"], spike["to_s"], asked.budget_ms),
        **lateness(run),
        **validity(run, asked),
    }


def lateness(run: Run) -> Figures:
    pages = run.asked
    library = [late_ms for page in pages if (late_ms := page.library_late_ms) is not None]
    return {
        "late_5ms_share": share_late([page.late_ms for page in pages]),
        "control_late_5ms_share": share_late([page.control_late_ms for page in pages]),
        "worst_late_ms": max(page.late_ms for page in pages),
        "control_worst_late_ms": max(page.control_late_ms for page in pages),
        "library_late_5ms_share": share_late(library) if library else None,
        "library_worst_late_ms": max(library, default=None),
    }


def validity(run: Run, asked: Parameters) -> Figures:
    void = None
    if run.lag_p99_ms > asked.generator_lag_max_ms:
        void = f"the generator lagged {run.lag_p99_ms:.1f} ms at p99"
    elif run.origin_core_busy > asked.origin_core_busy_max:
        void = f"the origin's core was busy for {100 * run.origin_core_busy:.0f} %"
    return {"generator_lag_p99_ms": run.lag_p99_ms, "origin_cpu_share": run.origin_core_busy, "void": void}


def bins(run: Run, span_s: float) -> list[Figures]:
    count = round(span_s / BIN_S)
    by_bin: list[list[Asked]] = [[] for _ in range(count)]
    for page in run.asked:
        at_s = (page.intended_ns - run.begun_ns) / NS_PER_S
        by_bin[min(count - 1, int(at_s / BIN_S))].append(page)
    return [
        {
            "at_s": number * BIN_S,
            "pages": len(pages),
            "late_p50_ms": percentile([page.late_ms for page in pages], 0.5) if pages else None,
            "late_max_ms": max((page.late_ms for page in pages), default=None),
            "control_late_max_ms": max((page.control_late_ms for page in pages), default=None),
            "keys": count_keys(pages),
            "delivered": count_delivered(pages),
        }
        for number, pages in enumerate(by_bin)
    ]


def recovery(run: Run, spike_from_s: float, spike_to_s: float, budget_ms: int) -> Figures:
    """A page is complete when all came that the origin gave in time: its slow replies are not the contender's."""
    begins_ns = run.begun_ns + spike_from_s * NS_PER_S
    ends_ns = run.begun_ns + spike_to_s * NS_PER_S
    from_ns = ends_ns + budget_ms * NS_PER_S / 1000
    before = [page.took_ms for page in run.asked if page.intended_ns < begins_ns]
    after = [page for page in run.asked if page.intended_ns >= from_ns]
    p99_before_ms = percentile(before, 0.99)
    is_complete = [page.is_complete(run.log) for page in after]
    recovered_after_s = None
    for position in range(len(after) - NEXT_PAGES):
        p99_ms = p99_of_next(after, position)
        if is_complete[position] and p99_ms <= P99_MARGIN * p99_before_ms:
            recovered_after_s = (after[position].intended_ns - ends_ns) / NS_PER_S
            break
    return {
        "first_page_complete": is_complete[0],
        "p99_before_ms": p99_before_ms,
        "p99_after_ms": p99_of_next(after, 0),
        "recovered_after_s": recovered_after_s,
    }


def p99_of_next(pages: Sequence[Asked], position: int) -> float:
    return percentile([page.took_ms for page in pages[position + 1 : position + 1 + NEXT_PAGES]], 0.99)


def share_late(late_ms: Sequence[float]) -> float:
    return sum(late > LATE_MS for late in late_ms) / len(late_ms)


def count_keys(pages: Sequence[Asked]) -> int:
    return sum(len(page.page.keys) for page in pages)


def count_delivered(pages: Sequence[Asked]) -> int:
    return sum(page.answer.delivered for page in pages)
