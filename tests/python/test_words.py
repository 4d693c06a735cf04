"""Budgets and deadlines: what counts, and what is refused in which words."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from octofetch import Client, Deadline, Get, OptionError, Range, page_deadline
from octofetch.results import Results

S = 1_000_000


def budget_of(results: Results) -> float:
    """Seconds from submit to the deadline, as the library counted them."""
    return results.info.budget_us / S


def test_a_budget_is_seconds_or_a_timedelta(client: Client) -> None:
    assert budget_of(client.fetch(["a"], budget=5)) == 5
    assert budget_of(client.fetch(["a"], budget=2.5)) == 2.5
    assert budget_of(client.fetch(["a"], budget=timedelta(milliseconds=1500))) == 1.5


def test_a_deadline_is_shared_by_several_batches(client: Client) -> None:
    until = Deadline.after(5)
    first, second = client.submit(["a"], deadline=until), client.submit(["b"], deadline=until)
    assert 4 < budget_of(second.results()) <= budget_of(first.results()) <= 5
    assert 0 < until.remaining <= 5


def test_a_batch_without_budget_and_deadline_is_refused(client: Client) -> None:
    with pytest.raises(TypeError, match=r"budget=0\.3 \(seconds\).*give the client a budget"):
        client.fetch(["a"])


def test_a_batch_has_a_budget_or_a_deadline_not_both(client: Client) -> None:
    with pytest.raises(TypeError, match="both given"):
        client.fetch(["a"], budget=1, deadline=Deadline.after(1))


@pytest.mark.parametrize("call", ["fetch", "submit", "get"])
def test_timeout_is_answered_with_budget(client: Client, call: str) -> None:
    method: Any = getattr(client, call)
    with pytest.raises(TypeError, match="budget"):
        method(["a"], timeout=3)
    with pytest.raises(TypeError, match="no argument limit"):
        method(["a"], limit=3)


def test_keep_attempts_is_true_or_false(client: Client) -> None:
    with pytest.raises(TypeError, match="keep_attempts is True or False, not 3"):
        client.fetch(["a"], budget=1, keep_attempts=3)  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"no argument keep_attempts; there are budget, .* of fetch and submit keep_attempts"
    ):
        client.get("a", budget=1, keep_attempts=True)  # type: ignore[arg-type]


def test_more_than_600_seconds_name_the_unit(client: Client) -> None:
    with pytest.raises(ValueError, match=r"budget=1200 is more than 600 seconds; budget is in seconds"):
        client.fetch(["a"], budget=1200)
    with pytest.raises(ValueError, match="600 seconds"):
        Deadline.after(timedelta(seconds=601))


@pytest.mark.parametrize("budget", [-1, float("nan"), float("inf")])
def test_what_is_no_budget_is_refused(client: Client, budget: float) -> None:
    with pytest.raises(ValueError, match="number of seconds"):
        client.fetch(["a"], budget=budget)


@pytest.mark.parametrize("budget", ["300ms", True])
def test_a_budget_of_another_type_is_refused(client: Client, budget: Any) -> None:
    with pytest.raises(TypeError, match="number of seconds or a timedelta"):
        client.fetch(["a"], budget=budget)


def test_a_budget_of_0_freezes_at_once(client: Client) -> None:
    results = client.fetch(["a", "b"], budget=0)
    assert len(results.late) == 2
    assert not results.complete


def test_the_earliest_of_explicit_ambient_and_default_counts(open_client: Callable[..., Client]) -> None:
    client = open_client(budget=4)
    assert budget_of(client.fetch(["a"])) == 4
    assert budget_of(client.fetch(["a"], budget=3)) == 3
    assert budget_of(client.fetch(["a"], budget=9)) == 4
    with page_deadline(2):
        assert 1 < budget_of(client.fetch(["a"], budget=3)) <= 2
        assert 1 < budget_of(client.fetch(["a"], deadline=Deadline.after(3))) <= 2
        assert budget_of(client.fetch(["a"], budget=0.5)) <= 0.5
        with page_deadline(8) as deadline:
            assert deadline.remaining <= 2
    assert budget_of(client.fetch(["a"])) == 4
    client.set(budget=6)
    assert budget_of(client.fetch(["a"])) == 6


def test_a_frozen_clock_of_python_changes_nothing(client: Client) -> None:
    with mock.patch.object(time, "time", return_value=0), mock.patch.object(time, "monotonic", return_value=0):
        until = Deadline.after(3)
        assert len(client.fetch(["a"], deadline=until).succeeded) == 1


def test_a_lone_key_is_no_list_of_keys(client: Client) -> None:
    for lone in ("a.jpg", b"a.jpg", Get("a.jpg")):
        with pytest.raises(TypeError, match=r"get\(\)"):
            client.fetch(lone, budget=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a key is str or bytes, or a Get, not int"):
        client.fetch([5], budget=1)  # type: ignore[list-item]


def test_an_unknown_priority_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="optional, normal, required"):
        client.fetch([Get("a", priority="high")], budget=1)  # type: ignore[arg-type]


def test_a_refused_address_says_what_to_write() -> None:
    with pytest.raises(OptionError, match="https://host/base"):
        Client("images.example/thumbs")
    with pytest.raises(ValueError, match="contains NUL"):
        Client("http://127.0.0.1\0.example")
    with pytest.raises(TypeError, match=r"url is a text .*, not NoneType"):
        Client(None)  # type: ignore[arg-type]


def test_a_key_that_is_no_unicode_is_named(client: Client) -> None:
    with pytest.raises(ValueError, match=r"the key 'a\\udc80' is no Unicode text; give it as bytes"):
        client.fetch(["good", "a\udc80"], budget=1)


@pytest.mark.parametrize("position", [-1, 2**64, 1.5, True])
def test_a_range_of_no_bytes_is_refused(position: Any) -> None:
    with pytest.raises(ValueError, match=f"last={position!r}: it is a number of bytes"):
        Range(first=0, last=position)


@pytest.mark.parametrize("connections", [0, -1, 1.5, True, None])
def test_warming_no_whole_number_of_connections_is_refused(client: Client, connections: Any) -> None:
    with pytest.raises(ValueError, match=r"connections is .*; it is a whole number, at least 1"):
        client.warm(connections=connections)


def test_headers_that_are_no_texts_are_refused(client: Client) -> None:
    with pytest.raises(TypeError, match="the header 'x-number' is of type int; names and values are texts"):
        client.fetch(["a"], budget=1, headers={"x-number": 1})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="no line feed or other control byte"):
        client.fetch(["a"], budget=1, headers={"x-a": "1\nx-b: 2"})
    with pytest.raises(TypeError, match="a mapping of names to values, not list"):
        client.fetch(["a"], budget=1, headers=[("x", "1")])  # type: ignore[arg-type]
