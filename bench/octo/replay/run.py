"""One run: a contender, a load, and all that was seen of both."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samples import percentile

from replay.contender import Answer, Contender, Running
from replay.generator import NS_PER_MS, NS_PER_S, Event, Generator
from replay.origin_log import OriginLog
from replay.pages import Page
from replay.parameters import Parameters

if TYPE_CHECKING:
    from origin import Origin

BEGIN_AFTER_S = 0.1
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "octo", "AWS_SECRET_ACCESS_KEY": "replay", "AWS_REGION": "us-east-1"}


@dataclass(frozen=True)
class Asked:
    """A page of the counted span, and what came of it."""

    page: Page
    intended_ns: int
    deadline_ns: int
    answer: Answer

    @property
    def late_ms(self) -> float:
        """0 for a page that ended before its deadline."""
        return self._late_ms(self.answer.handler_ns)

    @property
    def control_late_ms(self) -> float:
        return self._late_ms(self.answer.control_ns)

    @property
    def library_late_ms(self) -> float | None:
        return None if self.answer.library_ns is None else self._late_ms(self.answer.library_ns)

    @property
    def took_ms(self) -> float:
        return (self.answer.handler_ns - self.intended_ns) / NS_PER_MS

    def is_complete(self, log: OriginLog | None = None) -> bool:
        """Of what the origin gave in time, where its log is at hand."""
        if log is None:
            return not self.answer.missing
        keys = (self.page.keys[position] for position in self.answer.missing)
        return all(log.was_withheld(key, self.intended_ns, self.deadline_ns) for key in keys)

    def _late_ms(self, instant_ns: int) -> float:
        return max(0.0, (instant_ns - self.deadline_ns) / NS_PER_MS)


@dataclass(frozen=True)
class Run:
    """`asked` without the pages of the warm-up; `begun_ns` is the instant from which pages count."""

    versions: dict[str, str]
    asked: Sequence[Asked]
    log: OriginLog
    counters: dict[str, int]
    begun_ns: int
    cpu_s: float
    peak_memory_mib: float
    lag_p99_ms: float
    origin_core_busy: float


class Machine:
    """The origin, with the load on one core; contenders come and go on the other."""

    def __init__(self, origin: "Origin", origin_core: int, contender_core: int, parameters: Parameters) -> None:
        self.origin = origin
        self.parameters = parameters
        self._origin_core, self._contender_core = origin_core, contender_core

    def play(
        self, contender: Contender, pages: Sequence[Page], events: Sequence[Event] = (), cached: bool = False
    ) -> Run:
        """The pages of the first `warm_s` are asked for and not counted."""
        asked = self.parameters
        self.origin.script(asked.script())
        words = ["--origin", self.origin.url("http"), "--bucket", asked.bucket]
        words += ["--connections", str(asked.connections), "--budget-ms", str(asked.budget_ms)]
        words += ["--cache-objects", str(asked.cache_objects)] if cached else []
        with Running(contender, words, CREDENTIALS, self._contender_core) as running:
            generator = Generator(running.input_fd, asked.budget_ms)
            cpu_s = CpuReading(running)
            origin_core = CoreReading(self._origin_core)
            looks: list[Event] = [(asked.warm_s, cpu_s.begin), (asked.warm_s, origin_core.begin)]
            looks += [(at_s, origin_core.look) for at_s in sorted({at_s for at_s, _ in events})]
            generator.run(pages, [*looks, *events], time.monotonic_ns() + round(BEGIN_AFTER_S * NS_PER_S))
            origin_core.look()
            time.sleep(asked.budget_ms / 1000)
            used_s, memory_mib = cpu_s.used(), running.peak_memory_mib()
            answers = running.answers()
        begun_ns = generator.begun_ns + round(asked.warm_s * NS_PER_S)
        return Run(
            running.versions,
            [
                Asked(page, generator.intended_ns(page), self._deadline_ns(generator, page), answers[number])
                for number, page in enumerate(pages)
                if page.at_s >= asked.warm_s
            ],
            OriginLog.of(self.origin, asked.bucket, begun_ns),
            self.origin.counters(),
            begun_ns,
            used_s,
            memory_mib,
            percentile(generator.lags_ns, 0.99) / NS_PER_MS,
            origin_core.busiest,
        )

    def _deadline_ns(self, generator: Generator, page: Page) -> int:
        return generator.intended_ns(page) + self.parameters.budget_ms * NS_PER_MS


class CpuReading:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._begun_s = running.cpu_s()

    def begin(self) -> None:
        self._begun_s = self._running.cpu_s()

    def used(self) -> float:
        return self._running.cpu_s() - self._begun_s


class CoreReading:
    """How busy a core was, whoever was on it, in the busiest of the spans between two looks."""

    def __init__(self, core: int) -> None:
        self._core = core
        self.begin()

    def begin(self) -> None:
        self._last = self._ticks()
        self.busiest = 0.0

    def look(self) -> None:
        now = self._ticks()
        idle, total = (new - old for new, old in zip(now, self._last, strict=True))
        if total > 0:
            self.busiest = max(self.busiest, 1 - idle / total)
        self._last = now

    def _ticks(self) -> tuple[int, int]:
        """Idle (with waiting for a disk), and all."""
        lines = Path("/proc/stat").read_text().splitlines()
        words = next(line.split()[1:] for line in lines if line.startswith(f"cpu{self._core} "))
        ticks = [int(word) for word in words[:8]]
        return ticks[3] + ticks[4], sum(ticks)
