"""./dev bench python-soak: does a process that fetches stay as it is, over many faults and forks?

Exits with 1 when a figure misses its limit. README.md says how to read it.
"""

import argparse
import asyncio
import os
import sys
import time

import octofetch
from conditions import conditions
from octofetch import Client
from origin import Origin

from soak import faults
from soak.heap import heap, trim
from soak.limits import (
    Gaps,
    Memory,
    Verdict,
    print_struck,
    print_verdicts,
    verdict_of_descriptors,
    verdict_of_keys,
    verdict_of_wrong,
)
from soak.measure import descriptors, resident_mib
from soak.traffic import Traffic, fetch_in_child

FORK_EVERY_S = 1
PROGRESS_EVERY_S = 15
CHILD_LIMIT_S = 60


class Soak:
    """One run. Everything but the traffic happens on the main thread."""

    def __init__(self, minutes: float, origin: Origin) -> None:
        self.span_s = 60 * minutes
        self.traffic = Traffic(origin)
        self.origin = origin
        self.memory = Memory()
        self.forks = 0
        self.forks_failed = 0
        self.begun_at = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.begun_at

    def run(self) -> None:
        self.traffic.start()
        next_progress_s = 0.0
        while self.elapsed_s < self.span_s:
            second = self.elapsed_s
            is_gap = Gaps.is_gap(second)
            (self.traffic.is_paused.set if is_gap else self.traffic.is_paused.clear)()
            self.fork()
            if Gaps.is_sampled(second, self.span_s):
                self.memory.add(second, resident_mib, trim)
            if second >= next_progress_s:
                next_progress_s += PROGRESS_EVERY_S
                self.print_progress(is_gap)
            time.sleep(max(0.0, FORK_EVERY_S - (self.elapsed_s - second)))
        self.traffic.is_paused.clear()
        self.traffic.stop()

    def fork(self) -> None:
        """While all others fetch, or in a gap while the threads of the library wait or have ended."""
        child = os.fork()
        if child == 0:
            os._exit(self.answer_of_child())
        self.forks += 1
        self.forks_failed += exit_code_of(child) != 0

    def answer_of_child(self) -> int:
        try:
            return fetch_in_child(self.origin, self.traffic.plain)
        except BaseException:
            return 3

    def print_progress(self, is_gap: bool) -> None:
        tally = self.traffic.tally
        print(
            f"{self.elapsed_s:6.0f} s  {tally.keys:>9} keys  {tally.wrong} wrong  {self.forks} forks, "
            f"{self.forks_failed} failed  {descriptors()} descriptors  {resident_mib():.1f} MiB: {heap()}, "
            f"{sys.getallocatedblocks()} blocks of Python's{'  gap' if is_gap else ''}",
            flush=True,
        )


def exit_code_of(child: int) -> int:
    """-1 for a child that hangs, which is ended."""
    end = time.monotonic() + CHILD_LIMIT_S
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found == child:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1


def descriptors_at_rest(origin: Origin) -> int:
    """With every thread ended; after a fetch, as some descriptors are opened once in the life of a process."""
    with Client(origin.url("http")) as client:
        client.fetch(["clean/0"], budget=20)
        asyncio.run(fetch_in_a_loop(client))
    if not octofetch.shutdown(10):
        raise TimeoutError("threads of the library still run")
    return descriptors()


async def fetch_in_a_loop(client: Client) -> None:
    await client.aio.fetch(["clean/0"], budget=20)


def verdicts(soak: Soak, minutes: float, before: int, after: int) -> list[Verdict]:
    tally = soak.traffic.tally
    return [
        soak.memory.verdict(),
        verdict_of_descriptors(before, after),
        verdict_of_wrong(tally.wrong),
        (soak.forks_failed == 0, f"{soak.forks_failed} of {soak.forks} forked children did not fetch"),
        verdict_of_keys(tally.keys, minutes),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench python-soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    minutes = parser.parse_args().minutes
    print(conditions(), end="")
    origin = Origin.started()
    origin.script(faults.script())
    before = descriptors_at_rest(origin)
    soak = Soak(minutes, origin)
    soak.run()
    after = descriptors_at_rest(origin)
    print_struck(origin.counters(), soak.traffic.tally.statuses)
    soak.memory.print_besides()
    origin.stop()
    return print_verdicts(verdicts(soak, minutes, before, after))


if __name__ == "__main__":
    sys.exit(main())
