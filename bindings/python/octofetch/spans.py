"""Spans of time as users write them: seconds, a timedelta, or for options a text such as `"300ms"`.

Only conversions; what a budget may be stands in deadline.py.
"""

import math
from datetime import timedelta

Span = float | timedelta

BUDGET_MAX_S = 600
US_PER_S = 1_000_000


def to_us(span: Span, name: str) -> int:
    """A span of seconds in microseconds, rounded up, so that a positive one never becomes 0."""
    if isinstance(span, timedelta):
        return span // timedelta(microseconds=1)
    if isinstance(span, bool) or not isinstance(span, int | float):
        raise TypeError(f"{name} is a number of seconds or a timedelta, not {type(span).__name__}")
    if not math.isfinite(span):
        raise ValueError(f"{name}={span} is no span of time; it is a number of seconds")
    return math.ceil(span * US_PER_S)


def budget_to_us(budget: Span, name: str = "budget") -> int:
    """As to_us, within what the library takes: 0 to 600 s."""
    span_us = to_us(budget, name)
    if span_us < 0:
        raise ValueError(f"{name}={budget} is negative; it is a number of seconds from now")
    if span_us > BUDGET_MAX_S * US_PER_S:
        seconds = span_us / US_PER_S
        raise ValueError(
            f"{name}={budget} is more than {BUDGET_MAX_S} seconds; {name} is in seconds, so that "
            f"{seconds:g} ms are written {seconds / 1000:g}"
        )
    return span_us
