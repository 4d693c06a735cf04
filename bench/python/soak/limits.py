"""What a soak must keep, whatever language it is of, and when its traffic stands still."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from soak.measure import Sample, slope

SLOPE_MAX_MIB = 1.0  # in SLOPE_SPAN_S
SLOPE_SPAN_S = 600
SETTLED_AFTER_S = 300.0  # in a shorter run, a quarter of it
KEYS_MIN_PER_MINUTE = 50_000

Verdict = tuple[bool, str]


class Gaps:
    """All traffic stands still at the end of each period, so that threads end and start again."""

    SPAN_S = 30
    EVERY_S = 180
    QUIET_AFTER_S = 15  # what was under way has ended by then, and the threads of the library with it

    @classmethod
    def is_gap(cls, second: float) -> bool:
        return second % cls.EVERY_S >= cls.EVERY_S - cls.SPAN_S

    @classmethod
    def is_sampled(cls, second: float, span_s: float) -> bool:
        """Whether memory is that of a process at rest, in the part of the run that counts."""
        rest_from_s = cls.EVERY_S - cls.SPAN_S + cls.QUIET_AFTER_S
        return second % cls.EVERY_S >= rest_from_s and second >= min(SETTLED_AFTER_S, span_s / 4)


@dataclass
class Memory:
    """Samples of the seconds in which Gaps.is_sampled."""

    kept: list[Sample] = field(default_factory=list)  # resident when a gap's first is taken, with all that malloc keeps
    resident: list[Sample] = field(default_factory=list)  # when malloc has given back what is free
    in_use: list[Sample] = field(default_factory=list)  # of malloc

    def add(self, second: float, resident: Callable[[], float], trim: Callable[[], float]) -> None:
        """`trim` makes malloc give back what is free and tells what is in use; both in MiB."""
        is_first_of_gap = not self.resident or second - self.resident[-1][0] > Gaps.SPAN_S
        if is_first_of_gap:
            self.kept.append((second, resident()))
        self.in_use.append((second, trim()))
        self.resident.append((second, resident()))

    def verdict(self) -> Verdict:
        grown = slope(self.resident) * SLOPE_SPAN_S
        return (
            grown < SLOPE_MAX_MIB,
            f"resident memory, in gaps, grows by {grown:.2f} MiB in 10 minutes (limit {SLOPE_MAX_MIB:g} MiB)",
        )

    def print_besides(self) -> None:
        in_use, kept = (slope(samples) * SLOPE_SPAN_S for samples in (self.in_use, self.kept))
        each = ", ".join(f"{mib:.1f}" for _, mib in self.kept)
        print(f"what malloc has in use, in gaps, grows by {in_use:.2f} MiB in 10 minutes")
        print(f"with what malloc keeps free {each} MiB are resident, {kept:+.2f} MiB in 10 minutes")


def verdict_of_descriptors(before: int, after: int) -> Verdict:
    return after == before, f"{after} descriptors at the end, {before} at the beginning"


def verdict_of_wrong(wrong: int) -> Verdict:
    return wrong == 0, f"{wrong} bodies were not those that were served"


def verdict_of_keys(keys: int, minutes: float) -> Verdict:
    wanted = KEYS_MIN_PER_MINUTE * minutes
    return keys >= wanted, f"{keys} keys (at least {wanted:.0f})"


def print_struck(counters: Mapping[str, int], statuses: Mapping[str, int]) -> None:
    prefix = "injected."
    struck = {name.removeprefix(prefix): count for name, count in counters.items() if name.startswith(prefix)}
    print(f"faults that struck: {struck}\nstatuses: {dict(statuses)}")


def print_verdicts(verdicts: Sequence[Verdict]) -> int:
    """The exit code: 1 when a figure misses its limit."""
    for is_kept, text in verdicts:
        print(f"{'PASS' if is_kept else 'FAIL'} {text}")
    return 0 if all(is_kept for is_kept, _ in verdicts) else 1
