"""aiobotocore: a task a key, one client whose pool has the connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiobotocore
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore import UNSIGNED
from task import Task


@asynccontextmanager
async def open_fetch(task: Task) -> AsyncIterator[Callable[[list[str]], Awaitable[list[bytes]]]]:
    config = AioConfig(
        signature_version=UNSIGNED,
        max_pool_connections=task.connections,
        s3={"addressing_style": "path"},
        retries={"max_attempts": 0},
    )
    made = get_session().create_client(
        "s3", endpoint_url=task.url, verify=task.ca_file, config=config, region_name="us-east-1"
    )
    async with made as client:

        async def fetch_one(key: str) -> bytes:
            response = await client.get_object(Bucket=task.bucket, Key=key)
            async with response["Body"] as stream:
                body: bytes = await stream.read()
                return body

        async def fetch(keys: list[str]) -> list[bytes]:
            return await asyncio.gather(*map(fetch_one, keys))

        yield fetch


def version() -> str:
    return f"aiobotocore {aiobotocore.__version__}"
