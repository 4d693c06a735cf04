"""How batches wake an asyncio event loop: one queue and one descriptor a loop, drained in bulk.

A queue lives as long as its loop, and ends with it however the loop ends: asyncio.run first closes the asynchronous
generators of a loop, one of which is ours; a loop that is closed without that is noticed when the next one comes, or
when it is collected. uvloop is served the same way.
"""

import asyncio
import contextlib
import logging
import sys
import weakref
from collections.abc import AsyncGenerator, Callable

from octofetch import _core

logger = logging.getLogger("octofetch")

Wake = Callable[[], None]

FROZEN = 1

_warned_of_blocking = False


class LoopQueue:
    """The queue of one loop. Used on the thread of that loop alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.queue = _core.Queue()
        self._fd = self.queue.fd()
        # Weak, or the table below would keep every loop alive.
        self._loop = weakref.ref(loop)
        self._waiting: dict[int, Wake] = {}
        self._last_tag = 0
        loop.add_reader(self._fd, self._drain)
        self._guard = _until_closed(weakref.ref(self))
        # Its first step, which does not wait, makes it known to the loop.
        with contextlib.suppress(StopIteration):
            self._guard.__anext__().send(None)

    def expect(self, wake: Wake) -> int:
        """A tag for a batch; `wake` is called for each of its events, until `forget`."""
        self._last_tag += 1
        self._waiting[self._last_tag] = wake
        return self._last_tag

    def forget(self, tag: int) -> None:
        self._waiting.pop(tag, None)

    def _drain(self) -> None:
        for tag, _ in self.queue.take():
            wake = self._waiting.get(tag)
            if wake is not None:
                wake()

    def close(self) -> None:
        loop = self._loop()
        if loop is not None:
            if _queues.get(loop) is self:
                del _queues[loop]
            if not loop.is_closed():
                loop.remove_reader(self._fd)
        self.queue.free()


_queues: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopQueue] = weakref.WeakKeyDictionary()


async def _until_closed(queue: "weakref.ref[LoopQueue]") -> AsyncGenerator[None, None]:
    """Asynchronous generators are what asyncio.run closes before it closes the loop."""
    try:
        yield
    finally:
        found = queue()
        if found is not None:
            found.close()


def queue_of_running_loop() -> LoopQueue:
    loop = asyncio.get_running_loop()
    found = _queues.get(loop)
    if found is None:
        for other in [other for other in list(_queues) if other.is_closed()]:
            _queues[other].close()
        found = _queues[loop] = LoopQueue(loop)
    return found


def forget_all() -> None:
    """In a child after fork: the loops and queues are the parent's."""
    _queues.clear()


def warn_of_blocking(call: str) -> None:
    """Says once in a process that a blocking call stands still a running event loop."""
    global _warned_of_blocking
    # Without asyncio imported there is no loop to look for.
    if _warned_of_blocking or "asyncio" not in sys.modules or asyncio._get_running_loop() is None:
        return
    _warned_of_blocking = True
    logger.warning("%s() blocks the event loop that runs on this thread; await client.aio.%s() instead", call, call)
