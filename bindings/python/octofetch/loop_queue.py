"""One queue and one descriptor for each loop, drained in bulk: what asyncio, trio and gevent have in common."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Protocol

from octofetch import _core

Wake = Callable[[], None]


class Event(Protocol):
    """What a batch is awaited by: set for each of its announcements."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    async def wait(self) -> object: ...


class LoopQueue:
    """The queue of one loop. Used on the thread of that loop alone."""

    def __init__(self) -> None:
        self.queue = _core.Queue()
        self._waiting: dict[int, Wake] = {}
        self._last_tag = 0

    def expect(self, wake: Wake) -> int:
        """A tag for a batch; `wake` is called for each of its events, until `forget`."""
        self._last_tag += 1
        self._waiting[self._last_tag] = wake
        return self._last_tag

    def forget(self, tag: int) -> None:
        self._waiting.pop(tag, None)

    def drain(self) -> None:
        """Called by the loop when the descriptor can be read."""
        for tag, _ in self.queue.take():
            wake = self._waiting.get(tag)
            if wake is not None:
                wake()


class AwaitedQueue(LoopQueue, ABC):
    """A queue of a loop that runs coroutines, and what `octofetch.aio` needs of such a loop."""

    @abstractmethod
    def make_event(self) -> Event: ...

    @abstractmethod
    async def within(self, span_s: float, wait: Callable[[], Awaitable[None]]) -> None:
        """Awaits `wait`, for at most that long."""

    @abstractmethod
    async def in_thread(self, call: Callable[[], None]) -> None:
        """Awaits a call that blocks."""
