"""No client: the bodies of a page copied into bytes from memory that was just read; below this nobody can be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from task import BUDGET_S, Task

from contenders.with_octofetch import open_client


@contextmanager
def open_fetch(task: Task) -> Iterator[Callable[[list[str]], list[bytes]]]:
    with open_client(task) as client:
        views = [result.view for result in client.fetch(task.keys_of(0), budget=BUDGET_S)]
    yield lambda keys: [bytes(view) for view in views]


def version() -> str:
    return "no client"
