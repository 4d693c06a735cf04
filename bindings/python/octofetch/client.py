"""The client: one origin, with its own connections and limits. Of no thread and no event loop."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Never, Protocol, Self, Unpack

from octofetch import _core, loops
from octofetch.batch import Batch, Submitted
from octofetch.deadline import Deadline, limits, wait_us
from octofetch.errors import CallError, ClosedError, OptionError, WarmError
from octofetch.options import (
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
from octofetch.request import Get, Key
from octofetch.results import Results
from octofetch.spans import Span
from octofetch.status import Status

if TYPE_CHECKING:
    from octofetch.aio import AsyncClient

logger = logging.getLogger("octofetch")

WARNING_EVERY_S = 10
DRAIN_S = 5

Headers = Mapping[str, str]

# They identify a request in traces and change no answer, so that they do not keep requests apart.
_NEUTRAL = frozenset({"traceparent", "tracestate", "baggage"})


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
    def close(self) -> None: ...


class Client:
    """Fetches from `url`: "s3://bucket/prefix", "https://host/base" or "http://host/base".

    Opening it starts nothing; threads and connections start at the first fetch, in a forked child its own.
    """

    def __init__(self, url: str, **options: Unpack[ClientOptions]) -> None:
        found = chosen(url, options)
        self.url = url
        self._sources = {one.row.keyword: one.source for one in found}
        try:
            self._engine: Engine = self._open([(one.row.name, one.text) for one in found])
        except _core.RefusedError as refused:
            raise refusal(refused) from None
        self.name = self._engine.get("name") or url
        self._size_max = read_size(self._engine.get("object.size_max"))
        self._budget_us = self._default_budget_us()
        self._aio: AsyncClient | None = None
        self._warned_at: dict[Status, float] = {}

    def _open(self, options: list[tuple[str, str]]) -> Engine:
        return _core.Client(self.url, options)

    def fetch(
        self,
        keys: Iterable[Key | Get],
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        **unknown: Never,
    ) -> Results:
        """Blocks until all are there, at the latest until the deadline, without the interpreter's lock."""
        loops.warn_of_blocking("fetch")
        return self._submit(keys, budget, deadline, headers, unknown).results()

    def submit(
        self,
        keys: Iterable[Key | Get],
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        **unknown: Never,
    ) -> Batch:
        """Starts fetching and returns at once."""
        return self._submit(keys, budget, deadline, headers, unknown)

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
        return self._submit([key], budget, deadline, headers, unknown).results()[0].body

    def _submit(
        self,
        keys: Iterable[Key | Get],
        budget: Span | None,
        deadline: Deadline | None,
        headers: Headers | None,
        unknown: Mapping[str, object],
    ) -> Batch:
        requests = requests_of(keys)
        submitted = self.start(requests, budget, deadline, headers, unknown)
        return Batch(submitted, requests, self._size_max, self.note)

    def start(
        self,
        requests: tuple[Key | Get, ...],
        budget: Span | None,
        deadline: Deadline | None,
        headers: Headers | None,
        unknown: Mapping[str, object],
        queue: _core.Queue | None = None,
        tag: int = 0,
        is_stream: bool = False,
    ) -> Submitted:
        """What `submit` and `AsyncClient.submit` have in common. Not for users."""
        if unknown:
            refuse_unknown(unknown)
        budget_us, deadline_ns = limits(budget, deadline, self._budget_us)
        pairs = (
            () if headers is None else tuple((name, text, name.lower() in _NEUTRAL) for name, text in headers.items())
        )
        try:
            return self._engine.submit(requests, budget_us, deadline_ns, pairs, queue, tag, is_stream)
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
        expires_at: float | None = None,
    ) -> None:
        """What attempts are signed with from now on; `expires_at` is Unix time."""
        expires_at_s = None if expires_at is None else int(expires_at)
        try:
            self._engine.set_credentials(access_key_id, secret_access_key, session_token, expires_at_s)
        except _core.RefusedError as refused:
            raise refusal(refused) from None

    def describe(self) -> dict[str, OptionValue]:
        """The value of each option and where it is from; secrets are masked."""
        try:
            return {
                keyword: OptionValue(self._engine.get(row.name), self._sources.get(keyword, "default"))
                for keyword, row in rows().items()
            }
        except _core.RefusedError as refused:
            raise refusal(refused) from None

    def warm(self, connections: int = 1, budget: Span = 5.0) -> None:
        """Opens connections, for readiness probes; raises WarmError where that cannot be done in time."""
        try:
            self._engine.warm(connections, wait_us(budget, "budget"))
        except _core.RefusedError as refused:
            raise WarmError(f"{self.name}: {refused.args[1]}", Status(refused.args[0])) from None

    def stats(self) -> dict[str, int]:
        """The numbers of octo_stats; docs/python has them."""
        try:
            return self._engine.stats()
        except _core.RefusedError as refused:
            raise refusal(refused) from None

    def drain(self, wait: Span) -> bool:
        """Refuses new batches and waits for those that run; whether all were frozen within `wait` seconds."""
        return self._engine.drain(wait_us(wait, "wait")) != Status.AGAIN

    def close(self, wait: Span = DRAIN_S) -> None:
        """Lets running batches reach their freeze, for at most `wait` seconds, and closes. May be called again."""
        self.drain(wait)
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
        """Logs a batch that brought nothing, once per cause and 10 s. Not for users."""
        if results.info.ok_count > 0 or len(results) == 0 or not logger.isEnabledFor(logging.WARNING):
            return
        cause = Counter(result.status for result in results).most_common(1)[0][0]
        now_s = time.monotonic()
        if now_s - self._warned_at.get(cause, -WARNING_EVERY_S) >= WARNING_EVERY_S:
            self._warned_at[cause] = now_s
            logger.warning("%s: %s: %s", self.name, cause, results.explain())

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
    raise TypeError(f"there is no argument {name}; there are budget, deadline and headers")


def refusal(refused: _core.RefusedError) -> CallError:
    """What a call that the library refused raises."""
    status, text = refused.args
    return ClosedError(text, Status.CLOSED) if status == Status.CLOSED else OptionError(text, Status(status))
