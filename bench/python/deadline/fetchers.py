"""How a page is fetched within its budget: by octofetch, and as users of aiohttp and obstore write it.

Each opens what it needs for the life of the application, and gives a function that answers how many keys came in time.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import octofetch

FetchPage = Callable[[list[str], float], Awaitable[int]]
OpenFetch = Callable[[str, int], AbstractAsyncContextManager[FetchPage]]


@asynccontextmanager
async def open_octofetch(url: str, connections: int) -> AsyncIterator[FetchPage]:
    async with octofetch.Client(url, connections_max=connections).aio as client:

        async def fetch_page(keys: list[str], budget_s: float) -> int:
            return len((await client.fetch(keys, budget=budget_s)).succeeded)

        yield fetch_page


@asynccontextmanager
async def open_aiohttp(url: str, connections: int) -> AsyncIterator[FetchPage]:
    aiohttp: Any = importlib.import_module("aiohttp")
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

        async def fetch_one(key: str) -> bytes:
            async with session.get(f"{url}/{key}") as response:
                body: bytes = await response.read()
                return body

        async def fetch_page(keys: list[str], budget_s: float) -> int:
            return await gather_in_time([fetch_one(key) for key in keys], budget_s)

        yield fetch_page


@asynccontextmanager
async def open_obstore(url: str, connections: int) -> AsyncIterator[FetchPage]:
    obstore: Any = importlib.import_module("obstore")
    stores: Any = importlib.import_module("obstore.store")
    options = {"allow_http": True, "pool_max_idle_per_host": str(connections)}
    store = stores.HTTPStore.from_url(url, client_options=options)
    slots = asyncio.Semaphore(connections)

    async def fetch_one(key: str) -> bytes:
        async with slots:
            got = await obstore.get_async(store, key)
            body: bytes = (await got.bytes_async()).to_bytes()
            return body

    async def fetch_page(keys: list[str], budget_s: float) -> int:
        return await gather_in_time([fetch_one(key) for key in keys], budget_s)

    yield fetch_page


async def gather_in_time(fetches: list[Coroutine[Any, Any, bytes]], budget_s: float) -> int:
    """What has come within the budget; the rest is cancelled."""
    tasks = [asyncio.create_task(one) for one in fetches]
    done, pending = await asyncio.wait(tasks, timeout=budget_s)
    for task in pending:
        task.cancel()
    return sum(task.exception() is None for task in done)


FETCHERS: dict[str, OpenFetch] = {
    "octofetch": open_octofetch,
    "aiohttp": open_aiohttp,
    "obstore": open_obstore,
}
