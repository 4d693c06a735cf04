"""Credentials: who is asked for them, when, and what becomes of it when that fails."""

import asyncio
import gc
import itertools
import logging
import pickle
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import octofetch
import pytest
from octofetch import Client, Credentials, CredentialsError, OptionError, Status, refresher
from origin import Origin, pattern

SECRET = "wJalrXUtnFEMI/K7MDENG"
REGION = "eu-central-1"
THREAD = "octofetch-credentials"
PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


class Bucket:
    """An s3 origin that checks signatures; clients of it are closed after the test."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._opened: list[Client] = []

    def expect(self, access_key_id: str, **more: object) -> None:
        """From now on only this one may sign."""
        named = {"region": REGION, "access_key_id": access_key_id, "secret_access_key": SECRET}
        self._origin.script({"signature": {**named, **more}})

    @property
    def options(self) -> dict[str, str]:
        return {"endpoint": self._origin.url("http"), "region": REGION}

    def open(self, credentials: Any = None, **options: Any) -> Client:
        client = Client("s3://bucket", credentials=credentials, **(self.options | options))
        self._opened.append(client)
        return client

    def close(self) -> None:
        for client in self._opened:
            client.close(0)
        self._opened.clear()


@pytest.fixture
def bucket(origin: Origin) -> Iterator[Bucket]:
    made = Bucket(origin)
    yield made
    made.close()
    assert octofetch.shutdown(5)
    assert eventually(lambda: not threads())


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREAD]


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


class Giving:
    """A provider that gives these in turn, the last one for ever; an exception it raises."""

    def __init__(self, *given: Credentials | BaseException) -> None:
        self._given = list(given)
        self.calls: list[threading.Thread] = []

    def __call__(self) -> Credentials:
        self.calls.append(threading.current_thread())
        given = self._given.pop(0) if len(self._given) > 1 else self._given[0]
        if isinstance(given, BaseException):
            raise given
        return given


def credentials(name: str, lives_s: float | None = None, token: str | None = None) -> Credentials:
    return Credentials(name, SECRET, token, None if lives_s is None else time.time() + lives_s)


def test_a_set_signs(bucket: Bucket) -> None:
    bucket.expect("FIRST")
    client = bucket.open(credentials("FIRST"))
    assert client.get("a", budget=PATIENCE_S) == pattern(b"bucket/a", 0, 1024)
    assert client.describe()["access_key_id"].source == "credentials"
    assert not threads()


def test_a_provider_is_asked_when_a_client_is_opened(bucket: Bucket) -> None:
    bucket.expect("FIRST")
    provider = Giving(credentials("FIRST"))
    client = bucket.open(provider)
    assert provider.calls == [threading.current_thread()]
    assert client.fetch(["a"], budget=PATIENCE_S).complete
    # Nothing ends, so nothing has to be renewed.
    assert len(provider.calls) == 1
    assert not threads()


def test_a_set_is_renewed_in_the_background_before_it_ends(bucket: Bucket) -> None:
    provider = Giving(credentials("FIRST", 2.5), credentials("SECOND", 3600))
    client = bucket.open(provider)
    assert eventually(lambda: len(provider.calls) == 2)
    assert provider.calls[1].name == THREAD
    assert provider.calls[1].daemon
    bucket.expect("SECOND")
    assert eventually(lambda: client.fetch(["a"], budget=PATIENCE_S).complete)
    assert client.describe()["access_key_id"] == ("SECOND", "credentials")
    assert len(provider.calls) == 2


def test_a_set_is_renewed_from_15_minutes_before_its_end(bucket: Bucket) -> None:
    later = Giving(credentials("FIRST", refresher.MARGIN_S * 3))
    sooner = Giving(credentials("FIRST", refresher.MARGIN_S * 3))
    bucket.open(later)
    held = bucket.open(sooner)._refresher
    assert held is not None
    assert held.pause_s() == pytest.approx(refresher.MARGIN_S * 2, abs=60)
    assert len(later.calls) == 1


def test_a_failed_renewal_keeps_the_old_set_and_logs(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    bucket.expect("FIRST")
    provider = Giving(credentials("FIRST", 4), ValueError(f"cannot parse {SECRET}"))
    client = bucket.open(provider, name="thumbs")
    with caplog.at_level(logging.DEBUG, "octofetch"):
        assert eventually(lambda: len(provider.calls) > 1 and "asked again" in caplog.text)
    assert client.fetch(["a"], budget=PATIENCE_S).complete
    assert "thumbs: the credentials provider failed: ValueError at test_credentials.py:" in caplog.text
    assert SECRET not in caplog.text


def test_failures_are_retried_with_growing_pauses(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    provider = Giving(credentials("FIRST", 3600), RuntimeError("down"))
    client = bucket.open(provider)
    held = client._refresher
    assert held is not None
    pauses = []
    for _ in range(8):
        held._is_wanted = False
        held.end(RuntimeError("down"))
        pauses.append(held._not_before - time.monotonic())
    assert pauses[0] < 1.5
    assert all(later > sooner for sooner, later in itertools.pairwise(pauses[:6]))
    assert max(pauses) <= refresher.RETRY_MAX_S * 1.25


def test_an_expired_set_is_no_set(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    provider = Giving(credentials("FIRST", 3), credentials("SECOND", -5))
    bucket.open(provider)
    assert eventually(lambda: "it gave a set that has expired" in caplog.text)


REFUSED = [("expired", Status.CLIENT_ERROR), ("unknown", Status.FORBIDDEN)]


@pytest.mark.parametrize(("how", "status"), REFUSED)
def test_refused_credentials_are_renewed_at_once(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, how: str, status: Status
) -> None:
    monkeypatch.setattr(refresher, "ASK_EVERY_S", 0)
    # Neither of them is near its end.
    provider = Giving(credentials("FIRST", 86400, "token"), credentials("SECOND", None, "token"))
    client = bucket.open(provider)
    bucket.expect("FIRST" if how == "expired" else "OTHER", session_token="token", expired=how == "expired")
    assert client.fetch(["a"], budget=PATIENCE_S)["a"].status == status
    assert eventually(lambda: len(provider.calls) == 2)
    bucket.expect("SECOND", session_token="token")
    assert eventually(lambda: client.fetch(["a"], budget=PATIENCE_S).complete)
    assert not threads()


def test_refused_credentials_are_not_asked_for_more_than_once_in_some_seconds(bucket: Bucket) -> None:
    provider = Giving(credentials("FIRST", 86400, "token"))
    client = bucket.open(provider)
    bucket.expect("FIRST", session_token="token", expired=True)
    for _ in range(20):
        assert client.fetch(["a"], budget=PATIENCE_S)["a"].error_code == "ExpiredToken"
    # It was asked when the client was opened, a moment ago.
    assert len(provider.calls) == 1


def test_a_provider_that_hangs_delays_no_batch(bucket: Bucket) -> None:
    bucket.expect("FIRST")
    stuck, release = threading.Event(), threading.Event()
    given = iter([credentials("FIRST", 30)])

    def provider() -> Credentials:
        first = next(given, None)
        if first is None:
            stuck.set()
            release.wait()
        return first or credentials("FIRST")

    client = bucket.open(provider)
    held = client._refresher
    assert held is not None
    held._asked_at -= 60
    held.request()
    assert stuck.wait(PATIENCE_S)
    begun = time.monotonic()
    assert client.fetch(["a"], budget=PATIENCE_S).complete
    client.close(0)
    assert time.monotonic() - begun < PATIENCE_S / 2
    release.set()


def test_an_error_of_the_first_call_is_raised_with_its_cause(bucket: Bucket) -> None:
    with pytest.raises(CredentialsError, match="thumbs: the credentials provider raised ValueError at") as raised:
        bucket.open(Giving(ValueError(SECRET)), name="thumbs")
    assert isinstance(raised.value.__cause__, ValueError)
    assert isinstance(raised.value, PermissionError)
    assert raised.value.status == Status.NO_CREDENTIALS
    assert SECRET not in str(raised.value)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


async def coroutine() -> Credentials:
    return credentials("FIRST")


def test_what_is_no_provider_is_refused_in_words(bucket: Bucket) -> None:
    with pytest.raises(TypeError, match="plain function, such as lambda"):
        bucket.open(coroutine)
    with pytest.raises(CredentialsError, match="raised TypeError") as raised:
        bucket.open(lambda: coroutine())
    assert "gave coroutine, not octofetch.Credentials" in str(raised.value.__cause__)
    with pytest.raises(TypeError, match="not tuple"):
        bucket.open(("id", "secret"))
    with pytest.raises(TypeError, match="credentials and access_key_id are two answers"):
        bucket.open(credentials("FIRST"), access_key_id="id")
    provider = Giving(credentials("FIRST"))
    with pytest.raises(OptionError, match="only an s3:// origin is signed"):
        Client("http://127.0.0.1:1", credentials=provider)
    with pytest.raises(OptionError, match="unsigned"):
        bucket.open(credentials("FIRST"), unsigned=True)
    assert not provider.calls
    assert bucket.open(lambda: asyncio.run(coroutine())).describe()["access_key_id"].value == "FIRST"


@pytest.mark.parametrize(
    ("expires_at", "said"),
    [(datetime(2030, 1, 1), "no time zone"), (1_900_000_000_000, "no Unix time"), (-1, "no Unix time")],
)
def test_an_end_that_is_none_is_refused(expires_at: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Credentials("id", SECRET, None, expires_at)


def test_credentials_show_no_secret() -> None:
    held = Credentials("id", SECRET, "token", datetime(2030, 1, 1, tzinfo=UTC))
    assert SECRET not in repr(held)
    assert "token=" not in repr(held)
    assert held.expires_at_s == 1_893_456_000


def test_the_thread_ends_with_its_client(bucket: Bucket) -> None:
    client = bucket.open(Giving(credentials("FIRST", 3600)))
    assert len(threads()) == 1
    client.close(0)
    assert not threads()
    dropped = Client("s3://bucket", credentials=Giving(credentials("FIRST", 3600)), **bucket.options)  # type: ignore[arg-type]
    assert len(threads()) == 1
    del dropped
    gc.collect()
    assert eventually(lambda: not threads())


def test_a_client_is_let_go_while_its_provider_hangs(bucket: Bucket) -> None:
    stuck, release = threading.Event(), threading.Event()
    given = iter([credentials("FIRST", 3600)])

    def provider() -> Credentials:
        first = next(given, None)
        if first is None:
            stuck.set()
            release.wait()
        return first or credentials("SECOND")

    client = Client("s3://bucket", credentials=provider, **bucket.options)  # type: ignore[arg-type]
    held = client._refresher
    assert held is not None
    held._asked_at -= 60
    held.request()
    assert stuck.wait(PATIENCE_S)
    kept = weakref.ref(held)
    del client, held
    gc.collect()
    assert kept() is None
    release.set()


FORKING = """
import os, sys, threading, time
names = lambda: sorted(thread.name for thread in threading.enumerate())
at_fork = []
os.register_at_fork(before=lambda: at_fork.append(names()))
from octofetch import Client, Credentials
def provider():
    asked.append(os.getpid())
    return Credentials("FIRST", sys.argv[2], None, time.time() + (3 if len(asked) < 2 else 3600))
