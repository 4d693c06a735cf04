"""Every contender of the replay, against the scripted origin: README.md is what it must do."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from commands import commands
from contender_run import BODY_BYTES, BUCKET, NS_PER_MS, Contender, End
from origin import Origin

LATE_MS_MAX = 250
WAIT_S_MAX = 10
QUICK: dict[str, Any] = {"default": {"size": BODY_BYTES}}
KEYS = [f"o{number}" for number in range(20)]

Start = Callable[..., Contender]


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as started:
        yield started


def named_commands() -> Iterator[tuple[str, list[str]]]:
    yield from commands().items()
    yield "node-aws-sdk-unbounded", [*commands()["node-aws-sdk"], "--unbounded"]


@pytest.fixture(params=named_commands(), ids=lambda named: named[0])
def start(request: pytest.FixtureRequest, origin: Origin) -> Start:
    name, command = request.param

    def start_one(*words: str, **limits: int) -> Contender:
        contender = Contender(command, origin.url(), *words, **limits)
        assert contender.ready["ready"] is True
        assert contender.ready["versions"], name
        return contender

    return start_one


def script(origin: Origin, **replies: dict[str, Any]) -> None:
    """Objects are there at once, but for the keys that are given a reply."""
    origin.script(QUICK | {"paths": {f"/{BUCKET}/{key}": reply for key, reply in replies.items()}})


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(WAIT_S_MAX * 10):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {WAIT_S_MAX} s")


def check_silent(end: End) -> None:
    assert (end.code, end.errors) == (0, "")
    assert len(end.lines) == 1


def test_pages_that_come_in_time_are_whole_and_in_no_order(start: Start, origin: Origin) -> None:
    script(origin)
    contender = start()
    deadlines = {}
    for number in range(20):
        deadlines[number] = contender.ask(number, [f"o{number}-{key}" for key in KEYS], 1200)
        time.sleep(0.1)
    end = contender.end()
    check_silent(end)
    pages = end.pages()
    assert pages.keys() == deadlines.keys()
    for number, page in pages.items():
        assert (page.delivered, page.missing) == (len(KEYS), [])
        assert page.handler_ns < deadlines[number] <= page.control_ns < deadlines[number] + LATE_MS_MAX * NS_PER_MS
    assert origin.counters()["requests.total"] == 20 * len(KEYS)
    assert origin.counters()["connections.accepted"] <= 64


def test_a_page_ends_at_its_deadline_with_what_has_come(start: Start, origin: Origin) -> None:
    script(
        origin, o3={"size": BODY_BYTES, "delay_ms": 20_000}, o7={"fault": {"type": "stall_in_body"}, "size": BODY_BYTES}
    )
    contender = start()
    deadline_ns = contender.ask(1, KEYS, 400)
    # What nobody waits for any more is cancelled, so that the origin sees its connections end.
    wait_until(lambda: origin.counters().get("replies.aborted_by_client") == 2)
    end = contender.end()
    check_silent(end)
    page = end.pages()[1]
    assert (page.delivered, page.missing) == (len(KEYS) - 2, [3, 7])
    for instant_ns in (page.handler_ns, page.control_ns):
        assert deadline_ns <= instant_ns < deadline_ns + LATE_MS_MAX * NS_PER_MS
    if page.library_ns is not None:
        assert abs(page.library_ns - deadline_ns) < LATE_MS_MAX * NS_PER_MS


def test_a_key_that_the_origin_fails_is_missing_and_the_others_are_not(start: Start, origin: Origin) -> None:
    reset = {"size": BODY_BYTES, "fault": {"type": "reset", "at": "headers"}}
    cut = {"size": BODY_BYTES, "fault": {"type": "close", "at": "body"}}
    script(origin, o0={"status": 503, "size": 300}, o9={"status": 404, "size": 300}, o4=reset, o5=cut)
    contender = start()
    deadline_ns = contender.ask(1, KEYS, 1200)
    contender.ask(2, KEYS, 1200)
    end = contender.end()
    check_silent(end)
    for page in end.pages().values():
        assert (page.delivered, page.missing) == (len(KEYS) - 4, [0, 4, 5, 9])
        assert page.handler_ns < deadline_ns


def test_a_body_of_another_length_ends_the_contender(start: Start, origin: Origin) -> None:
    script(origin, o2={"size": BODY_BYTES - 1})
    contender = start()
    contender.ask(1, KEYS, 1200)
    end = contender.end()
    assert end.code == 1
    assert str(BODY_BYTES - 1) in end.errors
    assert end.lines == []


def test_a_page_that_is_read_after_its_deadline_is_handled_at_once(start: Start, origin: Origin) -> None:
    script(origin, o1={"size": BODY_BYTES, "delay_ms": 20_000})
    contender = start()
    begun_ns = time.monotonic_ns()
    for number, budget_ms in enumerate((-5000, -1, 0, 0.2, 3)):
        contender.ask(number, KEYS, budget_ms)
    end = contender.end()
    check_silent(end)
    for page in end.pages().values():
        assert page.delivered + len(page.missing) == len(KEYS)
        assert 1 in page.missing
        assert begun_ns <= page.handler_ns < begun_ns + 2000 * NS_PER_MS
        assert begun_ns <= page.control_ns < begun_ns + 2000 * NS_PER_MS


def test_a_kept_body_is_not_asked_for_again(start: Start, origin: Origin) -> None:
    script(origin)
    contender = start("--cache-objects", "10")
    for number, keys in enumerate((KEYS[:10], KEYS[:5], KEYS[10:15], KEYS[:5], KEYS[5:10])):
        contender.ask(number, keys, 1200)
        time.sleep(0.3)
    end = contender.end()
    check_silent(end)
    assert [page.delivered for page in end.pages().values()] == [10, 5, 5, 5, 5]
    # Those of the third page take the places of the five that the second had not used again.
    assert origin.counters()["requests.total"] == 10 + 0 + 5 + 0 + 5


def test_without_a_cache_every_page_is_fetched(start: Start, origin: Origin) -> None:
    script(origin)
    contender = start()
    for number in range(3):
        contender.ask(number, KEYS, 1200)
        time.sleep(0.1)
    check_silent(contender.end())
    assert origin.counters()["requests.total"] == 3 * len(KEYS)


def test_at_most_so_many_connections_are_open_and_they_are_kept(start: Start, origin: Origin) -> None:
    origin.script(QUICK | {"latency": {"type": "fixed", "ms": 20}})
    contender = start(connections=8)
    for number in range(3):
        contender.ask(number, KEYS, 1200)
    end = contender.end()
    check_silent(end)
    assert [page.delivered for page in end.pages().values()] == [len(KEYS)] * 3
    # Each page waits for its turn: 60 keys, 8 at once.
    assert origin.counters()["connections.accepted"] == 8


def test_an_origin_that_refuses_is_survived(start: Start, origin: Origin) -> None:
    script(origin)
    contender = start()
    origin.control("POST", "/close?name=http")
    try:
        contender.ask(1, KEYS, 300)
        time.sleep(0.5)
    finally:
        origin.control("POST", "/open?name=http")
    contender.ask(2, KEYS, 1200)
    end = contender.end()
    check_silent(end)
    pages = end.pages()
    assert pages[1].delivered == 0
    assert pages[2].delivered == len(KEYS)


def test_thousands_of_pages_are_open_at_once(start: Start, origin: Origin) -> None:
    origin.script(QUICK | {"latency": {"type": "fixed", "ms": 60_000}})
    contender = start()
    last_ns = 0
    for number in range(5000):
        last_ns = contender.ask(number, [f"o{number}-{at}" for at in range(10)], 1200)
    # The contender may be slow to start all of this, but it ends with every page told, and serves another one.
    end = contender.end()
    check_silent(end)
    pages = end.pages()
    assert len(pages) == 5000
    assert all(page.delivered == 0 and page.missing == list(range(10)) for page in pages.values())
    assert max(page.handler_ns for page in pages.values()) < last_ns + 30_000 * NS_PER_MS
