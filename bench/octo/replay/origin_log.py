"""What the origin did: how long each reply was made to wait, and with that what a client could have had at best."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from origin import Origin

from replay.generator import NS_PER_MS

HTTP_OK = 200


@dataclass(frozen=True)
class Served:
    """A request: when it was read, and how long its reply was made to wait."""

    at_ns: int
    ms: float
    status: int

    @property
    def done_ns(self) -> float:
        return self.at_ns + self.ms * NS_PER_MS


class OriginLog:
    """Of one run: `served` by path, and in order."""

    def __init__(self, bucket: str, lines: Sequence[str]) -> None:
        self._prefix = f"/{bucket}/"
        self.served: list[Served] = []
        self._by_path: dict[str, list[Served]] = defaultdict(list)
        for line in lines:
            at_ns, ms, status, path = line.split(" ", 3)
            served = Served(int(at_ns), float(ms), int(status))
            self.served.append(served)
            self._by_path[path].append(served)

    @classmethod
    def of(cls, origin: Origin, bucket: str) -> Self:
        return cls(bucket, origin.control("GET", "/service_times").splitlines())

    def was_withheld(self, key: int, from_ns: int, until_ns: int) -> bool:
        """Whether the object was asked for in this span, and no reply that came of it could have been whole in it."""
        asked = self._by_path.get(f"{self._prefix}o{key}", [])
        first = bisect_left(asked, from_ns, key=lambda served: served.at_ns)
        within = [served for served in asked[first:] if served.at_ns < until_ns]
        return bool(within) and all(served.done_ns > until_ns or served.status != HTTP_OK for served in within)

    def possible_keys(self, offered: int, slots: int, span_s: float, cut_off_ms: float) -> float | None:
        """`p * min(offered, slots * span / E[min(S, C)])`: what nobody could exceed with these service times.

        S are the service times, C is the cut-off, p the share of S up to C; each slot is taken until the reply or the
        cut-off, and nobody knows beforehand which replies will not come.
        """
        times_ms = [served.ms for served in self.served if served.status == HTTP_OK]
        if not times_ms:
            return None
        share = sum(ms <= cut_off_ms for ms in times_ms) / len(times_ms)
        taken_s = sum(min(ms, cut_off_ms) for ms in times_ms) / len(times_ms) / 1000
        return share * min(offered, slots * span_s / taken_s)
