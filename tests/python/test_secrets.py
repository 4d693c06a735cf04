"""What signs a request stands in no text that the package gives out: logs, explanations, options, errors, reprs."""

import logging
import pickle
from collections.abc import Iterator
from typing import Any

import octofetch
import pytest
from octofetch import Client, Error, Results
from origin import Origin

ID, SECRET, TOKEN, HEADER = "AKIDistinctive0", "s3cret/Distinctive+1", "t0ken/Distinctive+2==", "h3ader-Distinctive-3"
# A word alone of each counts as well: a text may be cut, or quote what stands between two slashes.
SOUGHT = ("AKIDist", "s3cret", "Distinctive", "t0ken", "h3ader")
SCRIPT = {
    "signature": {
        "region": "us-east-1",
        "access_key_id": ID,
        "secret_access_key": SECRET,
        "session_token": TOKEN,
    },
    "default": {"size": 500},
    "paths": {
        "/bucket/cut": {"fault": {"type": "reset"}},
        "/bucket/elsewhere": {"status": 301, "headers": [["x-amz-bucket-region", "eu-west-1"]]},
        "/bucket/refused": {"status": 400, "body": "<Error><Code>ExpiredToken</Code></Error>"},
    },
}
KEYS = ["cut", "elsewhere", "refused", ".."]


def assert_no_secret(*texts: object) -> None:
    for text in texts:
        found = str(text)
        assert not [sought for sought in SOUGHT if sought in found], found


def texts_of(results: Results) -> Iterator[object]:
    yield from (repr(results), results.explain(), results.timeline(), results.to_json(), results.server_timing())
    yield pickle.dumps(results)
    for result in results:
        yield from (repr(result), result.message, result.numbers, dict(result.headers), repr(result.error))
    try:
        results.raise_for_errors()
    except* Error as group:
        yield repr(group.exceptions)


def texts_of_client(client: Client) -> Iterator[object]:
    yield from (repr(client), repr(client.aio), client.debug(), client.stats())
    # The access key id is an option like others, and is read back; it is no secret.
    yield {name: value for name, value in client.describe().items() if name != "access_key_id"}


@pytest.fixture
def secrets(origin: Origin) -> dict[str, Any]:
    origin.script(SCRIPT)
    return {
        "endpoint": origin.url("http"),
        "access_key_id": ID,
        "secret_access_key": SECRET,
        "session_token": TOKEN,
        "headers": {"X-Amz-Meta-Key": HEADER},
    }


@pytest.mark.parametrize(
    "others", [{}, {"endpoint": "http://127.0.0.1:1"}, {"endpoint": "http://localhost:2"}, {"region": "eu-west-1"}]
)
def test_row_80_neither_logs_nor_texts_have_them(
    secrets: dict[str, Any], others: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), Client("s3://bucket", **(secrets | others)) as client:
        for keys in (["whole", *KEYS], KEYS):
            assert_no_secret(*texts_of(client.fetch(keys, budget=5, headers={"x-amz-meta-other": HEADER})))
        client.set_credentials(ID, SECRET, session_token=TOKEN, expires_at=1)
        assert_no_secret(*texts_of(client.fetch(KEYS, budget=5)))
        assert client.debug()["credentials"] == {"set": True, "expires_in_s": pytest.approx(-1e9, rel=2)}
        assert client.debug()["worst"]
        assert_no_secret(*texts_of_client(client))
    assert len([record for record in caplog.records if record.levelno == logging.DEBUG]) == 3
    assert [record for record in caplog.records if record.levelno == logging.WARNING]
    assert_no_secret(*caplog.messages, caplog.text)
    assert octofetch.shutdown(5)


def test_row_80_the_origin_has_them(secrets: dict[str, Any], origin: Origin) -> None:
    with Client("s3://bucket", **secrets) as client:
        assert client.fetch(["whole"], budget=5).complete
    sent = str(origin.last_requests())
    assert [name in sent for name in (ID, TOKEN, HEADER, SECRET)] == [True, True, True, False]
    assert octofetch.shutdown(5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret_access_key": SECRET + " "},
        {"session_token": TOKEN + "\n"},
        {"headers": {"Authorization": SECRET}},
        {"endpoint": f"https://{ID}:{SECRET}@host"},
        {"session_tokn": TOKEN},
        {"secret_access_key": SECRET.encode()},
    ],
)
def test_row_80_no_refusal_repeats_them(secrets: dict[str, Any], wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        Client("s3://bucket", **(secrets | wrong))
    assert_no_secret(refused.value, repr(refused.value))
