"""What goes through logging.getLogger("octofetch"): keys at DEBUG alone, and warnings that do not flood."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

import pytest
from octofetch import Client, Status, batch_log
from octofetch.testing import FakeClient
from origin import Origin

NAME = "octofetch"
KEY = "secret-key.jpg"


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == level]


def test_each_batch_is_a_line_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    client = FakeClient({"a": b"1"}, late=["slow"], errors={b"\xff": Status.SERVER_ERROR}, name="thumbs")
    long = "folder/" * 10
    with caplog.at_level(logging.DEBUG, NAME):
        client.fetch(["a"], budget=0.3)
        client.fetch(["a", "slow", b"\xff", "gone", long], budget=0.3)
    assert lines(caplog, logging.DEBUG) == [
        "thumbs: 1 of 1 in 0 ms",
        f"thumbs: 1 of 5 in 300 ms ['slow' DEADLINE, b'\\xff' SERVER_ERROR, 'gone' NOT_FOUND, '{long}' NOT_FOUND]",
    ]
    assert lines(caplog, logging.WARNING) == []


def test_a_line_is_bounded_however_many_and_long_the_keys(caplog: pytest.LogCaptureFixture) -> None:
    client = FakeClient({})
    keys: list[str | bytes] = [b"\n" * 1000, *(f"{number:04}" + "\n" * 1000 for number in range(500))]
    with caplog.at_level(logging.DEBUG, NAME):
        client.fetch(keys, budget=0.3)
    (line,) = lines(caplog, logging.DEBUG)
    assert line.endswith(", and 493 more]")
    assert len(line) < 2000
    assert "\n" not in line


@pytest.mark.parametrize("way", ["fetch", "get", "submit", "aio", "aio_stream"])
def test_batches_are_logged_however_they_are_fetched(way: str, caplog: pytest.LogCaptureFixture) -> None:
    client = FakeClient({"a": b"1"})

    async def awaited() -> None:
        if way == "aio":
            await client.aio.fetch(["a"], budget=0.3)
        else:
            async for _ in client.aio.submit(["a"], budget=0.3):
                pass

    calls: dict[str, Callable[[], object]] = {
        "fetch": lambda: client.fetch(["a"], budget=0.3),
        "get": lambda: client.get("a", budget=0.3),
        "submit": lambda: client.submit(["a"], budget=0.3).results(),
    }
    with caplog.at_level(logging.DEBUG, NAME):
        calls.get(way, lambda: asyncio.run(awaited()))()
    assert len(lines(caplog, logging.DEBUG)) == 1


def test_batches_that_bring_nothing_warn_once_per_cause_and_ten_seconds(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    client = FakeClient({"a": b"1"}, late=["slow"], errors={KEY: Status.SERVER_ERROR, "x": Status.SERVER_ERROR})
    other = FakeClient({}, name="other")
    with caplog.at_level(logging.WARNING, NAME):
        for keys in ([KEY], [KEY, "slow", "x"], ["slow"], ["slow"], ["a", KEY], []):
            client.fetch(keys, budget=0.3)
        other.fetch([KEY], budget=0.3)
        assert lines(caplog, logging.WARNING) == [
            "fake.test: SERVER_ERROR: 0 of 1 in 0 ms",
            "fake.test: DEADLINE: 0 of 1 in 300 ms",
            "other: NOT_FOUND: 0 of 1 in 0 ms",
        ]
        now_s += 9.9
        client.fetch([KEY], budget=0.3)
        assert len(caplog.records) == 3
        now_s += 0.1
        client.fetch([KEY], budget=0.3)
        client.fetch([KEY], budget=0.3)
    assert len(caplog.records) == 4


def test_a_cancelled_batch_that_brought_nothing_does_not_warn(
    client: Client, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    origin.script({"paths": {"/slow": {"delay_ms": 30_000}, "/gone": {"status": 404}}})

    async def left() -> None:
        async for result in client.aio.submit(["slow", "gone"], budget=30):
            assert result.key == "gone"
            break

    with caplog.at_level(logging.WARNING, NAME):
        cancelled = client.submit(["slow"], budget=30)
        cancelled.cancel()
        assert cancelled.results().state is Status.CANCELLED
        for result in client.submit(["slow", "gone"], budget=30):
            assert result.key == "gone"
            break
        asyncio.run(left())
        client.fetch(["slow"], budget=0.02)
    causes = [line.split(": ")[1] for line in lines(caplog, logging.WARNING)]
    assert causes == ["DEADLINE"]


def test_no_key_is_logged_above_debug(
    open_client: Callable[..., Client], origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    faults: list[dict[str, object]] = [
        {"status": 500},
        {"status": 403},
        {"delay_ms": 30_000},
        {"fault": {"type": "reset"}},
    ]
    clients = [open_client(), open_client("refused"), FakeClient({}, late=[KEY])]
    with caplog.at_level(logging.INFO, NAME):
        for fault in faults:
            origin.script({"default": fault})
            for client in clients:
                client.fetch([KEY, ".."], budget=0.2)
        asyncio.run(blocking(clients[0]))
    assert caplog.records
    assert not [line for line in caplog.messages if "secret" in line]


async def blocking(client: Client) -> None:
    client.fetch([KEY], budget=0.2)


def test_logging_that_is_off_costs_next_to_nothing() -> None:
    note = batch_log.BatchLog("thumbs").note
    results = FakeClient({"a": b"1"}).fetch(["a"] * 100, budget=0.3)
    fastest = min(seconds_of(lambda: note(results)) for _ in range(5))
    # Measured at 0.2 us; a line costs over a hundred times that.
    assert fastest < 5e-6


def seconds_of(call: Callable[[], object]) -> float:
    count = 2000
    begun = time.thread_time()
    for _ in range(count):
        call()
    return (time.thread_time() - begun) / count


def test_threads_that_fail_at_once_warn_a_few_times_at_most(caplog: pytest.LogCaptureFixture) -> None:
    client = FakeClient({})
    with caplog.at_level(logging.WARNING, NAME):
        threads = [threading.Thread(target=lambda: client.fetch([KEY], budget=0.3)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert 1 <= len(caplog.records) <= len(threads)
