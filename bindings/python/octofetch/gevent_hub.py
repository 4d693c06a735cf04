"""How a blocking call waits where gevent has patched the sockets: other greenlets go on. Imported there alone.

One queue a hub, which is one a thread. Its descriptor is watched only while a greenlet waits, so that gevent still
notices when all that is left would wait for ever.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from gevent import monkey  # type: ignore[import-untyped]
from gevent._hub_local import get_hub_if_exists  # type: ignore[import-untyped]
from gevent.event import Event  # type: ignore[import-untyped]

from octofetch import _core
from octofetch.batch import Submitted
from octofetch.loop_queue import LoopQueue
from octofetch.result import Result
from octofetch.status import Status

_NS_PER_US = 1000
_NS_PER_S = 1_000_000_000
_READ = 1
# No batch has a longer budget.
_LOOK_AGAIN_S = 600

Answer = TypeVar("Answer")

# A greenlet is a thread to patched code; hubs belong to real ones.
_of_thread: Any = monkey.get_original("_thread", "_local")()


class HubQueue(LoopQueue):
    """The queue of one hub."""

    def __init__(self, hub: Any) -> None:
        super().__init__()
        self.hub = hub
        self.process = os.getpid()
        self._watcher = hub.loop.io(self.queue.fd(), _READ)
        self._blocked_count = 0

    def submit(self, start: Callable[[_core.Queue, int, bool], Submitted], is_stream: bool) -> "HubBatch":
        """`start` is given the queue, the tag under which the batch announces itself, and whether it streams."""
        event = Event()
        tag = self.expect(event.set)
        try:
            return HubBatch(start(self.queue, tag, is_stream), self, tag, event)
        except BaseException:
            self.forget(tag)
            raise

    def block(self, event: Event, wait_ns: int) -> None:
        """Lets other greenlets run until the event is set, at most that long."""
        if self._blocked_count == 0:
            self._watcher.start(self.drain)
        self._blocked_count += 1
        try:
            event.wait(min(wait_ns / _NS_PER_S, _LOOK_AGAIN_S))
        finally:
            self._blocked_count -= 1
            if self._blocked_count == 0:
                self._watcher.stop()

    def abandon(self) -> None:
        """In a child after fork: nothing comes any more, and whoever waits looks again."""
        self._watcher.stop()
        for wake in list(self._waiting.values()):
            wake()


class HubBatch:
    """A submitted batch whose waits are those of a greenlet."""

    def __init__(self, submitted: Submitted, queue: HubQueue, tag: int, event: Event) -> None:
        self._submitted = submitted
        self._queue = queue
        self._tag = tag
        self._event = event
        self.is_frozen = submitted.is_frozen
        self.describe = submitted.describe
        self.results = submitted.results
        self.explain = submitted.explain
        self.attempts = submitted.attempts
        # It is announced as any freeze is, so that greenlets that wait look again.
        self.cancel = submitted.cancel

    def __len__(self) -> int:
        return len(self._submitted)

    def wait(self, wait_us: int, /) -> int:
        if self._is_elsewhere():
            return self._submitted.wait(wait_us)
        until_ns = _core.now_ns() + wait_us * _NS_PER_US
        while (status := self._submitted.wait(0)) == Status.AGAIN and self._block(until_ns):
            pass
        if status == Status.OK:
            # The announcement of what was frozen at once keeps its memory, and the hub looks only while somebody waits.
            self._queue.drain()
        return status

    def take_settled(
        self, result_type: type[Result], size_max: int, wait_us: int, /
    ) -> tuple[int, list[tuple[int, Result]]]:
        take = partial(self._submitted.take_settled, result_type, size_max)
        if self._is_elsewhere():
            return take(wait_us)
        until_ns = _core.now_ns() + wait_us * _NS_PER_US
        while (taken := take(0))[0] == Status.AGAIN and self._block(until_ns):
            pass
        return taken

    def _is_elsewhere(self) -> bool:
        """In a real thread that has not submitted it, such as one of gevent's pool."""
        return get_hub_if_exists() is not self._queue.hub

    def _block(self, until_ns: int) -> bool:
        left_ns = until_ns - _core.now_ns()
        if left_ns <= 0:
            return False
        # Between a look at the batch and this no other greenlet runs, so that no event is missed.
        self._event.clear()
        self._queue.block(self._event, left_ns)
        return True

    def __del__(self) -> None:
        self._queue.forget(self._tag)


def queue_of_thread() -> HubQueue | None:
    """None where the thread has no hub: then there is no greenlet beside the caller."""
    hub = get_hub_if_exists()
    if hub is None:
        return None
    found: HubQueue | None = getattr(_of_thread, "queue", None)
    # uWSGI forks in C, where forget_all is not called.
    if found is None or found.hub is not hub or found.process != os.getpid():
        found = _of_thread.queue = HubQueue(hub)
    return found


def in_thread(call: Callable[[], Answer]) -> Answer:
    """Makes a call that blocks, in a real thread while greenlets run in this one."""
    hub = get_hub_if_exists()
    return call() if hub is None else hub.threadpool.apply(call)


def forget_all() -> None:
    """In a child after fork: the queue is the parent's."""
    found: HubQueue | None = _of_thread.__dict__.pop("queue", None)
    if found is not None:
        found.abandon()
