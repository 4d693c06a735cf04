"""For the tests of programs that use octofetch: a client that answers from a dictionary, and a server that misbehaves.

    client = FakeClient({"a.jpg": b"..."}, late=["slow.jpg"], errors={"broken.jpg": Status.SERVER_ERROR})

It has the real types, words and errors, blocking and awaited, and neither threads nor sockets nor waiting. What is not
late settles inside submit; the deadline of a batch with late keys comes as soon as somebody waits for it, and until
then it can be left, cancelled or closed. What only the library checks, such as header names, it takes as it is.
`Origin` is for what a fake cannot show: real connections, real deadlines, and an origin that breaks both.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Never, Unpack
from weakref import WeakSet

from octofetch import _core
from octofetch.attempts import Attempted
from octofetch.client import Client, Engine
from octofetch.credentials import Credentials, Provider
from octofetch.options import ClientOptions
from octofetch.records import PARTIAL, SETTLED, Numbers, Plain, Texts, pack_numbers, pack_texts, unpack_numbers
from octofetch.request import Get, Key, key_of
from octofetch.result import Result
from octofetch.results import JSON, LINE
from octofetch.scripted_origin import Origin, OriginError, pattern
from octofetch.status import LATE, SUCCEEDED, Status

__all__ = ["FakeClient", "Origin", "OriginError", "pattern"]

URL = "http://fake.test"

_NS_PER_US = 1000
_WORST_MAX = 32
_QUEUED, _WAITING, _RECEIVING = 0, 4, 5
_RANGE, _RANGE_FROM, _RANGE_SUFFIX = 16, 32, 64
_HTTP = {
    Status.OK: 200,
    Status.NOT_MODIFIED: 304,
    Status.NOT_FOUND: 404,
    Status.FORBIDDEN: 403,
    Status.REDIRECTED: 302,
    Status.THROTTLED: 503,
    Status.SERVER_ERROR: 500,
    Status.CLIENT_ERROR: 400,
    Status.RANGE_NOT_SATISFIABLE: 416,
}
# They are how a batch ends for a request that has not settled.
_UNSETTLED = frozenset({Status.DEADLINE, Status.CANCELLED, Status.CLOSED})
_KEY_BYTES_MAX = 1024
_DOT_SEGMENT = re.compile(rb"(^|/)\.\.?(/|$)")


class FakeClient(Client):
    """Answers with `objects`: keys in `late` miss the deadline, those in `errors` end so, all others are missing.

    `url` is what it stands in for: an `s3:` one takes credentials, and other keys than `http:`.
    """

    def __init__(
        self,
        objects: Mapping[Key, bytes],
        *,
        late: Iterable[Key] = (),
        errors: Mapping[Key, Status] | None = None,
        headers_of: Mapping[Key, Mapping[str, str]] | None = None,
        url: str = URL,
        credentials: Provider | Credentials | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._answers = Answers(objects, late, errors or {}, headers_of or {})
        super().__init__(url, credentials=credentials, **options)

    def _open(self, options: list[tuple[str, str]]) -> Engine:
        real = _core.Client(self.url, options)
        self._answers.takes_dots = self.url.lower().startswith("s3:") or real.get("key.dot_segments") == "true"
        return FakeEngine(real, self._answers)


class Answers:
    """What each key is answered with."""

    def __init__(
        self,
        objects: Mapping[Key, bytes],
        late: Iterable[Key],
        errors: Mapping[Key, Status],
        headers: Mapping[Key, Mapping[str, str]],
    ) -> None:
        self._objects = {_bytes_of(key): body for key, body in objects.items()}
        self._statuses = {_bytes_of(key): status for key, status in errors.items()}
        self._statuses |= {_bytes_of(key): Status.DEADLINE for key in late}
        self._headers = {_bytes_of(key): values for key, values in headers.items()}
        # Of keys with a '.' or '..' segment.
        self.takes_dots = False

    def plain(self, request: Key | Get, index: int, budget_us: int) -> Plain:
        key, flags, first, last = _parts_of(request)
        check_range(flags, first, last, index)
        if (refusal := refusal_of(key, self.takes_dots)) is not None:
            return settled(Status.INVALID_KEY, Numbers(phase=_QUEUED), refusal)
        status = self._statuses.get(key, Status.OK if key in self._objects else Status.NOT_FOUND)
        if status in _UNSETTLED:
            return unsettled(status, budget_us)
        if status == Status.SHED:
            return settled(status, Numbers(phase=_QUEUED))
        headers = self._headers.get(key, {}) if status in SUCCEEDED else {}
        numbers = Numbers(phase=_RECEIVING, http_status=_HTTP.get(status, 0), attempts=1)
        if status != Status.OK:
            return settled(status, numbers, headers=headers)
        whole = self._objects[key]
        sizes = {"bytes_received": len(whole), "object_size": len(whole)}
        if not flags & (_RANGE | _RANGE_FROM | _RANGE_SUFFIX):
            return settled(status, numbers._replace(**sizes), headers=headers, body=whole)
        body = whole[-last:] if flags & _RANGE_SUFFIX else whole[first : last + 1 if flags & _RANGE else None]
        if not body:
            # Of no object is there a range without bytes.
            return settled(Status.RANGE_NOT_SATISFIABLE, numbers._replace(http_status=416))
        partial = numbers._replace(flags=PARTIAL, http_status=206, bytes_received=len(body), object_size=len(whole))
        return settled(status, partial, headers=headers, body=body)


def check_range(flags: int, first: int, last: int, index: int) -> None:
    """Refuses what the library does."""
    if flags & _RANGE and first > last:
        _refuse(f"request {index}: range_first {first} is behind range_last {last}")
    if flags & _RANGE_SUFFIX and last == 0:
        _refuse(f"request {index}: a suffix range of 0 bytes asks for nothing")


def refusal_of(key: bytes, takes_dots: bool) -> str | None:
    """Why the library asks no origin for the key."""
    if not key:
        return "the key is empty"
    if len(key) > _KEY_BYTES_MAX:
        return f"the key has {len(key)} bytes; at most {_KEY_BYTES_MAX} are allowed"
    if takes_dots or _DOT_SEGMENT.search(key) is None:
        return None
    shown = key.decode(errors="backslashreplace")
    return f"the key '{shown}' has a '.' or '..' segment; set key.dot_segments=true if the origin means it literally"


def settled(
    status: Status,
    numbers: Numbers,
    message: str | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Plain:
    texts = Texts(message=_message_of(status) if message is None else message)
    flags = numbers.flags | SETTLED
    return int(status), pack_numbers(numbers._replace(flags=flags)), pack_texts(texts, headers or {}), body


def unsettled(status: Status, span_us: int) -> Plain:
    """It waited for the first byte until the batch ended, `span_us` after its submit."""
    numbers = Numbers(phase=_WAITING, attempts=1, settled_us=span_us, waiting_us=span_us)
    return int(status), pack_numbers(numbers), pack_texts(Texts(message=_message_of(status)), {}), None


class FakeEngine:
    """Stands in for `_core.Client`; a real one, which starts nothing until it fetches, knows the options."""

    def __init__(self, real: _core.Client, answers: Answers) -> None:
        self._real = real
        self._answers = answers
        self._counts = {"batches": 0, "batches_complete": 0, "batches_deadline": 0, "requests": 0, "requests_ok": 0}
        self._worst: deque[dict[str, Any]] = deque(maxlen=_WORST_MAX)
        self._is_draining = False
        # What nobody holds any more, nobody waits for.
        self._running: WeakSet[FakeBatch] = WeakSet()
        self.set, self.get, self.set_credentials = real.set, real.get, real.set_credentials

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
    ) -> "FakeBatch":
        count_max = int(self._real.get("batch.requests_max"))  # says CLOSED when it is
        if self._is_draining:
            raise _core.RefusedError(int(Status.CLOSED), "the client is closed or draining")
        if len(requests) > count_max:
            _refuse(f"the batch has {len(requests)} requests; batch.requests_max allows {count_max}: split it")
        if budget_us is None:
            budget_us = max(0, (deadline_ns or 0) - _core.now_ns()) // _NS_PER_US
        records = [self._answers.plain(request, index, budget_us) for index, request in enumerate(requests)]
        self._counts["batches"] += 1
        self._counts["requests"] += len(requests)
        self._counts["requests_ok"] += sum(record[0] == Status.OK for record in records)
        batch = FakeBatch(requests, records, budget_us, keeps_attempts, self._note)
        self._running.add(batch)
        return batch

    def warm(self, connections: int, wait_us: int, /) -> None:
        """There is nothing to open."""

    def drain(self, wait_us: int, /) -> int:
        """Whoever waits brings the deadlines of what runs."""
        self._is_draining = True
        if wait_us > 0:
            self._end_all(Status.DEADLINE)
        return int(Status.OK if all(batch.has_ended for batch in self._running) else Status.AGAIN)

    def close(self) -> None:
        self._real.close()
        self._end_all(Status.CLOSED)

    def stats(self) -> dict[str, int]:
        return self._real.stats() | self._counts

    def explain(self, kind: int, /) -> str:
        return json.dumps(json.loads(self._real.explain(kind)) | {"worst": list(self._worst)})

    def _end_all(self, state: Status) -> None:
        for batch in list(self._running):
            batch.end(state)

    def _note(self, batch: "FakeBatch") -> None:
        """Counts it at its freeze. The library puts the worst first; here the newest is."""
        state, settled, ok, missing, late, failed, budget_us, frozen_us, *_ = batch.describe()
        if state in (Status.CANCELLED, Status.CLOSED):
            return
        self._counts["batches_complete" if state == Status.OK else "batches_deadline"] += 1
        if late + failed == 0:
            return
        counts = {"settled": settled, "ok": ok, "missing": missing, "late": late, "failed": failed}
        self._worst.appendleft(
            {
                "frozen_ago_us": 0,
                "state": Status(state).name,
                "budget_us": budget_us,
                "frozen_us": frozen_us,
                "pickup_lag_us": 0,
                "counts": {"requests": len(batch)} | counts,
                "line": batch.explain(LINE),
            }
        )


class FakeBatch:
    """Stands in for `_core.Batch`: under way until somebody waits for its end, or until something else ends it."""

    def __init__(
        self,
        requests: tuple[Key | Get, ...],
        records: list[Plain],
        budget_us: int,
        keeps_attempts: bool,
        on_frozen: "Callable[[FakeBatch], None]",
    ) -> None:
        self._keeps_attempts = keeps_attempts
        self._requests = requests
        self._records = records
        self._budget_us = budget_us
        self._on_frozen = on_frozen
        self._settled = [index for index, record in enumerate(records) if record[0] not in _UNSETTLED]
        self._unsettled = [index for index, record in enumerate(records) if record[0] in _UNSETTLED]
        self._untaken = [self._settled, self._unsettled]
        self._state: Status | None = None
        if not self._unsettled:
            self.end(Status.OK)

    def __len__(self) -> int:
        return len(self._records)

    @property
    def has_ended(self) -> bool:
        return self._state is not None

    def end(self, state: Status) -> None:
        """Once; of what is frozen nothing changes."""
        if self._state is not None:
            return
        self._state = state
        if state != Status.DEADLINE:
            for index in self._unsettled:
                self._records[index] = unsettled(state, 0)
        self._on_frozen(self)

    def wait(self, wait_us: int, /) -> int:
        self.end(Status.DEADLINE)
        return int(Status.OK)

    def results(self, result_type: type[Result], size_max: int, /) -> list[Result]:
        pairs = zip(self._requests, self._records, strict=True)
        return [result_type(key_of(request), record, size_max) for request, record in pairs]

    def take_settled(
        self, result_type: type[Result], size_max: int, wait_us: int, /
    ) -> tuple[int, list[tuple[int, Result]]]:
        """First what has settled, then what has not at the end."""
        if len(self._untaken) < 2:
            self.end(Status.DEADLINE)
        taken = self._untaken.pop(0) if self._untaken else None
        made = self.results(result_type, size_max)
        return int(Status.END if taken is None else Status.OK), [(index, made[index]) for index in taken or []]

    def is_frozen(self) -> bool:
        """Loops that await the freeze ask this alone."""
        self.end(Status.DEADLINE)
        return True

    def describe(self) -> tuple[int, int, int, int, int, int, int, int, int, int]:
        statuses = [Status(record[0]) for record in self._records]
        ok, missing, late = (
            sum(status in group for status in statuses) for group in (SUCCEEDED, {Status.NOT_FOUND}, LATE)
        )
        state = Status.DEADLINE if self._state is None else self._state
        frozen_us = self._budget_us if state == Status.DEADLINE else 0
        body_size = sum(0 if body is None else len(body) for *_, body in self._records)
        failed = len(self) - ok - missing - late
        return state, len(self._settled), ok, missing, late, failed, self._budget_us, frozen_us, 0, body_size

    def explain(self, kind: int, /) -> str:
        ok, frozen_us = self.describe()[2], self.describe()[7]
        line = f"{ok} of {len(self)} in {frozen_us / 1000:g} ms"
        if kind == LINE:
            return line
        if kind == JSON:
            return json.dumps({"v": 1, "line": line})
        return f'<svg xmlns="http://www.w3.org/2000/svg"><text y="1em">{line}</text></svg>'

    def attempts(self) -> list[Attempted] | None:
        """One for each request that was started."""
        if not self._keeps_attempts:
            return None
        numbers = [(index, record[0], unpack_numbers(record[1])) for index, record in enumerate(self._records)]
        return [attempted(*one) for one in numbers if one[2].attempts > 0]

    def cancel(self) -> None:
        self.end(Status.CANCELLED)


def attempted(index: int, status: int, numbers: Numbers) -> Attempted:
    return Attempted(
        index,
        status=status,
        phase=numbers.phase,
        flags=numbers.flags,
        http_status=numbers.http_status,
        bytes_received=numbers.bytes_received,
        ended_us=numbers.settled_us,
        waiting_us=numbers.waiting_us,
    )


def _refuse(text: str) -> Never:
    raise _core.RefusedError(int(Status.INVALID_ARGUMENT), text)


def _message_of(status: Status) -> str:
    return "" if status in SUCCEEDED else _core.status_text(status)


def _bytes_of(key: Key) -> bytes:
    return key if isinstance(key, bytes) else key.encode()


def _parts_of(request: Key | Get) -> tuple[bytes, int, int, int]:
    """Key, flags, range_first and range_last."""
    if not isinstance(request, Get):
        return _bytes_of(request), 0, 0, 0
    fields = request.fields()
    return _bytes_of(fields[0]), fields[1], fields[5], fields[6]
