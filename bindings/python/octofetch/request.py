"""What can be asked for: a key alone, or a key with a range, a query, a version or a priority."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Key = str | bytes
Headers = Mapping[str, str]
Priority = Literal["optional", "normal", "required"]

_PRIORITIES = {"optional": 0, "normal": 1, "required": 2}

# Bits of octo_request.flags.
_QUERY, _VERSION_ID, _IF_NONE_MATCH, _PRIORITY, _RANGE, _RANGE_FROM, _RANGE_SUFFIX = (1 << bit for bit in range(7))

# They identify a request in traces and change no answer, so that they do not keep requests apart.
_NEUTRAL = frozenset({"traceparent", "tracestate", "baggage"})

_LINE_END = re.compile(r"[\r\n\0]")

_POSITION_MAX = 2**64 - 1

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
        for name in ("first", "last", "suffix"):
            position = getattr(self, name)
            if position is not None and not (type(position) is int and 0 <= position <= _POSITION_MAX):
                raise ValueError(f"{name}={position!r}: it is a number of bytes, counted from 0")


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


def header_fields_of(headers: Headers) -> tuple[tuple[str, str, bool], ...]:
    """Name, value and whether it is neutral, as bindings/python/native/client.cpp reads them."""
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers is a mapping of names to values, not {type(headers).__name__}")
    check_texts(headers)
    return tuple((name, value, name.lower() in _NEUTRAL) for name, value in headers.items())


def header_lines_of(headers: Headers) -> str:
    """As the option of a client has them, in which the end of a line would begin another header."""
    check_texts(headers)
    for name, value in headers.items():
        if _LINE_END.search(name + value):
            raise ValueError(f"the header {name!r} or its value has the end of a line or NUL; it is one line")
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def check_texts(headers: Headers) -> None:
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            kind = type(value if isinstance(name, str) else name).__name__
            raise TypeError(f"the header {name!r} is of type {kind}; names and values are texts")
