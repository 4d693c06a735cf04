"""What holds for the real client against an origin and for `octofetch.testing.FakeClient` alike."""

import asyncio
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import octofetch
import pytest
from octofetch import Client, ClosedError, Deadline, Forbidden, Get, NotFound, Range, Shed, Status
from octofetch.testing import FakeClient
from origin import Origin

KEYS: list[str | bytes] = ["a", "gone", "slow", "broken", "p.json", b"a"]


@pytest.fixture(params=["real", "fake"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    if request.param == "fake":
        made: Client = FakeClient(
            {"a": b"0123456789", b"p.json": b'{"x": 1}'},
            late=["slow"],
            errors={"broken": Status.SERVER_ERROR, "secret": Status.FORBIDDEN},
            headers_of={"a": {"content-type": "text/plain"}},
            name="contract",
        )
    else:
        origin: Origin = request.getfixturevalue("origin")
        origin.script(
            {
                "default": {"status": 404},
                "paths": {
                    "/a": {"body": "0123456789", "headers": [["Content-Type", "text/plain"]]},
                    "/p.json": {"body": '{"x": 1}'},
                    "/slow": {"delay_ms": 30_000},
                    "/broken": {"status": 500},
                    "/secret": {"status": 403},
                },
            }
        )
        made = Client(origin.url("http"), name="contract")
    yield made
    made.close(0)
    assert octofetch.shutdown(5)


def test_results_are_in_their_groups(client: Client) -> None:
    results = client.fetch(KEYS, budget=0.3)
    groups = (results.succeeded, results.missing, results.late, results.failed)
    assert [[result.key for result in group] for group in groups] == [
        ["a", "p.json", b"a"],
        ["gone"],
        ["slow"],
        ["broken"],
    ]
    assert not results.complete
    assert results.state == Status.DEADLINE
    assert results["a"].body == b"0123456789"
    assert results["a"].headers["content-type"] == "text/plain"
    assert bytes(results["a"].view) == b"0123456789"
    assert results["p.json"].json() == {"x": 1}
    assert results["slow"].phase == "waiting"
    assert [results[key].http_status for key in ("a", "gone", "broken")] == [200, 404, 500]
    assert results.explain().startswith("3 of 6")
    assert results.timeline().startswith("<svg")
    assert results.info.budget_us == 300_000
    assert pickle.loads(pickle.dumps(results)) == results


def test_results_are_awaited(client: Client) -> None:
    async def main() -> None:
        assert (await client.aio.fetch(KEYS, budget=0.3)).late[0].key == "slow"
        async with client.aio.submit(KEYS, budget=0.3) as batch:
            keys = [result.key async for result in batch]
        assert keys[-1] == "slow"
        assert sorted(map(str, keys)) == sorted(map(str, KEYS))
        with pytest.raises(Forbidden):
            await client.aio.get("secret", budget=1)

    asyncio.run(main())


def test_results_come_one_by_one(client: Client) -> None:
    with client.submit(KEYS, deadline=Deadline.after(0.3)) as batch:
        keys = [result.key for result in batch]
    assert keys[-1] == "slow"
    assert [result.key for result in batch.results()] == KEYS


def test_ranges_are_cut(client: Client) -> None:
    ranges = [Range(first=2, last=4), Range(first=8), Range(suffix=1)]
    results = client.fetch([Get("a", range=one) for one in ranges], budget=5)
    assert [result.body for result in results] == [b"234", b"89", b"9"]
    assert all(result.partial and result.numbers.object_size == 10 and result.http_status == 206 for result in results)


def test_errors_are_raised(client: Client) -> None:
    with pytest.raises(NotFound):
        client.get("gone", budget=5)
    with pytest.raises(TypeError, match="budget"):
        client.get("a")
    with pytest.raises(TypeError, match="no option connection_max"):
        type(client)({}, connection_max=5)  # type: ignore[arg-type, call-arg]


def test_a_closed_client_says_so(client: Client) -> None:
    assert client.stats()["batches"] == 0
    client.fetch(["a"], budget=5)
    # The I/O thread counts after it has settled, which is what ends the fetch.
    until = time.monotonic() + 10
    while client.stats()["requests_ok"] == 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert client.stats()["requests_ok"] == 1
    client.close()
    with pytest.raises(ClosedError):
        client.fetch(["a"], budget=5)


def test_a_fake_has_neither_threads_nor_sockets() -> None:
    before = state()
    client = FakeClient({"a": b"1"}, errors={"full": Status.SHED}, budget=0.3)
    assert client.fetch(["a", "full"]).late[0].status == Status.SHED
    with pytest.raises(Shed):
        client.get("full")
    assert state() == before


def state() -> list[int]:
    """How many descriptors and threads there are."""
    return [len(list(Path(f"/proc/self/{what}").iterdir())) for what in ("fd", "task")]
