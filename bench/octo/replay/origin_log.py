"""What the origin did: how long each reply was made to wait, and with that what a client could have had at best."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from replay.generator import NS_PER_MS

if TYPE_CHECKING:
    from origin import Origin

HTTP_OK = 200
ON_THE_WAY_MS = 5  # of a reply, at most, on a machine that is busy with it


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
    """Of one run: `served` by path, and in order, from an instant on."""

    def __init__(self, bucket: str, lines: Sequence[str], from_ns: int = 0) -> None:
        self._prefix = f"/{bucket}/"
        self.served: list[Served] = []
        self._by_path: dict[str, list[Served]] = defaultdict(list)
        for line in lines:
            at_ns, ms, status, path = line.split(" ", 3)
            if int(at_ns) < from_ns:
                continue
            served = Served(int(at_ns), float(ms), int(status))
            self.served.append(served)
            self._by_path[path].append(served)

    @classmethod
    def of(cls, origin: "Origin", bucket: str, from_ns: int) -> Self:
        return cls(bucket, origin.control("GET", "/service_times").splitlines(), from_ns)

    def was_withheld(self, key: int, from_ns: int, until_ns: int) -> bool:
        """Whether the object was asked for in this span, and a reply took longer than all of it or was a refusal.

        Several pages may ask for an object at a time, and whose reply was the slow one is not known. That it was asked
        for late is no excuse.
        """
        span_ms = (until_ns - from_ns) / NS_PER_MS - ON_THE_WAY_MS
        within = (served for served in self._asked_from(key, from_ns) if served.at_ns < until_ns)
        return any(served.status != HTTP_OK or served.ms > span_ms for served in within)

    def done_ns(self, key: int, from_ns: int) -> float | None:
        """When the first reply to what asked for the object from this instant on had been sent."""
        asked = self._asked_from(key, from_ns)
        return asked[0].done_ns if asked else None

    def possible_keys(self, offered: int, slots: int, span_s: float, cut_off_ms: float) -> float | None:
        """`min(F(C) * offered, slots * (span + C) * max over a <= C of F(a) / E[min(S, a)])`: what nobody can exceed.

        S are the service times, F their distribution, C is the cut-off. Nobody knows beforehand how long a reply takes,
        but whoever gives up those older than a gets F(a) of them for E[min(S, a)] of a slot's time each; the best a is
        the bound, whatever else a client does. The last page's slots count until its deadline.
        """
        times_s = sorted(served.ms / 1000 for served in self.served if served.status == HTTP_OK)
        cut_off_s = cut_off_ms / 1000
        in_time = bisect_right(times_s, cut_off_s)
        if in_time == 0:
            return None
        best_rate = taken_s = 0.0
        for count, time_s in enumerate(times_s[:in_time], 1):
            taken_s += time_s
            # Of all replies `count` came up to this age, and each of the others takes it whole.
            best_rate = max(best_rate, count / max(taken_s + (len(times_s) - count) * time_s, 1e-9))
        return min(offered * in_time / len(times_s), slots * (span_s + cut_off_s) * best_rate)

    def _asked_from(self, key: int, from_ns: int) -> list[Served]:
        asked = self._by_path.get(f"{self._prefix}o{key}", [])
        return asked[bisect_left(asked, from_ns, key=lambda served: served.at_ns) :]
