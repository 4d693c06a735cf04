"""Reads one JSON object field by field, so that every complaint names the field and no field goes unread."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

SPAN_UNITS_US = {"us": 1, "ms": 1_000, "s": 1_000_000, "min": 60_000_000}
COUNT_MAX = 2**64 - 1
# One string literal of C99 may have so many bytes.
TEXT_BYTES_MAX = 4095


class CaseError(Exception):
    """A mistake in a case; the text begins with the place."""


@dataclass(frozen=True)
class Number:
    """What a number may be, both ends included."""

    min: int
    max: int


class Fields:
    """The object at `where`; finish() complains about what nobody asked for."""

    def __init__(self, value: Any, where: str) -> None:
        self.where = where
        if not isinstance(value, dict):
            raise CaseError(f"{where}: must be a JSON object")
        self.value: dict[str, Any] = value
        self.known: set[str] = set()

    def fail(self, name: str, complaint: str) -> NoReturn:
        raise CaseError(f"{self.name_of(name)}: {complaint}")

    def name_of(self, name: str) -> str:
        return f"{self.where}.{name}" if name else self.where

    def has(self, name: str) -> bool:
        return name in self.value

    def get(self, name: str) -> Any:
        """The field, or None when it is absent; marks it as known."""
        self.known.add(name)
        return self.value.get(name)

    def demand(self, name: str) -> Any:
        if not self.has(name):
            self.fail(name, "must be given")
        return self.get(name)

    def finish(self) -> None:
        for name in self.value:
            if name not in self.known:
                known = ", ".join(sorted(self.known))
                self.fail(name, f"this field is not known here; there are {known}")

    def text(self, name: str) -> str | None:
        value = self.get(name)
        if not self.has(name):
            return None
        return self.text_of(name, value)

    def text_of(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            self.fail(name, "must be a text")
        if len(value.encode()) > TEXT_BYTES_MAX:
            self.fail(name, f"has more than {TEXT_BYTES_MAX} bytes")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A text, or a list of them; () when it is absent."""
        value = self.get(name)
        if not self.has(name):
            return ()
        items = value if isinstance(value, list) else [value]
        if not items:
            self.fail(name, "the list is empty; leave the field out")
        return tuple(self.text_of(name, item) for item in items)

    def choice(self, name: str, choices: Any, default: str) -> str:
        value = self.text(name)
        if value is None:
            return default
        self.check_choice(name, value, choices)
        return value

    def check_choice(self, name: str, value: str, choices: Any) -> None:
        if value not in choices:
            self.fail(name, f"'{value}' is not known; there are {', '.join(sorted(choices))}")

    def flag(self, name: str) -> bool | None:
        value = self.get(name)
        if self.has(name) and not isinstance(value, bool):
            self.fail(name, "must be true or false")
        return value if isinstance(value, bool) else None

    def count(self, name: str, default: int, minimum: int = 0) -> int:
        value = self.get(name)
        if not self.has(name):
            return default
        return self.count_of(name, value, minimum)

    def count_of(self, name: str, value: Any, minimum: int = 0) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= COUNT_MAX:
            self.fail(name, f"must be a whole number from {minimum}")
        return value

    def number(self, name: str) -> Number:
        """A number, or {"min": ..., "max": ...}."""
        value = self.get(name)
        if not isinstance(value, dict):
            count = self.count_of(name, value)
            return Number(count, count)
        fields = Fields(value, self.name_of(name))
        number = Number(fields.count("min", 0), fields.count("max", COUNT_MAX))
        fields.finish()
        if number.min > number.max or number == Number(0, COUNT_MAX):
            self.fail(name, "holds for no number or for every number")
        return number

    def numbers(self, names: Any) -> dict[str, Number]:
        """The fields of these names that are present."""
        self.known.update(names)
        return {name: self.number(name) for name in names if self.has(name)}

    def span_us(self, name: str, default: int | None = None) -> int | None:
        """A span with its unit, such as "300ms"."""
        value = self.text(name)
        if value is None:
            return default
        found = re.fullmatch(r"(-?\d+)(us|ms|s|min)", value)
        if found is None:
            self.fail(name, f"'{value}' is not a span; write 300ms, 5s or 1min")
        return int(found[1]) * SPAN_UNITS_US[found[2]]

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """A list of ["Name", "value"]."""
        value = self.get(name)
        if not self.has(name):
            return ()
        if not isinstance(value, list):
            self.fail(name, 'must be a list of ["Name", "value"]')
        for pair in value:
            if not isinstance(pair, list) or len(pair) != 2:
                self.fail(name, f'{pair} is not ["Name", "value"]')
        return tuple((self.text_of(name, pair[0]), self.text_of(name, pair[1])) for pair in value)

    def objects(self, name: str) -> Iterator["Fields"]:
        """The objects of a list, each with its place."""
        value = self.get(name)
        if not self.has(name):
            return
        if not isinstance(value, list):
            self.fail(name, "must be a list")
        for index, item in enumerate(value):
            yield Fields(item, f"{self.name_of(name)}[{index}]")
