"""Octo on threads, as under a server that handles a request on a thread (gunicorn's gthread), with clients that block.

A page has a thread of its own from its arrival on, so that none waits for the end of another: how many a server has is
the service's choice, and would be measured instead of the client.
"""

import heapq
import sys
import time
from collections.abc import Callable, Mapping
from threading import Condition, Lock, Thread, current_thread

from octo import Cache, Fetched, Page, Story, Task, read_page, seconds_until, tell_ready

Fetch = Callable[[list[str], int], Fetched]


def serve(task: Task, fetch: Fetch, versions: Mapping[str, str]) -> None:
    story, controls = Story(), Controls()
    handlers = Handlers(fetch, Cache(task.cache_objects), story)
    beside = Thread(target=controls.run, args=(story,))
    beside.start()
    tell_ready(versions)
    for line in sys.stdin.buffer:
        page = read_page(line)
        handlers.start(page)
        controls.add(page)
    handlers.join()
    controls.close()
    beside.join()
    story.tell()


class Handlers:
    """The threads of the pages that are open."""

    def __init__(self, fetch: Fetch, cache: Cache, story: Story) -> None:
        self._fetch = fetch
        self._cache = cache
        self._cache_lock = Lock()
        self._story = story
        self._running: set[Thread] = set()

    def start(self, page: Page) -> None:
        thread = Thread(target=self._handle, args=(page,))
        self._running.add(thread)
        thread.start()

    def join(self) -> None:
        while self._running:
            self._running.pop().join()

    def _handle(self, page: Page) -> None:
        with self._cache_lock:
            held = self._cache.look_up(page.keys)
        fetched = self._fetch([key for key in page.keys if key not in held], page.deadline_ns)
        with self._cache_lock:
            self._cache.keep(fetched.bodies)
        self._story.note_handler(page, fetched, held)
        self._running.discard(current_thread())


class Controls:
    """One thread that sleeps until the deadline of each page: a second one a page would be a load of its own."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._sleeping: list[tuple[int, int, Page]] = []
        self._is_closing = False

    def add(self, page: Page) -> None:
        with self._changed:
            heapq.heappush(self._sleeping, (page.deadline_ns, page.number, page))
            if self._sleeping[0][1] == page.number:
                self._changed.notify()

    def close(self) -> None:
        """What sleeps sleeps on until its end."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()

    def run(self, story: Story) -> None:
        with self._changed:
            while self._sleeping or not self._is_closing:
                left_s = seconds_until(self._sleeping[0][0]) if self._sleeping else None
                if left_s is not None and left_s <= 0:
                    story.note_control(heapq.heappop(self._sleeping)[2], time.monotonic_ns())
                else:
                    self._changed.wait(left_s)
