"""The native type below Result: what it refuses, copies and subclasses, and that nothing of it stays in memory."""

import copy
import gc
import pickle
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from octofetch import Client, Result, _core
from octofetch.records import Numbers, Plain, Texts, pack_numbers, pack_texts
from octofetch.testing import FakeClient
from origin import Origin, pattern
from programs import run_python

NUMBERS = pack_numbers(Numbers(http_status=200, attempts=1))
TEXTS = pack_texts(Texts(address="192.0.2.7:443"), {"etag": '"v1"'})
PLAIN: Plain = (0, NUMBERS, TEXTS, b"body")
SIZE_MAX = 1 << 20

PAGES = """
import resource, sys
from octofetch import Client

def faults():
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt

def fetch():
    return sum(len(result.body) for result in client.fetch([str(i) for i in range(100)], budget=60))

with Client(sys.argv[1]) as client:
    for _ in range(10):
        assert fetch() == 100 * 10240
    before = faults()
    for _ in range(20):
        fetch()
    print((faults() - before) // 20)
"""


class Noted(Result):
    """As programs derive from it: with attributes."""

    note: object = None


class Narrow(Result):
    __slots__ = ("note",)
    note: object


def made_by_the_library(client: Client, result_type: type[Any], count: int = 1) -> list[Any]:
    submitted = client.start(tuple(f"{i}" for i in range(count)), 20, None, None, False, {})
    assert submitted.wait(20_000_000) == 0
    return list(submitted.results(result_type, SIZE_MAX))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nothing"),
        pytest.param(("a", PLAIN), id="no_size"),
        pytest.param(("a", PLAIN, 1, 2), id="too_much"),
        pytest.param(("a", PLAIN, "1"), id="a_size_that_is_a_text"),
        pytest.param(("a", list(PLAIN), 1), id="a_list_whose_items_could_go"),
        pytest.param(("a", PLAIN[:3], 1), id="too_few_parts"),
        pytest.param(("a", (0, NUMBERS[:-1], TEXTS, None), 1), id="short_numbers"),
        pytest.param(("a", (0, NUMBERS + b"x", TEXTS, None), 1), id="long_numbers"),
        pytest.param(("a", (0, "numbers", TEXTS, None), 1), id="numbers_that_are_a_text"),
        pytest.param(("a", (0, NUMBERS, "texts", None), 1), id="texts_that_are_no_bytes"),
        pytest.param(("a", (0, NUMBERS, TEXTS, "body"), 1), id="a_body_that_is_a_text"),
        pytest.param(("a", (0, NUMBERS, TEXTS, bytearray(b"body")), 1), id="a_body_that_changes"),
        pytest.param(("a", (None, NUMBERS, TEXTS, None), 1), id="no_status"),
        pytest.param((None, PLAIN, 1), id="no_key"),
        pytest.param((["a"], PLAIN, 1), id="a_key_through_which_a_cycle_could_go"),
    ],
)
def test_a_record_is_refused_that_is_made_of(arguments: tuple[Any, ...]) -> None:
    references = sys.getrefcount(Result)
    for _ in range(100):
        with pytest.raises(TypeError):
            Result(*arguments)
    assert sys.getrefcount(Result) == references


def test_a_record_takes_no_keywords_and_is_never_empty() -> None:
    untyped: Any = Result
    with pytest.raises(TypeError, match="no keyword"):
        untyped("a", PLAIN, 1, status=3)
    with pytest.raises(TypeError):
        object.__new__(Result)


def test_a_record_gives_back_what_it_was_made_of_and_cannot_be_changed() -> None:
    record = Result(b"k", PLAIN, 7)
    assert (record.key, record._plain(), record._size_max) == (b"k", PLAIN, 7)
    assert record.body is PLAIN[3]
    for name in ("key", "body", "_status", "other"):
        with pytest.raises(AttributeError):
            setattr(record, name, "b")


def test_without_a_subclass_a_record_cannot_say_why_it_has_no_body() -> None:
    bare = _core.Record("a", (2, NUMBERS, TEXTS, None), 1)
    assert bare._bytes is None
    with pytest.raises(AttributeError):
        _ = bare.body


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_records_can_be_pickled(client: Client, protocol: int) -> None:
    [result] = made_by_the_library(client, Result)
    again = pickle.loads(pickle.dumps(result, protocol))
    assert again == result
    assert (type(again), again.body, again.headers) == (Result, pattern(b"0", 0, 1024), result.headers)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_are_equal_and_share_the_bytes(client: Client, copied: Callable[[Result], Result]) -> None:
    [result] = made_by_the_library(client, Result)
    assert copied(result) == result
    assert copied(result).body is result.body


def test_a_body_is_made_once_and_outlives_its_client(origin: Origin) -> None:
    origin.script({})
    with Client(origin.url("http")) as client:
        [result] = made_by_the_library(client, Result)
    view = result.view
    assert result.body is result.body
    del result
    assert view == pattern(b"0", 0, 1024)


@pytest.mark.parametrize("result_type", [Noted, Narrow])
def test_subclasses_have_attributes_and_their_cycles_are_collected(client: Client, result_type: Any) -> None:
    class Canary:
        pass

    canary = Canary()
    gone = weakref.ref(canary)
    [result] = made_by_the_library(client, result_type)
    python_made = result_type("a", PLAIN, 1)
    assert gc.is_tracked(result)
    result.note, python_made.note = [result, python_made, canary], [result]
    assert result.body == pattern(b"0", 0, 1024)
    del canary, result, python_made
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_nothing_of_a_dropped_record_stays(client: Client) -> None:
    fake = FakeClient({"0": b"x"}, late=["1"])

    def use() -> None:
        for result in [*made_by_the_library(client, Result, 50), *fake.fetch(["0", "1", "2"], budget=1)]:
            if result.ok:
                assert result.body == bytes(result.view)
            else:
                assert result.error is not None
            assert pickle.loads(pickle.dumps(result)) == result

    for _ in range(5):
        use()
    gc.collect()
    references, blocks = sys.getrefcount(Result), sys.getallocatedblocks()
    for _ in range(100):
        use()
    gc.collect()
    assert sys.getrefcount(Result) == references
    # Of 5,300 records; a reference that is forgotten would show thousands.
    assert sys.getallocatedblocks() - blocks < 500


def test_the_memory_of_a_page_stays_for_the_next_one(origin: Origin) -> None:
    origin.script({"default": {"size": 10240}})
    done = run_python(PAGES, origin.url("http"))
    assert done.stderr == ""
    # A page has 250 pages of memory, which would all be asked for anew.
    assert int(done.stdout) < 60
