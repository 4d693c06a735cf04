"""The awaited client: cancelling, streaming, many loops, and that no loop leaves a descriptor behind."""

import asyncio
import gc
import logging
import threading
import unittest
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import octofetch
import pytest
import uvloop
from asgiref.sync import async_to_sync, sync_to_async
from octofetch import AsyncBatch, Client, Deadline, DeadlineExceeded, Get, NotFound, Result, Status, loops
from origin import Origin, pattern

Run = Callable[[Coroutine[Any, Any, Any]], Any]

NEVER = {"paths": {"/never": {"delay_ms": 30_000}, "/late": {"delay_ms": 300}, "/gone": {"status": 404}}}


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if request.param == "uvloop" else None) as runner:
        yield runner.run


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def descriptors_at_rest() -> int:
    """Without the library's connections, of which there are as many as were wanted at a time."""
    assert octofetch.shutdown(5)
    return descriptors()


async def settled(client: Client) -> None:
    """Until the library has noticed what was cancelled."""
    for _ in range(500):
        if client.stats()["slots_busy"] == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("a slot is still busy")


def test_fetch_gives_the_results(client: Client, run: Run) -> None:
    results = run(client.aio.fetch(["a", b"b"], budget=10))
    assert [result.body for result in results] == [pattern(b"a", 0, 1024), pattern(b"b", 0, 1024)]
    assert run(client.aio.get("a", budget=10)) == pattern(b"a", 0, 1024)


