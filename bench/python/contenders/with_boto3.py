"""boto3: one client, a thread a connection."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from task import Task


@contextmanager
def open_fetch(task: Task) -> Iterator[Callable[[list[str]], list[bytes]]]:
    client = boto3.client(
        "s3", endpoint_url=task.url, verify=task.ca_file, config=config(task), region_name="us-east-1"
    )

    def fetch_one(key: str) -> bytes:
        body: bytes = client.get_object(Bucket=task.bucket, Key=key)["Body"].read()
        return body

    with ThreadPoolExecutor(task.connections) as threads:
        yield lambda keys: list(threads.map(fetch_one, keys))
    client.close()


def config(task: Task) -> Config:
    return Config(
        signature_version=UNSIGNED,
        max_pool_connections=task.connections,
        s3={"addressing_style": "path"},
        retries={"max_attempts": 0},
    )


def version() -> str:
    return f"boto3 {boto3.__version__}"
