"""The open-loop load: hands each page over at its instant, come what may.

A contender that reads late has its lines kept for it, as a socket would: its lateness counts, not the generator's.
"""

import gc
import os
import time
from collections import deque
from collections.abc import Callable, Sequence

from replay.pages import Page

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

# What is done to the origin, and when, in seconds from the beginning.
Event = tuple[float, Callable[[], object]]


class Generator:
    """`input_fd` is the contender's standard input."""

    def __init__(self, input_fd: int, budget_ms: int) -> None:
        self._input_fd = input_fd
        self._budget_ns = budget_ms * NS_PER_MS
        self._waiting: deque[bytes] = deque()
        self.begun_ns = 0
        self.lags_ns: list[int] = []
        os.set_blocking(input_fd, False)

    def run(self, pages: Sequence[Page], events: Sequence[Event], begin_ns: int) -> None:
        """Returns when the last page has been handed over."""
        self.begun_ns = begin_ns
        things: list[tuple[float, int, Callable[[], object]]] = [(at_s, 0, act) for at_s, act in events]
        things += [(page.at_s, 1 + number, self._handed(number, page)) for number, page in enumerate(pages)]
        things.sort(key=lambda thing: thing[:2])
        # A collection amid the run would come late by itself.
        gc.disable()
        for at_s, _, act in things:
            self._sleep_until(begin_ns + round(at_s * NS_PER_S))
            act()
        while self._waiting:
            self._sleep_until(time.monotonic_ns() + NS_PER_MS)
        gc.enable()

    def intended_ns(self, page: Page) -> int:
        return self.begun_ns + round(page.at_s * NS_PER_S)

    def _handed(self, number: int, page: Page) -> Callable[[], None]:
        keys = ", ".join(f'"o{key}"' for key in page.keys)

        def hand_over() -> None:
            intended_ns = self.intended_ns(page)
            deadline_ns = intended_ns + self._budget_ns
            line = f'{{"page": {number}, "deadline_ns": {deadline_ns}, "keys": [{keys}]}}\n'
            self._waiting.append(line.encode())
            self.lags_ns.append(time.monotonic_ns() - intended_ns)
            self._write()

        return hand_over

    def _sleep_until(self, instant_ns: int) -> None:
        """Gives the contender what it has not taken yet, every millisecond."""
        while (left_ns := instant_ns - time.monotonic_ns()) > 0:
            if self._waiting:
                self._write()
                left_ns = min(left_ns, NS_PER_MS)
            time.sleep(left_ns / NS_PER_S)

    def _write(self) -> None:
        try:
            while self._waiting:
                line = self._waiting[0]
                written = os.write(self._input_fd, line)
                self._waiting.popleft()
                if written < len(line):
                    self._waiting.appendleft(line[written:])
        except BlockingIOError:
            pass
