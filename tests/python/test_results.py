"""Results: look-up, groups, bodies, texts, explanations, and that they pass through other code."""

import copy
import gzip
import json
import pickle
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from octofetch import (
    BatchError,
    Client,
    DeadlineExceeded,
    DecodeError,
    FetchError,
    Get,
    NotFound,
    NotModified,
    OriginError,
    Range,
    Results,
    Status,
)
from origin import Origin, pattern

SCRIPT = {
    "paths": {
        "/gone": {"status": 404},
        "/broken": {"status": 500},
        "/slow": {"delay_ms": 30_000},
        "/tagged": {
            "etag": '"v1"',
            "headers": [["Content-Type", "text/plain; charset=latin-1"], ["Cache-Control", "a"]],
        },
    }
}


@pytest.fixture
def results(client: Client, origin: Origin) -> Results:
    origin.script(SCRIPT)
    return client.fetch(["a", "gone", "broken", "slow", "a", b"b"], budget=0.3)


def test_each_result_is_in_exactly_one_group(results: Results) -> None:
    groups = [
        [result.key for result in group] for group in (results.succeeded, results.missing, results.late, results.failed)
    ]
    assert groups == [["a", "a", b"b"], ["gone"], ["slow"], ["broken"]]
    assert not results.complete
    assert results.state == Status.DEADLINE


def test_results_are_looked_up_by_position_and_by_key(results: Results) -> None:
    assert len(results) == 6
    assert results[3].key == "slow"
    assert results[-1].key == b"b"
    assert [result.key for result in results[1:3]] == ["gone", "broken"]
    assert results["a"] is results[0]
    assert results[4].key == "a"
    assert results.get("nobody asked") is None
    assert "slow" in results
    assert "b" not in results
    assert results[0] in results
    with pytest.raises(KeyError):
        results["nobody asked"]
    with pytest.raises(IndexError):
        results[6]


def test_a_batch_is_complete_when_the_origin_has_answered_for_every_key(client: Client, origin: Origin) -> None:
    origin.script(SCRIPT)
    assert client.fetch(["a", "gone"], budget=10).complete
    assert not client.fetch(["a", "broken"], budget=10).complete


def test_the_truth_of_a_result_is_not_defined(results: Results) -> None:
    with pytest.raises(TypeError, match=r"\.ok"):
        bool(results[0])
    with pytest.raises(TypeError, match=r"\.complete"):
        bool(results)


def test_a_body_is_bytes_made_once_and_a_view_without_a_copy(results: Results) -> None:
    result = results["a"]
    assert type(result.body) is bytes
    assert result.body is result.body
    assert result.body == pattern(b"a", 0, 1024)
    assert result.view == result.body
    assert result.view.readonly
    with pytest.raises(TypeError):
        result.view[0] = 1


def test_a_view_outlives_results_and_client(client: Client) -> None:
    view = client.fetch(["a"], budget=10)[0].view
    client.close()
    assert bytes(view) == pattern(b"a", 0, 1024)


def test_a_body_that_is_not_there_raises_its_error(results: Results) -> None:
    with pytest.raises(NotFound) as missing:
        results["gone"].body  # noqa: B018 - the access raises
    assert isinstance(missing.value, FileNotFoundError)
    assert missing.value.key == "gone"
    with pytest.raises(DeadlineExceeded) as late:
        results["slow"].view  # noqa: B018
    assert isinstance(late.value, TimeoutError)
    assert late.value.result.phase == "waiting"
    assert results["slow"].body_or(b"placeholder") == b"placeholder"
    with pytest.raises(OriginError):
        results["broken"].text()


def test_bodies_fill_in_a_default(results: Results) -> None:
    bodies = results.bodies(default=b"-")
    assert list(bodies) == ["a", "gone", "broken", "slow", b"b"]
    assert bodies["gone"] == b"-"
    assert bodies["a"] == results["a"].body
    with pytest.raises(BatchError):
        results.bodies()


def test_errors_are_raised_together_when_asked_for(results: Results) -> None:
    with pytest.raises(BatchError) as caught:
        results.raise_for_errors()
    assert [type(error).__name__ for error in caught.value.exceptions] == [
        "NotFound",
        "OriginError",
        "DeadlineExceeded",
    ]
    assert caught.value.results is results
    matched, rest = caught.value.split(NotFound)
    assert matched is not None
    assert rest is not None
    assert len(rest.exceptions) == 2
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.results == results
    assert list(map(str, again.exceptions)) == list(map(str, caught.value.exceptions))


def test_errors_can_be_pickled(results: Results) -> None:
    for result in results:
        if result.error is not None:
            again = pickle.loads(pickle.dumps(result.error))
            assert type(again) is type(result.error)
            assert (str(again), again.result) == (str(result.error), result)


def test_results_can_be_pickled_compared_and_hashed(results: Results) -> None:
    again = pickle.loads(pickle.dumps(results))
    assert again == results
    assert hash(again) == hash(results)
    assert again.explain() == results.explain()
    assert again.timeline() == results.timeline()
    assert again["a"].body == results["a"].body
    assert bytes(again["a"].view) == results["a"].body
    assert copy.deepcopy(results) == results
    assert results[0] != results[5]
    assert len({results[0], again[0], results[5]}) == 2


