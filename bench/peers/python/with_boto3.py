"""Octo with boto3: one client, which threads may share, and a pool with a thread a connection.

A page submits its keys to the pool and waits for them together. What runs at the deadline cannot be cancelled: it keeps
its thread until it ends or the read times out, for which the budget is what its users set.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import boto3
from botocore.config import Config
from octo import REGION, Fetched, Task, read_task, seconds_until
from threads import serve


def main() -> None:
    task = read_task()
    client = boto3.client(
        "s3",
        endpoint_url=task.origin,
        region_name=REGION,
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        config=config(task),
    )

    def fetch_one(key: str) -> bytes:
        body: bytes = client.get_object(Bucket=task.bucket, Key=key)["Body"].read()
        return body

    with closing(client), ThreadPoolExecutor(task.connections) as threads:

        def fetch(keys: list[str], deadline_ns: int) -> Fetched:
            if seconds_until(deadline_ns) <= 0:
                return Fetched({}, time.monotonic_ns())
            key_of = {threads.submit(fetch_one, key): key for key in keys}
            done, pending = wait(key_of, timeout=max(0, seconds_until(deadline_ns)))
            handler_ns = time.monotonic_ns()
            for late in pending:
                late.cancel()
            bodies = {key_of[future]: future.result() for future in done if future.exception() is None}
            return Fetched(bodies, handler_ns)

        serve(task, fetch, {"boto3": boto3.__version__})


def config(task: Task) -> Config:
    return Config(
        max_pool_connections=task.connections,
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 1},
        connect_timeout=task.budget_s,
        read_timeout=task.budget_s,
    )


if __name__ == "__main__":
    main()
