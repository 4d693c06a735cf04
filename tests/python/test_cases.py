"""The behaviour cases of tests/cases through the Python package, blocking and awaited, in asyncio and in trio.

A case of the folder "self" passes when it fails, at the place that it names.
"""

import time
from pathlib import Path

import octofetch
import pytest
from case_drivers import Awaiting, AwaitingInTrio, Blocking, Driver
from case_expectations import CaseFailedError
from case_format.interface import read_interface
from case_format.model import PATIENCE_US, Case
from case_run import CaseRun
from case_table import CASES, ROOT, read_cases
from octofetch import Client
from origin import Origin

DRIVERS = [
    pytest.param(Blocking, id="blocking"),
    pytest.param(Awaiting, id="awaiting"),
    pytest.param(AwaitingInTrio, id="trio", marks=pytest.mark.long),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = metafunc.config.getoption("--folder")
    cases = read_cases(CASES, read_interface(ROOT / "include" / "octofetch.h"))
    chosen = [case for case in cases if folder in (None, case.folder)]
    metafunc.parametrize("case", chosen, ids=[case.name for case in chosen])
    metafunc.parametrize("driver", DRIVERS)


@pytest.fixture(scope="module")
def before(origin: Origin) -> tuple[int, int]:
    """Descriptors and threads when everything has run once that is loaded once."""
    for driver in (Blocking(), Awaiting(), AwaitingInTrio()):
        with Client(f"https://localhost:{origin.ports['https']}", tls_ca_file=origin.ca_file) as client:

            async def fetch(driver: Driver = driver, client: Client = client) -> None:
                await driver.results(driver.submit(client, ["warm"], 10, None, {}))

            driver.run(fetch())
    assert octofetch.shutdown(5)
    return descriptors(), threads()


def test_case(case: Case, driver: type[Driver], origin: Origin, before: tuple[int, int]) -> None:
    reason = case.skip.get("python")
    if reason:
        pytest.skip(reason)
    if case.must_fail is not None:
        assert place_of_failure(case, driver(), origin) == case.must_fail
    else:
        run(case, driver(), origin)
    assert octofetch.shutdown(PATIENCE_US / 1_000_000), "resources: threads do not end"
    check_resources(before)


def run(case: Case, driver: Driver, origin: Origin) -> None:
    driver.run(CaseRun(case, origin, driver).run())


def place_of_failure(case: Case, driver: Driver, origin: Origin) -> str:
    """A function of its own, as the failure keeps what it saw alive."""
    with pytest.raises(CaseFailedError) as failure:
        run(case, driver, origin)
    print(failure.value)
    place = failure.value.place
    failure.value.__traceback__ = None
    return place


def check_resources(before: tuple[int, int]) -> None:
    """A thread that has ended may take a moment to vanish."""
    end = time.monotonic() + PATIENCE_US / 1_000_000
    while not is_as(before) and time.monotonic() < end:
        time.sleep(0.01)
    assert is_as(before), f"resources: {before}, and now {descriptors(), threads()}"


def is_as(before: tuple[int, int]) -> bool:
    return descriptors() == before[0] and threads() <= before[1]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))
