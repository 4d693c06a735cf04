"""What the tests of the Python package share: the origin, and clients of it."""

from collections.abc import Callable, Iterator
from typing import Any

import octofetch
import pytest
from octofetch import Client
from origin import Origin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--folder", default=None, help="of tests/cases: run its behaviour cases alone")


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    started = Origin.started()
    yield started
    started.stop()


@pytest.fixture
def open_client(origin: Origin) -> Iterator[Callable[..., Client]]:
    """Opens clients of the origin, which are closed after the test; afterwards no thread of the library runs."""
    origin.script({})
    opened: list[Client] = []

    def open_one(listener: str = "http", **options: Any) -> Client:
        client = Client(origin.url(listener), **options)
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close(0)
    assert octofetch.shutdown(5)


@pytest.fixture
def client(open_client: Callable[..., Client]) -> Client:
    return open_client(name="tests")
