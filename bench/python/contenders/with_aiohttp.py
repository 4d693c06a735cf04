"""aiohttp: a task a key, one session whose connector has the connections."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from task import Task


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Callable[[list[str]], Awaitable[list[bytes]]]]:
    trust = True if task.ca_file is None else ssl.create_default_context(cafile=task.ca_file)
    connector = aiohttp.TCPConnector(limit=task.connections, ssl=trust)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

        async def fetch_one(key: str) -> bytes:
            async with session.get(f"{task.url}/{key}") as response:
                body: bytes = await response.read()
                return body

        async def fetch(keys: list[str]) -> list[bytes]:
            return await asyncio.gather(*map(fetch_one, keys))

        yield fetch


def version() -> str:
    return f"aiohttp {aiohttp.__version__}"
