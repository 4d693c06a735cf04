"""What can be asked for: a key alone, or a key with a range, a query, a version or a priority."""

from dataclasses import dataclass
from typing import Literal

Key = str | bytes
Priority = Literal["optional", "normal", "required"]

_PRIORITIES = {"optional": 0, "normal": 1, "required": 2}

# Bits of octo_request.flags.
_QUERY, _VERSION_ID, _IF_NONE_MATCH, _PRIORITY, _RANGE, _RANGE_FROM, _RANGE_SUFFIX = (1 << bit for bit in range(7))

_Fields = tuple[Key, int, str | None, str | None, str | None, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which bytes of an object: `first` to `last`, both included, or from `first` on, or the last `suffix`."""

    first: int | None = None
    last: int | None = None
    suffix: int | None = None

    def __post_init__(self) -> None:
        if (self.first is None) == (self.suffix is None) or (self.suffix is not None and self.last is not None):
            raise ValueError("a Range is first and last, first alone, or suffix")


@dataclass(frozen=True, slots=True)
class Get:
    """A request: a key, and what is asked besides."""

    key: Key
    range: Range | None = None
    query: str | None = None
    version_id: str | None = None
    if_none_match: str | None = None
    priority: Priority | None = None

    def fields(self) -> _Fields:
        """As bindings/python/native/requests.cpp reads it."""
        flags = first = last = 0
        for value, flag in ((self.query, _QUERY), (self.version_id, _VERSION_ID), (self.if_none_match, _IF_NONE_MATCH)):
            flags |= 0 if value is None else flag
        if self.range is not None:
            first, last = self.range.first or 0, self.range.last or self.range.suffix or 0
            flags |= _RANGE_SUFFIX if self.range.first is None else _RANGE_FROM if self.range.last is None else _RANGE
        return (
            self.key,
            flags | self._priority_flag(),
            self.query,
            self.version_id,
            self.if_none_match,
            first,
            last,
            (self._priority_number()),
        )

    def _priority_flag(self) -> int:
        return 0 if self.priority is None else _PRIORITY

    def _priority_number(self) -> int:
        if self.priority is None:
            return 0
        number = _PRIORITIES.get(self.priority)
        if number is None:
            raise ValueError(f"priority={self.priority!r}: it is one of {', '.join(_PRIORITIES)}")
        return number


def key_of(request: Key | Get) -> Key:
    return request.key if isinstance(request, Get) else request
