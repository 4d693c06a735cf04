"""octofetch, awaited: one call a page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from task import BUDGET_S, Task

from contenders.with_octofetch import open_client, version

__all__ = ["open_fetch", "version"]


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Callable[[list[str]], Awaitable[list[bytes]]]]:
    async with open_client(task).aio as client:

        async def fetch(keys: list[str]) -> list[bytes]:
            return [result.body for result in await client.fetch(keys, budget=BUDGET_S)]

        yield fetch
