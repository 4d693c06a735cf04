"""What holds for the real client against an origin and for `octofetch.testing.FakeClient` alike."""

import asyncio
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import octofetch
import pytest
from octofetch import (
    Client,
    ClosedError,
    Credentials,
    Deadline,
    Forbidden,
    Get,
    NotFound,
    OptionError,
    Range,
    Shed,
    Status,
)
from octofetch.testing import FakeClient
from origin import Origin

KEYS: list[str | bytes] = ["a", "gone", "slow", "broken", "p.json", b"a"]


@pytest.fixture(params=["real", "fake"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    if request.param == "fake":
        made: Client = FakeClient(
            {"a": b"0123456789", b"p.json": b'{"x": 1}', "empty": b""},
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
                    "/empty": {"body": ""},
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


def test_attempts_are_told_where_they_were_asked_for(client: Client) -> None:
    results = client.fetch(["a", "gone", "slow"], budget=0.3, keep_attempts=True)
    told = [(one.key, one.number, one.cause, one.status, one.settled, one.http_status) for one in results.attempts()]
    assert sorted(told) == [
        ("a", 1, "first", Status.OK, True, 200),
        ("gone", 1, "first", Status.NOT_FOUND, True, 404),
        ("slow", 1, "first", Status.DEADLINE, False, 0),
    ]
    [slow] = [one for one in results.attempts() if one.key == "slow"]
    assert (slow.phase, slow.ended) == ("waiting", 0.3)
    assert pickle.loads(pickle.dumps(results)).attempts() == results.attempts()
    plain = client.fetch(["a"], budget=10)
    with pytest.raises(ValueError, match="none were kept; fetch with keep_attempts=True"):
        plain.attempts()
    with pytest.raises(ValueError, match="none were kept"):
        pickle.loads(pickle.dumps(plain)).attempts()

    async def awaited() -> None:
        results = await client.aio.fetch(["a"], budget=10, keep_attempts=True)
        async with client.aio.submit(["a"], budget=10, keep_attempts=True) as batch:
            assert [one.key for one in (*results.attempts(), *(await batch.results()).attempts())] == ["a", "a"]

    asyncio.run(awaited())


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


def test_what_has_not_settled_when_an_iteration_is_left_is_cancelled(client: Client) -> None:
    batch = client.submit(["slow", "a"], budget=10)
    for result in batch:
        assert result.key == "a"
        break
    results = batch.results()
    assert (results.state, results[0].status, results[1].status) == (Status.CANCELLED, Status.CANCELLED, Status.OK)
    assert (results[0].settled, results[0].phase, results[0].attempts) == (False, "waiting", 1)
    assert (results.info.settled_count, results.info.late_count, results.info.failed_count) == (1, 0, 1)
    assert results.info.frozen_us < 10_000_000
    assert client.stats()["batches_deadline"] == 0
    assert client.debug()["worst"] == []

    async def left() -> None:
        batch = client.aio.submit(["slow", "a"], budget=10)
        async for result in batch:
            assert result.key == "a"
            break
        assert (await batch.results()).state == Status.CANCELLED

    asyncio.run(left())


def test_what_has_not_settled_when_a_batch_is_cancelled_or_closed_says_so(client: Client) -> None:
    for end, state in ((octofetch.Batch.cancel, Status.CANCELLED), (lambda _: client.close(0), Status.CLOSED)):
        batch = client.submit(["slow", "a"], budget=10)
        seen = []
        for result in batch:
            seen.append((result.key, result.status))
            if result.key == "a":
                end(batch)
        assert seen == [("a", Status.OK), ("slow", state)]
        assert batch.results().state == state


def test_a_drain_brings_batches_to_their_deadline(client: Client) -> None:
    batch = client.submit(["slow", "a"], budget=0.3)
    assert not client.drain(0)
    assert client.drain(5)
    assert batch.results().state == Status.DEADLINE


def test_a_range_past_the_end_of_an_object_is_not_satisfiable(client: Client) -> None:
    gets = [Get("a", Range(first=10)), Get("a", Range(first=10, last=20)), Get("empty", Range(suffix=3))]
    results = client.fetch(gets, budget=10)
    told = [(one.status, one.http_status, one.numbers.bytes_received, one.settled) for one in results]
    assert told == [(Status.RANGE_NOT_SATISFIABLE, 416, 0, True)] * 3
    for one, text in (
        (Range(first=5, last=2), "range_first 5 is behind"),
        (Range(suffix=0), "a suffix range of 0 bytes"),
    ):
        with pytest.raises(OptionError, match=f"^request 1: {text}"):
            client.fetch(["a", Get("a", one)], budget=10)


def test_a_key_that_no_origin_is_asked_for_is_an_invalid_key(client: Client) -> None:
    refused: list[str | bytes] = ["", ".", "..", "a/./b", "a/..", "../a", "/.", b"..", "x" * 1025]
    asked = ["...", "a/.b", "a//b", "/", "x" * 1024]
    results = client.fetch([*refused, *asked], budget=10)
    told = [(one.status, one.http_status, one.phase, one.attempts, one.settled) for one in results]
    assert told[: len(refused)] == [(Status.INVALID_KEY, 0, "queued", 0, True)] * len(refused)
    assert [one[0] for one in told[len(refused) :]] == [Status.NOT_FOUND] * len(asked)
    assert (results[0].message, results[8].message[:22]) == ("the key is empty", "the key has 1025 bytes")
    assert results[2].message.startswith("the key '..' has a '.' or '..' segment; set key.dot_segments=true")


def test_more_keys_than_a_batch_may_have_are_refused(client: Client) -> None:
    text = "the batch has 16385 requests; batch.requests_max allows 16384: split it"
    with pytest.raises(OptionError, match=text) as refused:
        client.fetch(["a"] * 16_385, budget=10)
    assert refused.value.status == Status.INVALID_ARGUMENT
    assert client.stats()["batches"] == 0


def test_a_fake_of_an_s3_origin_takes_credentials_and_keys_with_dots() -> None:
    given = Credentials("FIRST", "secret")
    with FakeClient({"a/../b": b"1"}, url="s3://bucket", region="eu-central-1", credentials=given) as client:
        assert client.url == "s3://bucket"
        assert client.describe()["access_key_id"].source == "credentials"
        statuses = [one.status for one in client.fetch(["a/../b", "..", ""], budget=10)]
    assert statuses == [Status.OK, Status.NOT_FOUND, Status.INVALID_KEY]
    with FakeClient({"..": b"1"}, key_dot_segments=True, budget=10) as client:
        assert client.get("..") == b"1"
    with pytest.raises(OptionError, match="only an s3:// origin is signed"):
        FakeClient({}, credentials=given)


def test_errors_are_raised(client: Client) -> None:
    with pytest.raises(NotFound):
        client.get("gone", budget=5)
    with pytest.raises(TypeError, match="budget"):
        client.get("a")
    with pytest.raises(TypeError, match="no option connection_max"):
        type(client)({} if isinstance(client, FakeClient) else client.url, connection_max=5)  # type: ignore[arg-type, call-arg]


def test_a_closed_client_says_so(client: Client) -> None:
    assert client.stats()["batches"] == 0
    client.fetch(["a"], budget=5)
    # Counted after the caller has been woken.
    end = time.monotonic() + 5
    while client.stats()["requests_ok"] != 1 and time.monotonic() < end:
        time.sleep(0.001)
    assert client.stats()["requests_ok"] == 1
    client.close()
    with pytest.raises(ClosedError):
        client.fetch(["a"], budget=5)


def test_what_is_inside_can_be_seen(client: Client) -> None:
    before = client.debug()
    assert before["v"] == 1
    assert before["name"] == "contract"
    assert before["queue"] == {"length": 0, "limit": 10_000}
    assert before["worst"] == []
    client.fetch(["a", "gone"], budget=5)
    client.fetch(KEYS, budget=0.3)
    (worst,) = client.debug()["worst"]
    assert worst["state"] == "DEADLINE"
    assert worst["counts"] == {"requests": 6, "settled": 5, "ok": 3, "missing": 1, "late": 1, "failed": 1}
    assert worst["line"].startswith("3 of 6 in 300 ms")
    assert (worst["budget_us"], worst["frozen_us"]) == (300_000, 300_000)
    assert worst["frozen_ago_us"] < 60_000_000
    client.close()
    with pytest.raises(ClosedError):
        client.debug()


def test_a_fake_has_the_fields_of_a_real_client(origin: Origin) -> None:
    origin.script({"paths": {"/slow": {"delay_ms": 30_000}}})
    with Client(origin.url("http")) as real, FakeClient({}, late=["slow"]) as fake:
        for client in (real, fake):
            client.fetch(["slow"], budget=0.01)
        assert fields(fake.debug()) == fields(real.debug())
    assert octofetch.shutdown(5)


def fields(value: object) -> object:
    """The names in a document, in their order."""
    if isinstance(value, dict):
        return [(name, fields(one)) for name, one in value.items() if name != "shown"]
    return [fields(one) for one in value] if isinstance(value, list) else None


def test_a_fake_has_neither_threads_nor_sockets() -> None:
    before = state()
    client = FakeClient({"a": b"1"}, errors={"full": Status.SHED}, budget=0.3)
    results = client.fetch(["a", "full"], keep_attempts=True)
    assert (results.late[0].status, results.late[0].phase) == (Status.SHED, "queued")
    assert [one.key for one in results.attempts()] == ["a"]
    with pytest.raises(Shed):
        client.get("full")
    # A thread of the test before may vanish meanwhile.
    assert all(now <= then for now, then in zip(state(), before, strict=True))


def state() -> list[int]:
    """How many descriptors and threads there are."""
    return [len(list(Path(f"/proc/self/{what}").iterdir())) for what in ("fd", "task")]
