"""octofetch, blocking: one call a page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import octofetch
from task import BUDGET_S, Task


@contextmanager
def open_fetch(task: Task) -> Iterator[Callable[[list[str]], list[bytes]]]:
    with open_client(task) as client:
        yield lambda keys: [result.body for result in client.fetch(keys, budget=BUDGET_S)]


def open_client(task: Task) -> octofetch.Client:
    # Connections are opened all at once, which may take longer than the second that one has by default.
    if task.ca_file is None:
        return octofetch.Client(task.url, connections_max=task.connections, connect_timeout=60)
    return octofetch.Client(task.url, connections_max=task.connections, connect_timeout=60, tls_ca_file=task.ca_file)


def version() -> str:
    return octofetch.build_information()
