"""Octo on one event loop: a task a page, as a web framework starts one a request, which awaits its keys together.

The loop is uvloop for all contenders that have one: it comes with uvicorn[standard], which such services run under, and
is the faster one.
"""

import asyncio
import math
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

import uvloop
from octo import Cache, Fetched, Page, Story, Task, read_page, read_task, tell_ready

Fetch = Callable[[list[str], int], Awaitable[Fetched]]
FetchOne = Callable[[str], Coroutine[Any, Any, bytes]]

MS_PER_S = 1000
NS_PER_MS = 1_000_000


def run(open_fetch: Callable[[Task], AbstractAsyncContextManager[Fetch]], versions: Mapping[str, str]) -> None:
    """`open_fetch` gives what fetches the keys of a page until the instant that stands behind them."""
    uvloop.run(serve(read_task(), open_fetch, {"uvloop": version("uvloop"), **versions}))


async def serve(
    task: Task, open_fetch: Callable[[Task], AbstractAsyncContextManager[Fetch]], versions: Mapping[str, str]
) -> None:
    story, cache = Story(), Cache(task.cache_objects)
    async with open_fetch(task) as fetch:
        arriving = await open_stdin()
        tell_ready(versions)
        async with asyncio.TaskGroup() as running:
            while line := await arriving.readline():
                page = read_page(line)
                running.create_task(handle(page, fetch, cache, story))
                running.create_task(sleep_beside(page, story))
    story.tell()


async def open_stdin() -> asyncio.StreamReader:
    arriving = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(arriving), sys.stdin)
    return arriving


async def handle(page: Page, fetch: Fetch, cache: Cache, story: Story) -> None:
    held = cache.look_up(page.keys)
    fetched = await fetch([key for key in page.keys if key not in held], page.deadline_ns)
    cache.keep(fetched.bodies)
    story.note_handler(page, fetched, held)


async def sleep_beside(page: Page, story: Story) -> None:
    while (now_ns := time.monotonic_ns()) < page.deadline_ns:
        await asyncio.sleep(timeout_s(now_ns, page.deadline_ns))
    story.note_control(page, now_ns)


def timeout_s(now_ns: int, instant_ns: int) -> float:
    """For a timer that shall not fire too early.

    uvloop's count whole milliseconds of this clock: one of the plain difference fires up to a millisecond before the
    instant, and with less than half of one it does not sleep at all.
    """
    return max(0, math.ceil(instant_ns / NS_PER_MS) - now_ns // NS_PER_MS) / MS_PER_S


async def fetch_in_time(fetch_one: FetchOne, keys: list[str], deadline_ns: int) -> Fetched:
    """For clients that fetch one key a call: a task each, those that are not done in time are cancelled.

    Where no time is left nothing is started: it would cost a connection to cancel it.
    """
    if time.monotonic_ns() >= deadline_ns or not keys:
        return Fetched({}, time.monotonic_ns())
    key_of = {asyncio.create_task(fetch_one(key)): key for key in keys}
    done, pending = await asyncio.wait(key_of, timeout=timeout_s(time.monotonic_ns(), deadline_ns))
    handler_ns = time.monotonic_ns()
    for late in pending:
        late.cancel()
    return Fetched({key_of[task]: task.result() for task in done if task.exception() is None}, handler_ns)
