"""Which loop runs on this thread, and the queue by which batches wake it: asyncio's (uvloop's too), trio's or gevent's.

Neither trio nor gevent is imported for the question: who runs one of them has imported it.
"""

import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from octofetch import asyncio_loop
from octofetch.loop_queue import AwaitedQueue

if TYPE_CHECKING:
    from octofetch.gevent_hub import HubQueue

logger = logging.getLogger("octofetch")

Answer = TypeVar("Answer")

_warned_of_blocking = False


def queue_of_running_loop() -> AwaitedQueue:
    if _is_trio():
        from octofetch import trio_loop

        return trio_loop.queue_of_run()
    return asyncio_loop.queue_of_running_loop()


def _is_trio() -> bool:
    # trio says there whether its code or that of a loop within it runs.
    sniffio = sys.modules.get("sniffio")
    return sniffio is not None and bool(sniffio.thread_local.name == "trio")


def warn_of_blocking(call: str) -> None:
    """Says once in a process that a blocking call stands still a running event loop."""
    global _warned_of_blocking
    if _warned_of_blocking or not (asyncio_loop.is_running() or _is_trio()):
        return
    _warned_of_blocking = True
    logger.warning("%s() blocks the event loop that runs on this thread; await client.aio.%s() instead", call, call)


def queue_of_hub() -> "HubQueue | None":
    """What a blocking call waits by where gevent has patched the sockets; None where it blocks its thread."""
    if not is_patched():
        return None
    from octofetch import gevent_hub

    return gevent_hub.queue_of_thread()


def is_patched() -> bool:
    """Whether gevent makes blocking calls of this process cooperate."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))


def call_blocking(call: Callable[[], Answer]) -> Answer:
    """Makes a call that blocks its thread, beside other greenlets if there are any."""
    if not is_patched():
        return call()
    from octofetch import gevent_hub

    return gevent_hub.in_thread(call)


def forget_all() -> None:
    """In a child after fork: the loops and queues are the parent's."""
    asyncio_loop.forget_all()
    if "octofetch.gevent_hub" in sys.modules:
        sys.modules["octofetch.gevent_hub"].forget_all()
