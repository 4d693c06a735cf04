"""Octo with obstore: object_store of Rust, on threads of its own, awaited from asyncio.

It has no limit of connections: as many are open as requests run, and its pool limits the idle ones alone. A semaphore
is what its users limit it with; now and then one connection more is opened, as the pool has one back only after the
body was handed out. Bodies are made bytes, as those of the others are.
"""

import asyncio
import os
import sys
from collections import deque
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
        client_options={
            "allow_http": True,
            "pool_max_idle_per_host": str(task.connections),
            # As long as octofetch keeps it.
            "pool_idle_timeout": "10 seconds",
        },
        retry_config={"max_retries": 0},
    )
    slots = Slots(task.connections)

    async def fetch_one(key: str) -> bytes:
        async with slots:
            found = await obstore.get_async(store, key)
            body: bytes = (await found.bytes_async()).to_bytes()
            return body

    async def fetch(keys: list[str], deadline_ns: int) -> Fetched:
        return await fetch_in_time(fetch_one, keys, deadline_ns)

    yield fetch


class Slots:
    """A semaphore whose waiters leave in constant time.

    For each that it wakes, asyncio.Semaphore passes all that were cancelled in this turn of the loop: half of the
    processor's time once pages are cut while thousands of keys wait, which is not what this contender is about.
    """

    def __init__(self, count: int) -> None:
        self._free_count = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if self._free_count > 0:
            self._free_count -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free_count += 1


if __name__ == "__main__":
    run(open_fetch, {"obstore": obstore.__version__})
    # Its threads may still hold requests that were cancelled, and complain of an interpreter that ends.
    sys.stdout.flush()
    os._exit(0)
