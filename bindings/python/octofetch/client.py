"""The client: one origin, with its own connections and limits. Of no thread and no event loop."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Never, Protocol, Self, Unpack

from octofetch import _core, aws, loops
from octofetch.batch import Batch, Submitted
from octofetch.batch_log import BatchLog
from octofetch.credentials import Credentials, Provider, are_refused, ask_first, check_provider
from octofetch.deadline import Deadline, limits, wait_us
from octofetch.errors import CallError, ClosedError, OptionError, WarmError
from octofetch.options import (
    Chosen,
    ClientOptions,
    OptionValue,
    ReloadableOptions,
    chosen,
    read_duration_us,
    read_size,
    row_of,
    rows,
    to_text,
)
from octofetch.refresher import Refresher
from octofetch.request import Get, Headers, Key, header_fields_of
from octofetch.results import JSON, Results
from octofetch.spans import Span
from octofetch.status import Status
from octofetch.warming import advice

if TYPE_CHECKING:
    from octofetch.aio import AsyncClient

DRAIN_S = 5
# More than can be asked for, and than connections_max, which counts, can be.
WARM_MAX = 2**32 - 1


class Engine(Protocol):
    """What the library's client offers, and that of `octofetch.testing`."""

    def submit(
        self,
        requests: tuple[Key | Get, ...],
        budget_us: int | None,
        deadline_ns: int | None,
        headers: tuple[tuple[str, str, bool], ...],
        queue: _core.Queue | None,
        tag: int,
        is_stream: bool,
        keeps_attempts: bool,
        /,
    ) -> Submitted: ...
    def set(self, name: str, value: str, /) -> None: ...
    def get(self, name: str, /) -> str: ...
    def set_credentials(
        self, access_key_id: str, secret_access_key: str, session_token: str | None, expires_at_s: int | None, /
    ) -> None: ...
    def warm(self, connections: int, wait_us: int, /) -> None: ...
    def drain(self, wait_us: int, /) -> int: ...
    def stats(self) -> dict[str, int]: ...
    def explain(self, kind: int, /) -> str: ...
    def close(self) -> None: ...


