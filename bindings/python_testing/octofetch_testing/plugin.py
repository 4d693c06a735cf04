"""The pytest fixture `octofetch_origin`, found by pytest where octofetch-testing is installed."""

from collections.abc import Iterator

import pytest
from octofetch.testing import Origin


@pytest.fixture(scope="session")
def octofetch_origin_process() -> Iterator[Origin]:
    """One process for all tests of a session."""
    with Origin() as origin:
        yield origin


@pytest.fixture
def octofetch_origin(octofetch_origin_process: Origin) -> Origin:
    """A scripted origin that answers every path with its pattern until the test gives it a script."""
    octofetch_origin_process.script({})
    return octofetch_origin_process