asked = []
client = Client("s3://bucket", credentials=provider, endpoint=sys.argv[1], region="eu-central-1")
client.get("a", budget=20)
print(names())
process = os.fork()
if process == 0:
    before = names()
    client.get("b", budget=20)
    end = time.monotonic() + 20
    while os.getpid() not in asked and time.monotonic() < end:
        time.sleep(0.01)
    print("child", before, names(), os.getpid() in asked, flush=True)
    os._exit(0)
os.waitpid(process, 0)
print(at_fork, names())
client.close(0)
print(names())
"""


def test_a_fork_meets_no_thread_and_parent_and_child_go_on_renewing(bucket: Bucket, origin: Origin) -> None:
    bucket.expect("FIRST")
    command = [sys.executable, "-u", "-W", "error", "-c", FORKING, origin.url("http"), SECRET]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    both = f"['MainThread', '{THREAD}']"
    assert done.stdout.splitlines() == [
        both,
        f"child ['MainThread'] {both} True",
        f"[['MainThread']] {both}",
        "['MainThread']",
    ]


UNKNOWN_TO_PYTHON = """
import ctypes, os, sys, time
from octofetch import Client, Credentials
asked = []
def provider():
    asked.append(os.getpid())
    return Credentials("FIRST", sys.argv[2], None, time.time() + (3 if len(asked) < 2 else 3600))
