"""obstore: a task a key against S3 without signatures; as it has no limit of connections, a semaphore is that."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import obstore
from obstore.store import S3Store
from task import BUDGET_S, Task


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Callable[[list[str]], Awaitable[list[bytes]]]]:
    store = S3Store(
        task.bucket,
        endpoint=task.url,
        region="us-east-1",
        skip_signature=True,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": True,
            "pool_max_idle_per_host": str(task.connections),
            "timeout": f"{BUDGET_S:g}s",
            # It is told of no other authority than the system's.
            "allow_invalid_certificates": True,
        },
    )
    slots = asyncio.Semaphore(task.connections)

    async def fetch_one(key: str) -> bytes:
        async with slots:
            body: bytes = (await (await obstore.get_async(store, key)).bytes_async()).to_bytes()
            return body

    async def fetch(keys: list[str]) -> list[bytes]:
        return await asyncio.gather(*map(fetch_one, keys))

    yield fetch


def version() -> str:
    return f"obstore {obstore.__version__}"
