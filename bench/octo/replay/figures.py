"""The figures of a run, as ../report/README.md words them."""

from collections.abc import Sequence
from typing import Any

from samples import percentile

from replay.contender import Contender
from replay.generator import NS_PER_MS, NS_PER_S
from replay.parameters import Parameters
from replay.run import Asked, Run

LATE_MS = 5.0
PAGES_FOR_P999 = 20_000
BIN_S = 0.5
NEXT_PAGES = 100  # after the spike
P99_MARGIN = 1.1
PAGES_WHOLE = 99  # of the next pages; a reply may be cut off by a hair

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
        "added_ms": added_ms(run),
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


def added_ms(run: Run) -> Figures | None:
    """What pages with all their keys took beyond the last reply of the origin, in the middle and at p95.

    Where pages ask for an object at the same time, another's reply may be taken for theirs: it holds at low load.
    """
    added = []
    for page in run.asked:
        done_ns = [run.log.done_ns(key, page.intended_ns) for key in page.page.keys]
        if page.is_complete() and all(done_ns):
            added.append((page.answer.handler_ns - max(at_ns for at_ns in done_ns if at_ns is not None)) / NS_PER_MS)
    return {"p50": percentile(added, 0.5), "p95": percentile(added, 0.95)} if added else None


def validity(run: Run, asked: Parameters) -> Figures:
    return {
        "generator_lag_p99_ms": run.lag_p99_ms,
        "origin_cpu_share": run.origin_core_busy,
        "void": void(run, asked),
    }


def void(run: Run, asked: Parameters) -> str | None:
    """Why a run is worth nothing, if it is."""
    if run.lag_p99_ms > asked.generator_lag_max_ms:
        return f"the generator lagged {run.lag_p99_ms:.1f} ms at p99"
    if run.origin_core_busy > asked.origin_core_busy_max:
        return f"the origin's core was busy for {100 * run.origin_core_busy:.0f} %"
    return None


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
    """After the spike and one budget, as long as whoever asked in it may still be served.

    A page is complete when all came that the origin gave in time: its slow replies are not the contender's.
    """
    begins_ns = run.begun_ns + spike_from_s * NS_PER_S
    ends_ns = run.begun_ns + spike_to_s * NS_PER_S
    from_ns = ends_ns + budget_ms * NS_PER_S / 1000
    p99_before_ms = percentile([page.took_ms for page in run.asked if page.intended_ns < begins_ns], 0.99)
    after = [page for page in run.asked if page.intended_ns >= from_ns]
    is_complete = [page.is_complete(run.log) for page in after]

    def complete_of_next(position: int) -> int:
        return sum(is_complete[position + 1 : position + 1 + NEXT_PAGES])

    def p99_of_next(position: int) -> float:
        return percentile([page.took_ms for page in after[position + 1 : position + 1 + NEXT_PAGES]], 0.99)

    def is_as_before(position: int) -> bool:
        is_whole = is_complete[position] and complete_of_next(position) >= PAGES_WHOLE
        return is_whole and p99_of_next(position) <= P99_MARGIN * p99_before_ms

    recovered = next((position for position in range(len(after) - NEXT_PAGES) if is_as_before(position)), None)
    return {
        "first_page_complete": bool(after) and is_complete[0],
        "complete_after_share": complete_of_next(0) / NEXT_PAGES,
        "p99_before_ms": p99_before_ms,
        "p99_after_ms": p99_of_next(0),
        "recovered_after_s": None if recovered is None else (after[recovered].intended_ns - from_ns) / NS_PER_S,
    }


def share_late(late_ms: Sequence[float]) -> float:
    return sum(late > LATE_MS for late in late_ms) / len(late_ms)


def count_keys(pages: Sequence[Asked]) -> int:
    return sum(len(page.page.keys) for page in pages)


def count_delivered(pages: Sequence[Asked]) -> int:
    return sum(page.answer.delivered for page in pages)
