"""Those who fetch in the soak: threads that block, tasks in an event loop, and clients that come and go."""

import asyncio
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import octofetch
from octofetch import Client, Results, Status
from origin import Origin, pattern

from soak.faults import SIZE, keys_of

KEYS = 100
BUDGET_S = 0.25
PAUSE_S = 0.02
FRESH_EVERY = 50  # pages, after which a worker opens a client of its own


@dataclass
class Tally:
    """What came of all keys. Counted by several threads, each under the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: int = 0

    @property
    def keys(self) -> int:
        return self.statuses.total()

    def add(self, results: Results) -> None:
        statuses = Counter(str(result.status) for result in results)
        # Of each page a few bodies are compared, more would be what takes the time.
        looked_at = random.sample(results.succeeded, min(3, len(results.succeeded)))
        wrong = sum(result.body != pattern(str(result.key).encode(), 0, SIZE) for result in looked_at)
        wrong += sum(len(result.view) != SIZE for result in results.succeeded)
        with self.lock:
            self.statuses += statuses
            self.wrong += wrong


class Traffic:
    """Runs until `stop`; while `is_paused` is set nothing is fetched."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.tally = Tally()
        self.is_paused = threading.Event()
        self._is_over = threading.Event()
        self.plain = Client(origin.url("http"), connections_max=32)
        self.secure = Client(origin.url("https"), connections_max=32, tls_ca_file=origin.ca_file)
        self._threads = [
            threading.Thread(target=self._block, args=(self.plain, 1)),
            threading.Thread(target=self._block, args=(self.secure, 2)),
            threading.Thread(target=lambda: asyncio.run(self._await_pages())),
            threading.Thread(target=self._open_and_close),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        for client in (self.plain, self.secure):
            client.close()

    def _turns(self) -> "Turns":
        return Turns(self._is_over, self.is_paused)

    def _block(self, client: Client, first: int) -> None:
        for turn in self._turns():
            self.tally.add(client.fetch(keys_of(first + 7 * turn, KEYS), budget=BUDGET_S))
            time.sleep(PAUSE_S)

    async def _await_pages(self) -> None:
        """In a loop: pages together, pages as a stream, and pages that are given up."""
        for turn in self._turns():
            client = (self.plain, self.secure)[turn % 2].aio
            keys = keys_of(3 * turn, KEYS)
            for results in await asyncio.gather(*(client.fetch(keys, budget=BUDGET_S) for _ in range(2))):
                self.tally.add(results)
            async with client.submit(keys, budget=BUDGET_S) as batch:
                async for result in batch:
                    if result.status == Status.DEADLINE:
                        break
            given_up = asyncio.create_task(client.fetch(keys, budget=BUDGET_S))
            await asyncio.sleep(random.random() * PAUSE_S)
            given_up.cancel()
            await asyncio.wait([given_up])

    def _open_and_close(self) -> None:
        for turn in self._turns():
            with Client(self.origin.url("http"), connections_max=8) as client:
                self.tally.add(client.fetch(keys_of(turn, KEYS), budget=BUDGET_S))
                client.submit(keys_of(turn, KEYS), budget=BUDGET_S)
            asyncio.run(self._page_in_a_loop_of_its_own(turn))
            time.sleep(10 * PAUSE_S)

    async def _page_in_a_loop_of_its_own(self, turn: int) -> None:
        self.tally.add(await self.plain.aio.fetch(keys_of(turn, KEYS), budget=BUDGET_S))


class Turns:
    """Counts up until all is over, and waits where there is a pause."""

    def __init__(self, is_over: threading.Event, is_paused: threading.Event) -> None:
        self._is_over = is_over
        self._is_paused = is_paused
        self._turn = 0

    def __iter__(self) -> "Turns":
        return self

    def __next__(self) -> int:
        while self._is_paused.is_set() and not self._is_over.is_set():
            time.sleep(0.1)
        if self._is_over.is_set():
            raise StopIteration
        self._turn += 1
        return self._turn


def fetch_in_child(origin: Origin, client: Client) -> int:
    """What a child of fork does before it exits: the parent's client and one of its own. 0 when all was right."""
    with Client(origin.url("http")) as own:
        for one in (client, own):
            results = one.fetch([f"clean/{i}" for i in range(5)], budget=20)
            if not results.complete or any(r.body != pattern(str(r.key).encode(), 0, SIZE) for r in results):
                return 1
    return 0 if octofetch.shutdown(5) else 2
