"""Options: keywords from the library's table, the environment below them, and where each value is from."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from octofetch import Client, ClosedError, OptionError, Status, _core
from octofetch.options import ClientOptions, ReloadableOptions, rows

URL = "http://127.0.0.1:1"
RELOADABLE = 1


def test_the_typed_options_are_those_of_the_library() -> None:
    assert set(get_type_hints(ClientOptions)) == set(rows())
    table = _core.describe_options()
    reloadable = {name.replace(".", "_") for name, *_, flags in table if flags & RELOADABLE}
    assert set(get_type_hints(ReloadableOptions)) == reloadable


def test_the_statuses_are_those_of_the_library() -> None:
    assert {status.value: status.name for status in Status} == {
        number: _core.status_name(number) for number in range(200) if _core.status_name(number) != "UNKNOWN"
    }


@pytest.mark.parametrize(
    ("options", "keyword", "text"),
    [
        ({"connections_max": 5}, "connections_max", "5"),
        ({"connect_timeout": 2}, "connect_timeout", "2s"),
        ({"connect_timeout": timedelta(milliseconds=300)}, "connect_timeout", "300ms"),
        ({"connect_timeout": "1.5s"}, "connect_timeout", "1500ms"),
        ({"memory_max": 2**20}, "memory_max", "1MiB"),
        ({"memory_max": "2MiB"}, "memory_max", "2MiB"),
        ({"key_dot_segments": True}, "key_dot_segments", "true"),
        ({"headers": {"X-A": "1", "X-B": "2"}}, "headers", "***"),
        ({"dns_addresses": ["127.0.0.1", "::1"]}, "dns_addresses", "127.0.0.1,::1"),
        ({"name": "thumbs"}, "name", "thumbs"),
    ],
)
def test_values_are_what_a_python_programmer_writes(options: dict[str, Any], keyword: str, text: str) -> None:
    with Client(URL, **options) as client:
        assert client.describe()[keyword] == (text, "keyword")


def test_an_unknown_option_is_answered_with_the_nearest() -> None:
    with pytest.raises(TypeError, match="no option connection_max; did you mean connections_max"):
        Client(URL, connection_max=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a batch has a budget"):
        Client(URL, timeout=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"no option entirely_different$"):
        Client(URL, entirely_different=5)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "wrong", [{"connections_max": 1.5}, {"connections_max": True}, {"key_dot_segments": 1}, {"name": 5}]
)
def test_a_value_of_another_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"{next(iter(wrong))} is "):
        Client(URL, **wrong)


def test_a_value_out_of_range_is_refused_by_the_library() -> None:
    with pytest.raises(OptionError, match="1 to 4096") as refused:
        Client(URL, connections_max=0)
    assert refused.value.status == Status.INVALID_ARGUMENT
    assert isinstance(refused.value, ValueError)


def test_the_environment_gives_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTOFETCH_CONNECTIONS_MAX", "7")
    monkeypatch.setenv("OCTOFETCH_BUDGET", "300ms")
    monkeypatch.setenv("OCTOFETCH_BIG_THUMBS_CONNECTIONS_MAX", "8")
    monkeypatch.setenv("OCTOFETCH_S3_REGION", "eu-central-1")
    monkeypatch.setenv("OCTOFETCH_QUEUE_MAX", "")
    with Client(URL) as plain, Client(URL, name="big-thumbs") as named, Client(URL, connections_max=9) as given:
        assert plain.describe()["connections_max"] == ("7", "OCTOFETCH_CONNECTIONS_MAX")
        assert plain.describe()["budget"] == ("300ms", "OCTOFETCH_BUDGET")
        assert named.describe()["connections_max"] == ("8", "OCTOFETCH_BIG_THUMBS_CONNECTIONS_MAX")
        assert given.describe()["connections_max"] == ("9", "keyword")
        assert given.describe()["queue_max"] == ("10000", "default")
        assert plain.describe()["region"] == ("", "default")
    with Client("s3://bucket") as bucket:
        assert bucket.describe()["region"] == ("eu-central-1", "OCTOFETCH_S3_REGION")


def test_a_header_with_another_inside_is_refused() -> None:
    with pytest.raises(ValueError, match="'x-one' or its value has the end of a line"):
        Client(URL, headers={"x-one": "1\r\nx-two: 2"})
    with pytest.raises(TypeError, match="the header 'x-one' is of type NoneType; names and values are texts"):
        Client(URL, headers={"x-one": None})  # type: ignore[dict-item]


def test_a_wrong_variable_is_refused_as_a_keyword_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTOFETCH_BUDGET", "300")
    with pytest.raises(OptionError, match="such as 300ms"):
        Client(URL)


def test_secrets_are_masked() -> None:
    with Client("s3://bucket", region="eu-central-1", access_key_id="AKID", secret_access_key="hunter2") as client:
        described = client.describe()
    assert described["secret_access_key"].value == "***"
    assert "hunter2" not in repr(described)
    assert "hunter2" not in repr(client)


def test_a_reloadable_option_can_be_set(open_client: Callable[..., Client]) -> None:
    client = open_client()
    client.set(memory_max="4MiB")
    assert client.describe()["memory_max"] == ("4MiB", "set")
    with pytest.raises(OptionError, match="fixed when the client is opened"):
        client.set(connections_max=5)  # type: ignore[call-arg]


def test_a_closed_client_says_so(open_client: Callable[..., Client]) -> None:
    client = open_client()
    client.close()
    client.close()
    with pytest.raises(ClosedError):
        client.fetch(["a"], budget=1)
    for call in (client.stats, client.describe):
        with pytest.raises(ClosedError):
            call()


def test_stats_count(client: Client) -> None:
    client.fetch(["a", "b"], budget=10)
    # A request is counted after it has settled, which is when the fetch may return.
    end = time.monotonic() + 5
    while client.stats()["requests_ok"] < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert client.stats()["requests_ok"] == 2


def test_warm_opens_connections_or_names_what_to_mend(open_client: Callable[..., Client]) -> None:
    client = open_client()
    client.warm(3, 10)
    assert client.stats()["connections_idle"] == 3
    with pytest.raises(ConnectionError, match=re.escape("127.0.0.1")):
        open_client("refused").warm(1, 10)


def test_a_client_cannot_be_pickled(client: Client) -> None:
    import pickle

    with pytest.raises(TypeError, match="open one in each process"):
        pickle.dumps(client)