client = Client("s3://bucket", credentials=provider, endpoint=sys.argv[1], region="eu-central-1")
client.get("a", budget=20)
process = ctypes.PyDLL(None).fork()
client.get("b", budget=20)
end = time.monotonic() + 20
while os.getpid() not in asked[1:] and time.monotonic() < end:
    time.sleep(0.01)
os.write(1, b"True\\n" if os.getpid() in asked[1:] else b"False\\n")
if process == 0:
    os._exit(0)
os.waitpid(process, 0)
"""


def test_a_child_of_a_fork_that_python_knows_nothing_of_goes_on_renewing(bucket: Bucket, origin: Origin) -> None:
    bucket.expect("FIRST")
    command = [sys.executable, "-u", "-W", "error", "-c", UNKNOWN_TO_PYTHON, origin.url("http"), SECRET]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("True\nTrue\n", "")


def test_a_fork_waits_a_moment_for_the_provider(bucket: Bucket) -> None:
    begun, given = threading.Event(), iter([credentials("FIRST", 3600)])

    def provider() -> Credentials:
        first = next(given, None)
        if first is None:
            begun.set()
            time.sleep(0.05)
        return first or credentials("SECOND", 3600)

    client = bucket.open(provider)
    held = client._refresher
    assert held is not None
    held._asked_at -= 60
    held.request()
    assert begun.wait(PATIENCE_S)
    refresher.before_fork()
    at_fork = threads()
    refresher.after_fork_in_parent()
    assert not at_fork
    assert client.describe()["access_key_id"].value == "SECOND"
    assert len(threads()) == 1


EXITING = """
import sys, time
from octofetch import Client, Credentials
def provider(calls=[]):
    calls.append(1)
    if len(calls) > 1:
        time.sleep(30)
    return Credentials("FIRST", sys.argv[2], None, time.time() + (1 if sys.argv[3] == "asking" else 3600))
