"""The awaited client under trio: cancel scopes, streaming, and that no run leaves anything behind."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import anyio
import octofetch
import pytest
import trio
from octofetch import AsyncBatch, Client, Deadline, DeadlineExceeded, Get, NotFound, Status, loops
from origin import Origin, pattern

SCRIPT = {"paths": {"/never": {"delay_ms": 30_000}, "/late": {"delay_ms": 300}, "/gone": {"status": 404}}}


@pytest.fixture(autouse=True)
def scripted(client: Client, origin: Origin) -> None:
    origin.script(SCRIPT)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def settled(client: Client) -> None:
    """Until the library has noticed what was cancelled."""
    with trio.fail_after(5):
        while client.stats()["slots_busy"] != 0:
            await trio.sleep(0.01)


def test_fetch_gives_the_results(client: Client) -> None:
    async def main() -> None:
        results = await client.aio.fetch(["a", b"b"], budget=10)
        assert [result.body for result in results] == [pattern(b"a", 0, 1024), pattern(b"b", 0, 1024)]
        assert await client.aio.get("a", budget=10) == pattern(b"a", 0, 1024)
        with pytest.raises(NotFound):
            await client.aio.get("gone", budget=10)
        with pytest.raises(DeadlineExceeded):
            await client.aio.get("never", budget=0.05)

    trio.run(main)


def test_other_tasks_go_on_while_a_batch_is_awaited(client: Client) -> None:
    async def main() -> None:
        ticks = 0
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: client.aio.fetch(["never", "a"], budget=0.3))
            until = Deadline.after(0.25)
            while until.remaining > 0:
                await trio.sleep(0.01)
                ticks += 1
        assert ticks > 5

    trio.run(main)


def test_results_come_as_they_settle(client: Client) -> None:
    async def main() -> None:
        async with client.aio.submit(["never", "late", "a"], budget=1) as batch:
            assert [result.key async for result in batch] == ["a", "late", "never"]
            assert [result.key for result in await batch.results()] == ["never", "late", "a"]

    trio.run(main)


def test_a_cancel_scope_cancels_the_batch(client: Client) -> None:
    async def iterate(batch: AsyncBatch) -> None:
        async for _ in batch:
            pass

    async def main() -> None:
        with trio.move_on_after(0.1) as scope:
            await client.aio.fetch(["never"], budget=20)
        assert scope.cancelled_caught
        await settled(client)
        batches = [client.aio.submit(["never"], budget=20) for _ in range(2)]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(batches[0].results)
            nursery.start_soon(iterate, batches[1])
            await trio.sleep(0.05)
            nursery.cancel_scope.cancel()
        assert [(await batch.results()).state for batch in batches] == [Status.CANCELLED] * 2
        await settled(client)

    trio.run(main)


def test_leaving_an_iteration_cancels_at_once(client: Client) -> None:
    async def main() -> None:
        batch = client.aio.submit(["never", "a"], budget=20)
        async for result in batch:
            assert result.key == "a"
            break
        assert batch.frozen
        assert (await batch.results())["never"].status == Status.CANCELLED

    trio.run(main)


def test_waiting_for_a_while_leaves_the_batch_running(client: Client) -> None:
    async def main() -> None:
        batch = client.aio.submit(["late"], budget=20)
        assert not await batch.wait(0.01)
        assert await batch.wait(10)
        assert (await batch.results()).complete

    trio.run(main)


def test_several_tasks_await_one_batch(client: Client) -> None:
    async def main() -> None:
        batch = client.aio.submit(["never"], budget=20)
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(batch.results)
            await trio.sleep(0.05)
            batch.cancel()
        assert (await batch.results()).state == Status.CANCELLED

    trio.run(main)


def test_many_runs_leave_nothing_behind(client: Client) -> None:
    async def main() -> None:
        assert (await client.aio.fetch(["a"], budget=10)).complete
        with pytest.raises(ValueError, match="percent-encoded"):
            await client.aio.fetch([Get("a", query="a b")], budget=1)
        assert not loops.queue_of_running_loop()._waiting

    trio.run(main)
    before = descriptors(), threading.active_count()
    for _ in range(200):
        trio.run(main)
    assert (descriptors(), threading.active_count()) == before


def test_a_run_that_fails_leaves_nothing_behind(client: Client) -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: client.aio.fetch(["never"], budget=20))
            await trio.sleep(0.01)
            raise ValueError("of the program")

    before = descriptors()
    for _ in range(5):
        with pytest.raises(ExceptionGroup):
            trio.run(main)
    trio.run(settled, client)
    assert octofetch.shutdown(5)
    assert descriptors() == before


def test_anyio_serves_either_loop(client: Client) -> None:
    async def main() -> None:
        with anyio.move_on_after(0.1) as scope:
            await client.aio.fetch(["never"], budget=20)
        assert scope.cancelled_caught
        assert (await client.aio.fetch(["a"], budget=10)).complete

    for backend in ("asyncio", "trio"):
        anyio.run(main, backend=backend)


def test_closing_and_blocking_calls_know_trio(
    open_client: Callable[..., Client], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "_warned_of_blocking", False)

    async def main() -> None:
        async with open_client().aio as aio:
            assert (await aio.fetch(["a"], budget=10)).complete
        open_client().fetch(["a"], budget=10)

    with caplog.at_level(logging.WARNING, "octofetch"):
        trio.run(main)
    assert len(caplog.records) == 1


def test_no_other_loop_is_imported() -> None:
    source = "import sys, octofetch; print({'trio', 'gevent', 'sniffio'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", source], text=True) == "set()\n"