class Client:
    """Fetches from `url`: "s3://bucket/prefix", "https://host/base" or "http://host/base".

    Opening it starts nothing; threads and connections start at the first fetch, in a forked child its own.

    `credentials` of an s3 client are a Credentials or a function that gives one: called now, and later in the
    background from 15 minutes before those that it gave end.
    """

    def __init__(
        self, url: str, *, credentials: Provider | Credentials | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        if not isinstance(url, str):
            raise TypeError(f"url is a text such as 'https://host/base', not {type(url).__name__}")
        self._refresher: Refresher | None = None
        self._given: tuple[Credentials, str] | None = None  # instead of those of options, and by what
        check_credentials(url, credentials, options)
        found = chosen(url, options, credentials is not None)
        self.url = url
        self._sources = {one.row.keyword: one.source for one in found}
        try:
            self._engine: Engine = self._open([(one.row.name, one.text) for one in found])
        except _core.RefusedError as refused:
            raise refusal_at_open(refused, found) from None
        self.name = self._engine.get("name") or url
        self._size_max = read_size(self._engine.get("object.size_max"))
        self._budget_us = self._default_budget_us()
        self._aio: AsyncClient | None = None
        self._log = BatchLog(self.name)
        if credentials is not None:
            self._use(credentials)

    def _use(self, credentials: Provider | Credentials) -> None:
        engine = self._engine

        # Of the engine, not of the client, which its background thread must not keep.
        def hand_over(given: Credentials) -> None:
            give_credentials(engine, given)

        given = credentials if isinstance(credentials, Credentials) else ask_first(credentials, self.name)
        hand_over(given)
        self._given = (given, "credentials")
        if not isinstance(credentials, Credentials):
            self._refresher = Refresher(self.name, credentials, given, hand_over)

    def _open(self, options: list[tuple[str, str]]) -> Engine:
        return _core.Client(self.url, options)

    def fetch(
        self,
        keys: Iterable[Key | Get],
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        keep_attempts: bool = False,
        **unknown: Never,
    ) -> Results:
        """Blocks until all are there, at the latest until the deadline, without the interpreter's lock.

        With `keep_attempts` the results tell of each exchange on the wire.
        """
        loops.warn_of_blocking("fetch")
        return self._submit(keys, budget, deadline, headers, keep_attempts, unknown, is_stream=False).results()

    def submit(
        self,
        keys: Iterable[Key | Get],
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        keep_attempts: bool = False,
        **unknown: Never,
    ) -> Batch:
        """Starts fetching and returns at once."""
        return self._submit(keys, budget, deadline, headers, keep_attempts, unknown, is_stream=True)

    def get(
        self,
        key: Key | Get,
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        **unknown: Never,
    ) -> bytes:
        """The body of one key; where there is none, the error is raised."""
        loops.warn_of_blocking("get")
        return self._submit([key], budget, deadline, headers, False, unknown, is_stream=False).results()[0].body

    def _submit(
        self,
        keys: Iterable[Key | Get],
        budget: Span | None,
        deadline: Deadline | None,
        headers: Headers | None,
        keep_attempts: bool,
        unknown: Mapping[str, object],
        is_stream: bool,
    ) -> Batch:
        requests = requests_of(keys)
        hub = loops.queue_of_hub()
        if hub is None:
            submitted = self.start(requests, budget, deadline, headers, keep_attempts, unknown)
        else:
            submitted = hub.submit(
                partial(self.start, requests, budget, deadline, headers, keep_attempts, unknown), is_stream
            )
        return Batch(submitted, requests, self._size_max, self.note)

    def start(
        self,
        requests: tuple[Key | Get, ...],
        budget: Span | None,
        deadline: Deadline | None,
        headers: Headers | None,
        keep_attempts: bool,
        unknown: Mapping[str, object],
        queue: _core.Queue | None = None,
        tag: int = 0,
        is_stream: bool = False,
    ) -> Submitted:
        """What `submit` and `AsyncClient.submit` have in common. Not for users."""
        if unknown:
            refuse_unknown(unknown)
        if not isinstance(keep_attempts, bool):
            raise TypeError(f"keep_attempts is True or False, not {keep_attempts!r}")
        budget_us, deadline_ns = limits(budget, deadline, self._budget_us)
        pairs = () if headers is None else header_fields_of(headers)
        if self._refresher is not None:
            self._refresher.ensure()
        try:
            return self._engine.submit(requests, budget_us, deadline_ns, pairs, queue, tag, is_stream, keep_attempts)
        except _core.RefusedError as refused:
            raise refusal(refused) from None

    @property
    def aio(self) -> "AsyncClient":
        """The same client for `await`, in any event loop."""
        if self._aio is None:
            from octofetch.aio import AsyncClient

            self._aio = AsyncClient(self)
        return self._aio

    def set(self, **options: Unpack[ReloadableOptions]) -> None:
        """Changes reloadable options, for batches submitted from now on."""
        for keyword, value in options.items():
            row = row_of(keyword)
            try:
                self._engine.set(row.name, to_text(row, value))
            except _core.RefusedError as refused:
                raise refusal(refused) from None
            self._sources[keyword] = "set"
        self._budget_us = self._default_budget_us()

    def set_credentials(
        self,
        access_key_id: str,
        secret_access_key: str,
        *,
        session_token: str | None = None,
        expires_at: float | datetime | None = None,
    ) -> None:
        """What attempts are signed with from now on; `expires_at` is Unix time, or a datetime with its time zone."""
        given = Credentials(access_key_id, secret_access_key, session_token, expires_at)
        give_credentials(self._engine, given)
        self._given = (given, "set")

    def describe(self) -> dict[str, OptionValue]:
        """The value of each option and where it is from; secrets are masked."""
        try:
            described = {
                keyword: OptionValue(self._engine.get(row.name), self._sources.get(keyword, "default"))
                for keyword, row in rows().items()
            }
        except _core.RefusedError as refused:
            raise refusal(refused) from None
        if self._given is not None:
            given, source = self._given
            if self._refresher is not None and source == "credentials":
                given = self._refresher.current
            shown = (given.access_key_id, "***", "***" if given.session_token else "")
            described.update(
                {name: OptionValue(value, source) for name, value in zip(aws.CREDENTIALS, shown, strict=True)}
            )
        return described

    def warm(self, connections: int = 1, budget: Span = 5.0) -> None:
        """Opens connections, for readiness probes; raises WarmError where that cannot be done in time."""
        check_connections(connections)
        try:
            loops.call_blocking(partial(self._engine.warm, min(connections, WARM_MAX), wait_us(budget, "budget")))
        except _core.RefusedError as refused:
            status, text = Status(refused.args[0]), refused.args[1]
            named = (self._sources.get(f"tls_ca_{kind}", "") for kind in ("file", "directory", "pem"))
            fix = advice(status, next(filter(None, named), ""))
            raise WarmError(f"{self.name}: {text}{'; ' if fix else ''}{fix}", status) from None

    def stats(self) -> dict[str, int]:
        """The numbers of octo_stats; docs/python has them."""
        try:
            return self._engine.stats()
        except _core.RefusedError as refused:
            raise refusal(refused) from None

    def debug(self) -> dict[str, Any]:
        """What is inside of the client now, without keys and secrets; docs/python has the fields."""
        try:
            found: dict[str, Any] = json.loads(self._engine.explain(JSON))
        except _core.RefusedError as refused:
            raise refusal(refused) from None
        return found

    def drain(self, wait: Span) -> bool:
        """Refuses new batches and waits for those that run; whether all were frozen within `wait` seconds."""
        status = self._engine.drain(0)
        if status == Status.AGAIN:
            status = loops.call_blocking(partial(self._engine.drain, wait_us(wait, "wait")))
        return status != Status.AGAIN

    def close(self, wait: Span = DRAIN_S) -> None:
        """Lets running batches reach their freeze, for at most `wait` seconds, and closes. May be called again."""
        self.drain(wait)
        if self._refresher is not None:
            self._refresher.close()
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(DRAIN_S if error is None else 0)

    def __repr__(self) -> str:
        return f"<Client {self.name}>"

    def __reduce__(self) -> Never:
        raise TypeError("a Client cannot be pickled; open one in each process, or before fork")

    def note(self, results: Results) -> None:
        """Logs a frozen batch, and sees refused credentials. Not for users."""
        if self._refresher is not None and results.info.failed_count > 0 and are_refused(results):
            self._refresher.request()
        self._log.note(results)

    def _default_budget_us(self) -> int | None:
        text = self._engine.get("budget")
        return None if text == "" else read_duration_us(text)


def requests_of(keys: Iterable[Key | Get]) -> tuple[Key | Get, ...]:
    if isinstance(keys, str | bytes | Get):
        raise TypeError("keys is a list of keys; for one key there is get()")
    return tuple(keys)


def refuse_unknown(unknown: Mapping[str, object]) -> Never:
    name = next(iter(unknown))
    if name == "timeout":
        raise TypeError("timeout is not what a batch has; write budget=0.3 (seconds from now, for the whole batch)")
    raise TypeError(
        f"there is no argument {name}; there are budget, deadline and headers, and of fetch and submit keep_attempts"
    )


def check_connections(connections: int) -> None:
    if isinstance(connections, bool) or not isinstance(connections, int) or connections < 1:
        raise ValueError(f"connections is {connections!r}; it is a whole number, at least 1")


def check_credentials(url: str, credentials: Provider | Credentials | None, options: Mapping[str, object]) -> None:
    """Before anything is opened, or the provider called."""
    if credentials is None:
        return
    if not isinstance(credentials, Credentials):
        check_provider(credentials)
    beside = next((keyword for keyword in aws.CREDENTIALS if keyword in options), None)
    if beside is not None:
        raise TypeError(f"credentials and {beside} are two answers to who signs; drop one")
    if url[:3].lower() != "s3:":
        raise OptionError("credentials: only an s3:// origin is signed; drop it, or set a header", Status.UNSUPPORTED)


def give_credentials(engine: Engine, given: Credentials) -> None:
    try:
        engine.set_credentials(given.access_key_id, given.secret_access_key, given.session_token, given.expires_at_s)
    except _core.RefusedError as refused:
        raise refusal(refused) from None


def refusal_at_open(refused: _core.RefusedError, found: Iterable[Chosen]) -> CallError:
    """As `refusal`; of an option that nobody wrote as a keyword it says where the value is from."""
    status, text = refused.args
    for row, _, source in found:
        words = ("credentials:",) if row.keyword in aws.CREDENTIALS else ()
        if source != "keyword" and text.startswith((f"{row.name}:", *words)):
            return refusal(_core.RefusedError(status, f"{source}: {text}"))
    return refusal(refused)


def refusal(refused: _core.RefusedError) -> CallError:
    """What a call that the library refused raises."""
    status, text = refused.args
    return ClosedError(text, Status.CLOSED) if status == Status.CLOSED else OptionError(text, Status(status))
