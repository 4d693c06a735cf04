"""Which pages are asked for and when: drawn beforehand, and the same for every contender."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from replay.parameters import Parameters


@dataclass(frozen=True)
class Page:
    """`at_s` counts from the beginning of the run. Keys are numbers of objects, all different."""

    at_s: float
    keys: Sequence[int]


@dataclass(frozen=True)
class Stretch:
    """A span of one load."""

    span_s: float
    keys_per_s: float


class PageDice:
    def __init__(self, parameters: Parameters, seed: str) -> None:
        self._parameters = parameters
        self._dice = random.Random(seed)
        exponent = parameters.zipf_exponent
        self._weights = list(accumulate(1 / rank**exponent for rank in range(1, parameters.objects + 1)))

    def pages(self, stretches: Sequence[Stretch]) -> Iterator[Page]:
        """Poisson: the gaps between arrivals are exponential."""
        begins_s = 0.0
        for stretch in stretches:
            rate = stretch.keys_per_s / self._parameters.keys_mean
            at_s = begins_s + self._dice.expovariate(rate)
            begins_s += stretch.span_s
            while at_s < begins_s:
                yield Page(at_s, self._keys())
                at_s += self._dice.expovariate(rate)

    def _keys(self) -> list[int]:
        wanted = self._dice.randint(self._parameters.keys_min, self._parameters.keys_max)
        keys: dict[int, None] = {}
        while len(keys) < wanted:
            lacking = wanted - len(keys)
            drawn = self._dice.choices(range(self._parameters.objects), cum_weights=self._weights, k=lacking)
            keys.update(dict.fromkeys(drawn))
        return list(keys)