client = Client("s3://bucket", credentials=provider, endpoint=sys.argv[1], region="eu-central-1")
time.sleep(1)
print(time.time())
"""


@pytest.mark.parametrize("how", ["waiting", "asking"])
def test_the_interpreter_ends_at_once_whatever_the_thread_does(origin: Origin, how: str) -> None:
    command = [sys.executable, "-W", "error", "-c", EXITING, origin.url("http"), SECRET, how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.time() - float(done.stdout) < 2


def test_the_variables_of_aws_are_below_those_of_octofetch_and_keywords(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.expect("FIRST", session_token="token")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FIRST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.options["endpoint"])
    with Client("s3://bucket") as client:
        assert client.fetch(["a"], budget=PATIENCE_S).complete
        described = client.describe()
        assert described["region"] == (REGION, "AWS_REGION")
        assert described["endpoint"].source == "AWS_ENDPOINT_URL"
        assert described["access_key_id"] == ("FIRST", "AWS_ACCESS_KEY_ID")
        assert described["secret_access_key"] == ("***", "AWS_SECRET_ACCESS_KEY")
        assert described["session_token"] == ("***", "AWS_SESSION_TOKEN")
    monkeypatch.setenv("OCTOFETCH_S3_REGION", "eu-north-1")
    with Client("s3://bucket", access_key_id="OTHER", secret_access_key="other") as client:
        assert client.describe()["region"].source == "OCTOFETCH_S3_REGION"
        assert client.describe()["access_key_id"] == ("OTHER", "keyword")
        # The token belongs to the other key.
        assert client.describe()["session_token"] == ("", "default")
    with Client("s3://bucket", credentials=credentials("OTHER")) as client:
        assert client.describe()["secret_access_key"] == ("***", "credentials")
        assert client.describe()["session_token"] == ("", "credentials")
        assert client.describe()["access_key_id"] == ("OTHER", "credentials")
    with Client("s3://bucket", unsigned=True) as client:
        assert client.describe()["access_key_id"] == ("", "default")
    with Client("s3://bucket", unsigned=False) as client:
        assert client.describe()["access_key_id"].source == "AWS_ACCESS_KEY_ID"
    with Client("http://127.0.0.1:1") as client:
        assert client.describe()["region"] == ("", "default")


def test_a_refusal_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FIRST")
    with pytest.raises(OptionError, match=r"^AWS_ACCESS_KEY_ID: credentials: the secret access key is empty"):
        Client("s3://bucket")
    # With others it does not count.
    Client("s3://bucket", credentials=credentials("SECOND"), endpoint="http://127.0.0.1:1").close(0)
    monkeypatch.setenv("OCTOFETCH_BUDGET", "300")
    with pytest.raises(OptionError, match=r"^OCTOFETCH_BUDGET: budget: '300'"):
        Client("http://127.0.0.1:1")
