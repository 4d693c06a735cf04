"""httpx: a task a key, one AsyncClient whose pool has the connections."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from task import BUDGET_S, Task


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Callable[[list[str]], Awaitable[list[bytes]]]]:
    trust = ssl.create_default_context(cafile=task.ca_file)
    limits = httpx.Limits(max_connections=task.connections, max_keepalive_connections=task.connections)
    async with httpx.AsyncClient(verify=trust, limits=limits, timeout=BUDGET_S) as client:

        async def fetch_one(key: str) -> bytes:
            body: bytes = (await client.get(f"{task.url}/{key}")).raise_for_status().content
            return body

        async def fetch(keys: list[str]) -> list[bytes]:
            return await asyncio.gather(*map(fetch_one, keys))

        yield fetch


def version() -> str:
    return f"httpx {httpx.__version__}"
