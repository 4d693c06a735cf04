"""Octo with aiohttp: one session, whose connector has the connections and lets requests wait for one in their order.

Plain HTTP, unsigned. It sets no timeout of aiohttp's own, since the page's cuts every request off.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from event_loop import Fetch, fetch_in_time, run
from octo import Fetched, Task

# As long as octofetch keeps it.
IDLE_S = 10


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Fetch]:
    connector = aiohttp.TCPConnector(limit=task.connections, keepalive_timeout=IDLE_S)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, raise_for_status=True) as session:

        async def fetch_one(key: str) -> bytes:
            async with session.get(f"{task.origin}/{task.bucket}/{key}") as response:
                return await response.read()

        async def fetch(keys: list[str], deadline_ns: int) -> Fetched:
            return await fetch_in_time(fetch_one, keys, deadline_ns)

        yield fetch


if __name__ == "__main__":
    run(open_fetch, {"aiohttp": aiohttp.__version__})
