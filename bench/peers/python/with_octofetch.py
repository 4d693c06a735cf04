"""Octo with octofetch: one call a page, with the page's own deadline.

There is nothing to switch off: the library neither retries, hedges, coalesces nor caches by itself.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import octofetch
from event_loop import Fetch, run
from octo import REGION, Fetched, Task

NS_PER_US = 1000


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Fetch]:
    client = octofetch.Client(
        f"s3://{task.bucket}",
        endpoint=task.origin,
        region=REGION,
        addressing="path",
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        connections_max=task.connections,
    )
    async with client.aio as thumbnails:

        async def fetch(keys: list[str], deadline_ns: int) -> Fetched:
            called_ns = time.monotonic_ns()
            results = await thumbnails.fetch(keys, deadline=octofetch.Deadline(deadline_ns))
            handler_ns = time.monotonic_ns()
            # The budget is what was left at the submit; nothing, where the deadline had passed.
            submitted_ns = max(called_ns, deadline_ns - results.info.budget_us * NS_PER_US)
            bodies = {str(result.key): result.body for result in results if result.ok}
            return Fetched(bodies, handler_ns, submitted_ns + results.info.frozen_us * NS_PER_US)

        yield fetch


if __name__ == "__main__":
    run(open_fetch, {"octofetch": octofetch.__version__})
