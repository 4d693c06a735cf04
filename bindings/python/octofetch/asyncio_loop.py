"""How batches wake an asyncio event loop; uvloop is served the same way.

A queue lives as long as its loop, and ends with it however the loop ends: asyncio.run first closes the asynchronous
generators of a loop, one of which is ours; a loop that is closed without that is noticed when the next one comes, or
when it is collected.
"""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable

from octofetch.loop_queue import AwaitedQueue


class AsyncioQueue(AwaitedQueue):
    """The queue of one asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._fd = self.queue.fd()
        # Weak, or the table below would keep every loop alive.
        self._loop = weakref.ref(loop)
        loop.add_reader(self._fd, self.drain)
        self._guard = _until_closed(weakref.ref(self))
        # Its first step, which does not wait, makes it known to the loop.
        with contextlib.suppress(StopIteration):
            self._guard.__anext__().send(None)

    def make_event(self) -> asyncio.Event:
        return asyncio.Event()

    async def within(self, span_s: float, wait: Callable[[], Awaitable[None]]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(span_s):
                await wait()

    async def in_thread(self, call: Callable[[], None]) -> None:
        await asyncio.to_thread(call)

    def close(self) -> None:
        loop = self._loop()
        if loop is not None:
            if _queues.get(loop) is self:
                del _queues[loop]
            if not loop.is_closed():
                loop.remove_reader(self._fd)
        self.queue.free()


_queues: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncioQueue] = weakref.WeakKeyDictionary()


async def _until_closed(queue: "weakref.ref[AsyncioQueue]") -> AsyncGenerator[None, None]:
    """Asynchronous generators are what asyncio.run closes before it closes the loop."""
    try:
        yield
    finally:
        found = queue()
        if found is not None:
            found.close()


def queue_of_running_loop() -> AsyncioQueue:
    loop = asyncio.get_running_loop()
    found = _queues.get(loop)
    if found is None:
        for other in [other for other in list(_queues) if other.is_closed()]:
            _queues[other].close()
        found = _queues[loop] = AsyncioQueue(loop)
    return found


def is_running() -> bool:
    """Whether a loop runs on this thread."""
    return asyncio._get_running_loop() is not None


def forget_all() -> None:
    """In a child after fork: the loops and queues are the parent's."""
    _queues.clear()