def test_the_loop_goes_on_while_a_batch_is_awaited(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        fetch = asyncio.create_task(client.aio.fetch(["never", "a"], budget=0.3))
        ticks = 0
        while not fetch.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks > 5
        assert (await fetch).late[0].key == "never"

    run(main())


def test_a_batch_that_is_frozen_at_once_leaves_no_announcement_which_would_keep_it(client: Client, run: Run) -> None:
    async def main() -> None:
        for _ in range(3):
            await client.aio.fetch(["a"], budget=0)
        async for _ in client.aio.submit(["a"], budget=0):
            pass
        assert loops.queue_of_running_loop().queue.take() == []

    run(main())


def test_results_come_as_they_settle(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        async with client.aio.submit(["never", "late", "a"], budget=1) as batch:
            assert [result.key async for result in batch] == ["a", "late", "never"]
            assert [result.key for result in await batch.results()] == ["never", "late", "a"]

    run(main())


def test_several_batches_share_a_deadline(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        until = Deadline.after(0.3)
        a, b = client.aio.submit(["a"], deadline=until), client.aio.submit(["never"], deadline=until)
        first, second = await asyncio.gather(a.results(), b.results())
        assert first.complete
        assert not second.complete

    run(main())


def test_errors_are_those_of_the_blocking_client(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)
    with pytest.raises(NotFound):
        run(client.aio.get("gone", budget=10))
    with pytest.raises(DeadlineExceeded):
        run(client.aio.get("never", budget=0.05))
    with pytest.raises(TypeError, match="budget"):
        run(client.aio.fetch(["a"], timeout=3))  # type: ignore[arg-type]


def test_cancelling_a_task_cancels_its_batch(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        task = asyncio.create_task(client.aio.fetch(["never"], budget=20))
        await asyncio.sleep(0.1)
        assert client.stats()["slots_busy"] == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await settled(client)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.aio.get("never", budget=20), 0.1)
        await settled(client)

    run(main())


def test_leaving_an_iteration_cancels_at_once(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        batch = client.aio.submit(["never", "a"], budget=20)
        async for result in batch:
            assert result.key == "a"
            break
        assert batch.frozen
        async with client.aio.submit(["never", "a"], budget=20) as second:
            pass
        for left in (batch, second):
            assert (await left.results())["never"].status == Status.CANCELLED

    run(main())


def test_waiting_for_a_while_leaves_the_batch_running(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        batch = client.aio.submit(["late"], budget=20)
        assert not await batch.wait(0.01)
        assert await batch.wait(10)
        assert (await batch.results()).complete

    run(main())


def test_a_cancel_wakes_whoever_waits_in_another_task(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        batch = client.aio.submit(["never"], budget=20)
        waiting = asyncio.create_task(batch.results())
        await asyncio.sleep(0.05)
        batch.cancel()
        assert (await asyncio.wait_for(waiting, 5)).state == Status.CANCELLED

    run(main())


def test_cancelling_who_awaits_the_results_cancels_the_batch(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        batch = client.aio.submit(["never"], budget=20)
        waiting = asyncio.create_task(batch.results())
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await batch.results()).state == Status.CANCELLED

    run(main())


def test_a_batch_of_another_loop_is_refused_until_it_is_frozen(client: Client, origin: Origin) -> None:
    origin.script(NEVER)

    async def submit() -> AsyncBatch:
        return client.aio.submit(["never", "a"], budget=20)

    async def iterate(batch: AsyncBatch) -> list[Result]:
        return [result async for result in batch]

    batch = asyncio.run(submit())
    for use in (batch.results, lambda: batch.wait(1), lambda: iterate(batch)):
        with pytest.raises(RuntimeError, match="submitted in another event loop; await it there"):
            asyncio.run(use())
    assert not batch.frozen
    batch.cancel()
    assert asyncio.run(batch.results()).state == Status.CANCELLED
    assert len(asyncio.run(iterate(batch))) == 2


def test_many_loops_leave_no_descriptor_behind(client: Client) -> None:
    kept: list[object] = []

    async def main() -> None:
        # Loops and results that somebody keeps hold no descriptor either.
        kept.extend([asyncio.get_running_loop(), await client.aio.fetch(["a"], budget=10)])

    client.fetch(["a"], budget=10)
    before = descriptors()
    for _ in range(300):
        asyncio.run(main())
    assert descriptors() == before


@pytest.mark.long
def test_ten_thousand_loops_leave_no_descriptor_behind(client: Client) -> None:
    client.fetch(["a"], budget=10)
    before = descriptors()
    for _ in range(10_000):
        assert asyncio.run(client.aio.fetch(["a"], budget=20)).complete
    assert descriptors() == before


def test_async_to_sync_leaves_no_descriptor_behind(client: Client) -> None:
    fetch = async_to_sync(client.aio.fetch)

    async def view() -> bool:
        # Django runs a blocking view below an asynchronous server like this, and an asynchronous one below that.
        return (await sync_to_async(fetch)(["a"], budget=10)).complete

    def fetch_in_threads() -> None:
        threads = [threading.Thread(target=fetch, args=(["a"],), kwargs={"budget": 10}) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert fetch(["a"], budget=10).complete
    assert asyncio.run(view())
    before = descriptors_at_rest()
    for _ in range(50):
        assert fetch(["a"], budget=10).complete
        assert asyncio.run(view())
        fetch_in_threads()
    assert descriptors_at_rest() == before


def test_a_loop_for_each_test_leaves_no_descriptor_behind(client: Client) -> None:
    class Tests(unittest.IsolatedAsyncioTestCase):
        async def test_fetch(self) -> None:
            self.assertTrue((await client.aio.fetch(["a"], budget=10)).complete)

    def run_tests(count: int) -> None:
        result = unittest.TestSuite(Tests("test_fetch") for _ in range(count)).run(unittest.TestResult())
        assert result.wasSuccessful()

    run_tests(1)
    before = descriptors_at_rest()
    run_tests(50)
    assert descriptors_at_rest() == before


def test_a_loop_that_is_only_closed_leaves_no_descriptor_behind(client: Client) -> None:
    def run_in_a_loop_of_its_own() -> None:
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(client.aio.fetch(["a"], budget=10)).complete
        loop.close()

    run_in_a_loop_of_its_own()
    gc.collect()
    before = descriptors()
    for _ in range(50):
        run_in_a_loop_of_its_own()
    gc.collect()
    assert descriptors() == before


def test_a_refused_submit_leaves_nothing_behind(client: Client) -> None:
    async def main() -> None:
        for _ in range(10):
            with pytest.raises(ValueError, match="percent-encoded"):
                await client.aio.fetch([Get("a", query="a b")], budget=1)
        assert not loops.queue_of_running_loop()._waiting

    asyncio.run(main())
    before = descriptors()
    asyncio.run(main())
    assert descriptors() == before


def test_a_batch_that_is_dropped_leaves_nothing_behind(client: Client, origin: Origin, run: Run) -> None:
    origin.script(NEVER)

    async def main() -> None:
        assert (await client.aio.submit(["a"], budget=10).results()).complete
        client.aio.submit(["never"], budget=20)
        await settled(client)
        assert not loops.queue_of_running_loop()._waiting

    run(main())


def test_loops_in_several_threads_share_a_client(client: Client) -> None:
    found: list[bool] = []

    async def main() -> None:
        for _ in range(20):
            found.append((await client.aio.fetch([f"k{i}" for i in range(10)], budget=20)).complete)

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80


def test_a_blocking_call_in_a_running_loop_is_logged_once(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "_warned_of_blocking", False)

    async def main() -> None:
        client.fetch(["a"], budget=10)
        client.get("a", budget=10)

    with caplog.at_level(logging.WARNING, "octofetch"):
        client.fetch(["a"], budget=10)
        assert not caplog.records
        asyncio.run(main())
    assert [record.getMessage() for record in caplog.records] == [
        "fetch() blocks the event loop that runs on this thread; await client.aio.fetch() instead"
    ]


def test_a_batch_that_brings_nothing_is_logged_without_keys(
    client: Client, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    origin.script({"default": {"status": 500}})
    with caplog.at_level(logging.WARNING, "octofetch"):
        for _ in range(3):
            client.fetch(["secret-key"], budget=10)
    (record,) = caplog.records
    assert "SERVER_ERROR" in record.getMessage()
    assert "secret-key" not in record.getMessage()
