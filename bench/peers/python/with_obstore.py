"""Octo with obstore: object_store of Rust, on threads of its own, awaited from asyncio.

It has no limit of connections: as many are open as requests run, and its pool limits the idle ones alone. So that a
semaphore is what its users limit it with. Bodies are handed out as bytes, as those of the others.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import obstore
from event_loop import Fetch, fetch_in_time, run
from obstore.store import S3Store
from octo import REGION, Fetched, Task


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Fetch]:
    store = S3Store(
        task.bucket,
        endpoint=task.origin,
        region=REGION,
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": True, "pool_max_idle_per_host": str(task.connections)},
        retry_config={"max_retries": 0},
    )
    slots = asyncio.Semaphore(task.connections)

    async def fetch_one(key: str) -> bytes:
        async with slots:
            found = await obstore.get_async(store, key)
            body: bytes = (await found.bytes_async()).to_bytes()
            return body

    async def fetch(keys: list[str], deadline_ns: int) -> Fetched:
        return await fetch_in_time(fetch_one, keys, deadline_ns)

    yield fetch


if __name__ == "__main__":
    run(open_fetch, {"obstore": obstore.__version__})
