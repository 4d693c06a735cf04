"""How batches wake the tasks of trio. Imported where trio runs, and nowhere else.

A queue lives as long as its run: a task of the system nursery drains it, which trio cancels when the main task ends.
"""

from collections.abc import Awaitable, Callable

import trio

from octofetch.loop_queue import AwaitedQueue


class TrioQueue(AwaitedQueue):
    """The queue of one trio.run."""

    def __init__(self) -> None:
        super().__init__()
        trio.lowlevel.spawn_system_task(self._drain_until_the_end, name="octofetch")

    async def _drain_until_the_end(self) -> None:
        fd = self.queue.fd()
        try:
            while True:
                await trio.lowlevel.wait_readable(fd)
                self.drain()
        finally:
            self.queue.free()

    def make_event(self) -> "TrioEvent":
        return TrioEvent()

    async def within(self, span_s: float, wait: Callable[[], Awaitable[None]]) -> None:
        with trio.move_on_after(span_s):
            await wait()

    async def in_thread(self, call: Callable[[], None]) -> None:
        await trio.to_thread.run_sync(call)


class TrioEvent:
    """trio's events stay set once they are; this one is cleared by beginning another."""

    def __init__(self) -> None:
        self._event = trio.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        if self._event.is_set():
            self._event = trio.Event()

    async def wait(self) -> None:
        await self._event.wait()


_queue: trio.lowlevel.RunVar[TrioQueue] = trio.lowlevel.RunVar("octofetch_queue")


def queue_of_run() -> TrioQueue:
    try:
        return _queue.get()
    except LookupError:
        queue = TrioQueue()
        _queue.set(queue)
        return queue
