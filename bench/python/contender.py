"""Runs one contender: `contender.py NAME --url …`; prints what its counted pages took as one line of JSON.

Without Python's debug or development modes, one page after the other, as one worker of a web server would.
"""

import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

import meter
from task import Task, read_task

Fetch = Callable[[list[str]], list[bytes]]
AsyncFetch = Callable[[list[str]], Awaitable[list[bytes]]]

UVLOOP = "_uvloop"


def run_blocking(task: Task, opened: AbstractContextManager[Fetch], native_prefix: str | None) -> dict[str, float]:
    with opened as fetch:
        for page in range(task.warm_pages):
            task.check(fetch(task.keys_of(page)))
        begin, page = meter.read(native_prefix), 0
        while time.process_time() < begin.process_s + task.span:
            task.read(fetch(task.keys_of(page)))
            page += 1
        return meter.report(begin, meter.read(native_prefix), page * task.keys)


async def run_async(
    task: Task, opened: AbstractAsyncContextManager[AsyncFetch], native_prefix: str | None
) -> dict[str, float]:
    async with opened as fetch:
        for page in range(task.warm_pages):
            task.check(await fetch(task.keys_of(page)))
        begin, page = meter.read(native_prefix), 0
        while time.process_time() < begin.process_s + task.span:
            task.read(await fetch(task.keys_of(page)))
            page += 1
        return meter.report(begin, meter.read(native_prefix), page * task.keys)


def main() -> None:
    task = read_task()
    if task.ca_file is not None:
        os.environ["SSL_CERT_FILE"] = task.ca_file  # for those that can be told in no other way
    name = task.contender.removesuffix(UVLOOP)
    module = importlib.import_module(f"contenders.with_{name}")
    native_prefix = getattr(module, "NATIVE_PREFIX", None)
    opened = module.open_fetch(task)
    if isinstance(opened, AbstractAsyncContextManager):
        loops: Any = importlib.import_module("uvloop").new_event_loop if task.contender.endswith(UVLOOP) else None
        with asyncio.Runner(loop_factory=loops) as runner:
            figures = runner.run(run_async(task, opened, native_prefix))
    else:
        figures = run_blocking(task, opened, native_prefix)
    json.dump({**figures, "version": module.version()}, sys.stdout)


if __name__ == "__main__":
    main()