def test_the_story_can_be_told(results: Results) -> None:
    assert results.explain().startswith("3 of 6")
    assert results.timeline()._repr_svg_().startswith("<svg")
    assert json.loads(results.to_json())["v"] == 1
    assert results.server_timing().startswith("octofetch;dur=3")
    assert 0 <= results.pickup_lag < 5
    assert 0.3 <= results.elapsed < 5
    assert repr(results) == "<Results of 6: 3 OK, 1 NOT_FOUND, 1 SERVER_ERROR, 1 DEADLINE>"
    timings = results["a"].timings
    assert 0 < timings.total < 5
    assert timings.total + 1e-5 >= timings.waiting + timings.receiving


def test_headers_and_conditions(client: Client, origin: Origin) -> None:
    origin.script(SCRIPT)
    got = client.fetch(
        [Get("tagged"), Get("tagged", if_none_match='"v1"'), Get("a", range=Range(first=8, last=15))], budget=10
    )
    assert got[0].headers["etag"] == '"v1"'
    assert got[0].http_status == 200
    assert got[1].status == Status.NOT_MODIFIED
    assert got[1].ok
    with pytest.raises(NotModified):
        got[1].body  # noqa: B018
    assert got[2].partial
    assert got[2].body == pattern(b"a", 8, 8)
    assert got[2].numbers.object_size == 1024


@pytest.mark.parametrize("wrong", [{}, {"last": 5}, {"first": 1, "suffix": 2}, {"suffix": 2, "last": 3}])
def test_a_range_is_one_of_three(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="first and last, first alone, or suffix"):
        Range(**wrong)


def raw_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(data) + made.flush()


TEXT = '{"name": "größe"}'


@pytest.mark.parametrize(
    ("coding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate), ("identity", bytes)],
)
def test_json_and_text_undo_what_the_origin_encoded(
    client: Client, origin: Origin, coding: str, encode: Callable[[bytes], bytes]
) -> None:
    result = encoded(client, origin, coding, encode(TEXT.encode()))
    assert result.json() == {"name": "größe"}
    assert result.text() == TEXT


def test_what_is_encoded_otherwise_is_said_so(client: Client, origin: Origin) -> None:
    with pytest.raises(DecodeError, match="'br'"):
        encoded(client, origin, "br", b"x").text()
    with pytest.raises(DecodeError, match="ends within"):
        encoded(client, origin, "gzip", gzip.compress(b"x" * 1000)[:-9]).text()
    with pytest.raises(DecodeError, match="is not the gzip"):
        encoded(client, origin, "gzip", b"plain").text()
    assert encoded(client, origin, "gzip", gzip.compress(b"a") + gzip.compress(b"b")).text() == "ab"


def test_a_body_that_grows_beyond_the_limit_is_refused(open_client: Callable[..., Client], origin: Origin) -> None:
    client = open_client(object_size_max=10_000)
    with pytest.raises(DecodeError, match="object_size_max, 10000 bytes"):
        encoded(client, origin, "gzip", gzip.compress(bytes(10_001))).text()
    assert len(encoded(client, origin, "gzip", gzip.compress(bytes(10_000))).text()) == 10_000


def encoded(client: Client, origin: Origin, coding: str, body: bytes) -> Any:
    import base64

    reply = {"body_base64": base64.b64encode(body).decode(), "headers": [["Content-Encoding", coding]]}
    origin.script({"default": reply})
    return client.fetch(["encoded"], budget=10)[0]


def test_the_charset_of_the_origin_counts(client: Client, origin: Origin) -> None:
    reply = {"body_base64": "5A==", "headers": [["Content-Type", "text/plain; charset=latin-1"]]}
    origin.script({"default": reply})
    assert client.fetch(["a"], budget=10)[0].text() == "ä"


def test_get_gives_the_bytes_or_raises(client: Client, origin: Origin) -> None:
    origin.script(SCRIPT)
    assert client.get("a", budget=10) == pattern(b"a", 0, 1024)
    with pytest.raises(FetchError, match="'gone': NOT_FOUND"):
        client.get("gone", budget=10)
    with pytest.raises(TimeoutError):
        client.get("slow", budget=0.05)


def test_results_come_as_they_settle(client: Client, origin: Origin) -> None:
    origin.script({"paths": {"/late": {"delay_ms": 300}, "/never": {"delay_ms": 30_000}}})
    with client.submit(["never", "late", "early"], budget=1) as batch:
        assert [result.key for result in batch] == ["early", "late", "never"]
    assert [result.key for result in batch] == ["early", "late", "never"]
    assert [result.key for result in batch.results()] == ["never", "late", "early"]
    assert len(batch.results().late) == 1


def test_leaving_an_iteration_cancels(client: Client, origin: Origin) -> None:
    origin.script({"paths": {"/never": {"delay_ms": 30_000}}})
    batch = client.submit(["never", "a"], budget=20)
    for result in batch:
        assert result.key == "a"
        break
    assert batch.results()["never"].status == Status.CANCELLED
    assert batch.results().state == Status.CANCELLED
