"""Deadlines: instants that several clients can share, and the ambient one of a page.

Instants are of the library's own clock, so that a frozen or moved test clock changes nothing.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from octofetch import _core
from octofetch.spans import US_PER_S, Span, budget_to_us, to_us

NS_PER_US = 1000


@functools.total_ordering
class Deadline:
    """An instant by which everything that is given it ends. Immutable; of this process and its children."""

    __slots__ = ("at_ns",)

    def __init__(self, at_ns: int) -> None:
        self.at_ns = at_ns

    @classmethod
    def after(cls, budget: Span) -> "Deadline":
        """The instant `budget` from now: seconds, or a timedelta."""
        return cls(_core.now_ns() + budget_to_us(budget) * NS_PER_US)

    @property
    def remaining(self) -> float:
        """Seconds until then; 0 when it has passed."""
        return max(0, self.at_ns - _core.now_ns()) / (NS_PER_US * US_PER_S)

    def __eq__(self, other: object) -> bool:
        return self.at_ns == other.at_ns if isinstance(other, Deadline) else NotImplemented

    def __lt__(self, other: "Deadline") -> bool:
        return self.at_ns < other.at_ns if isinstance(other, Deadline) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.at_ns)

    def __repr__(self) -> str:
        return f"<Deadline in {self.remaining:.3f} s>"


_ambient: ContextVar[Deadline | None] = ContextVar("octofetch_page_deadline", default=None)


@contextmanager
def page_deadline(budget: Span | Deadline) -> Iterator[Deadline]:
    """Within the block no batch of this thread or task ends later than this, whatever its own budget says."""
    own = budget if isinstance(budget, Deadline) else Deadline.after(budget)
    outer = _ambient.get()
    deadline = own if outer is None else min(own, outer)
    token = _ambient.set(deadline)
    try:
        yield deadline
    finally:
        _ambient.reset(token)


def limits(budget: Span | None, deadline: Deadline | None, default_us: int | None) -> tuple[int | None, int | None]:
    """What octo_submit is given, as (budget_us, deadline_ns): the earliest of explicit, ambient and default.

    A budget is left a budget where it can be, because the library then counts it from inside of the submit.
    """
    if budget is not None and deadline is not None:
        raise TypeError("budget and deadline are both given; a batch has one of them")
    if deadline is not None and not isinstance(deadline, Deadline):
        raise TypeError(f"deadline is a Deadline, such as Deadline.after(0.3), not {type(deadline).__name__}")
    spans = [] if default_us is None else [default_us]
    if budget is not None:
        spans.append(budget_to_us(budget))
    instants = [instant.at_ns for instant in (deadline, _ambient.get()) if instant is not None]
    if not spans and not instants:
        raise TypeError(
            "a batch needs a budget, such as budget=0.3 (seconds), or a deadline; or give the client a budget"
        )
    if not instants:
        return min(spans), None
    if spans:
        instants.append(_core.now_ns() + min(spans) * NS_PER_US)
    return None, min(instants)


def wait_us(wait: Span | None, name: str) -> int:
    """How long a call may block: a span, or None for as long as it takes."""
    return 2**64 - 1 if wait is None else max(0, to_us(wait, name))
