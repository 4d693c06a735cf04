"""pycurl: a CurlMulti, and an easy handle a connection that is used again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pycurl
from task import BUDGET_S, Task


@contextmanager
def open_fetch(task: Task) -> Iterator[Callable[[list[str]], list[bytes]]]:
    multi = pycurl.CurlMulti()
    handles = [open_handle(task) for _ in range(task.connections)]

    def fetch(keys: list[str]) -> list[bytes]:
        bodies = {key: BytesIO() for key in keys}
        waiting, idle = list(bodies.items()), list(handles)
        running = 0
        while waiting or running:
            while waiting and idle:
                key, body = waiting.pop()
                start(multi, idle.pop(), f"{task.url}/{key}", body)
                running += 1
            multi.select(BUDGET_S)
            multi.perform()
            ended = ended_handles(multi)
            running -= len(ended)
            idle += ended
        return [bodies[key].getvalue() for key in keys]

    yield fetch
    for handle in handles:
        handle.close()
    multi.close()


def open_handle(task: Task) -> Any:
    handle = pycurl.Curl()
    handle.setopt(pycurl.FAILONERROR, True)
    handle.setopt(pycurl.NOSIGNAL, True)
    if task.ca_file is not None:
        handle.setopt(pycurl.CAINFO, task.ca_file)
    return handle


def start(multi: Any, handle: Any, url: str, body: BytesIO) -> None:
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.WRITEDATA, body)
    multi.add_handle(handle)
    multi.perform()


def ended_handles(multi: Any) -> list[Any]:
    _, succeeded, failed = multi.info_read()
    if failed:
        raise OSError(f"a GET failed: {failed[0][2]}")
    for handle in succeeded:
        multi.remove_handle(handle)
    return list(succeeded)


def version() -> str:
    return str(pycurl.version)
