"""For the tests of programs that use octofetch: a client that answers from a dictionary, and a server that misbehaves.

    client = FakeClient({"a.jpg": b"..."}, late=["slow.jpg"], errors={"broken.jpg": Status.SERVER_ERROR})

It has the real types, words and errors, blocking and awaited, and neither threads nor sockets nor waiting: a batch is
frozen as soon as it is submitted. What only the library checks, such as header names, it takes as it is.
`Origin` is for what a fake cannot show: real connections, real deadlines, and an origin that breaks both.
"""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from octofetch import _core
from octofetch.attempts import Attempted
from octofetch.client import Client, Engine
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


class FakeClient(Client):
    """Answers with `objects`: keys in `late` miss the deadline, those in `errors` end so, all others are missing."""

    def __init__(
        self,
        objects: Mapping[Key, bytes],
        *,
        late: Iterable[Key] = (),
        errors: Mapping[Key, Status] | None = None,
        headers_of: Mapping[Key, Mapping[str, str]] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._answers = Answers(objects, late, errors or {}, headers_of or {})
        super().__init__(URL, **options)

    def _open(self, options: list[tuple[str, str]]) -> Engine:
        return FakeEngine(_core.Client(self.url, options), self._answers)


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

    def plain(self, request: Key | Get, budget_us: int) -> Plain:
        key, flags, first, last = _parts_of(request)
        status = self._statuses.get(key, Status.OK if key in self._objects else Status.NOT_FOUND)
        body: bytes | None = self._objects[key] if status == Status.OK else None
        whole_size = 0 if body is None else len(body)
        if body is not None and flags & (_RANGE | _RANGE_FROM | _RANGE_SUFFIX):
            body = body[-last:] if flags & _RANGE_SUFFIX else body[first : last + 1 if flags & _RANGE else None]
            flags = PARTIAL
        else:
            flags = 0
        is_settled = status not in _UNSETTLED
        numbers = Numbers(
            phase=_QUEUED if status == Status.SHED else _RECEIVING if is_settled else _WAITING,
            flags=flags | (SETTLED if is_settled else 0),
            http_status=206 if flags & PARTIAL else _HTTP.get(status, 0),
            attempts=0 if status == Status.SHED else 1,
            bytes_received=0 if body is None else len(body),
            object_size=whole_size,
            settled_us=0 if is_settled else budget_us,
            waiting_us=0 if is_settled else budget_us,
        )
        message = "" if status in SUCCEEDED else _core.status_text(status)
        headers = self._headers.get(key, {}) if status in SUCCEEDED else {}
        return int(status), pack_numbers(numbers), pack_texts(Texts(message=message), headers), body


class FakeEngine:
    """Stands in for `_core.Client`; a real one, which starts nothing until it fetches, knows the options."""

    def __init__(self, real: _core.Client, answers: Answers) -> None:
        self._real = real
        self._answers = answers
        self._counts = {"batches": 0, "batches_complete": 0, "batches_deadline": 0, "requests": 0, "requests_ok": 0}
        self._worst: deque[dict[str, Any]] = deque(maxlen=_WORST_MAX)
        self._is_draining = False
        self.set, self.get, self.set_credentials, self.close = real.set, real.get, real.set_credentials, real.close

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
        self._real.get("name")  # says CLOSED when it is
        if self._is_draining:
            raise _core.RefusedError(int(Status.CLOSED), "the client is closed or draining")
        if budget_us is None:
            budget_us = max(0, (deadline_ns or 0) - _core.now_ns()) // _NS_PER_US
        records = [self._answers.plain(request, budget_us) for request in requests]
        batch = FakeBatch(requests, records, budget_us, keeps_attempts)
        state = batch.describe()[0]
        self._counts["batches"] += 1
        self._counts["batches_complete" if state == Status.OK else "batches_deadline"] += 1
        self._counts["requests"] += len(requests)
        self._note_worst(batch)
        self._counts["requests_ok"] += sum(record[0] == Status.OK for record in records)
        return batch

    def warm(self, connections: int, wait_us: int, /) -> None:
        """There is nothing to open."""

    def drain(self, wait_us: int, /) -> int:
        self._is_draining = True
        return int(Status.OK)

    def stats(self) -> dict[str, int]:
        return self._real.stats() | self._counts

    def explain(self, kind: int, /) -> str:
        return json.dumps(json.loads(self._real.explain(kind)) | {"worst": list(self._worst)})

    def _note_worst(self, batch: "FakeBatch") -> None:
        """The library puts the worst first; here the newest is."""
        state, settled, ok, missing, late, failed, budget_us, frozen_us, *_ = batch.describe()
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
    """Stands in for `_core.Batch`; frozen from the beginning."""

    def __init__(
        self, requests: tuple[Key | Get, ...], records: list[Plain], budget_us: int, keeps_attempts: bool
    ) -> None:
        self._keeps_attempts = keeps_attempts
        self._requests = requests
        self._records = records
        self._budget_us = budget_us
        settled = [index for index, record in enumerate(records) if record[0] not in _UNSETTLED]
        unsettled = [index for index, record in enumerate(records) if record[0] in _UNSETTLED]
        self._settled_count = len(settled)
        self._order = settled + unsettled

    def __len__(self) -> int:
        return len(self._records)

    def wait(self, wait_us: int, /) -> int:
        return int(Status.OK)

    def results(self, result_type: type[Result], size_max: int, /) -> list[Result]:
        pairs = zip(self._requests, self._records, strict=True)
        return [result_type(key_of(request), record, size_max) for request, record in pairs]

    def take_settled(
        self, result_type: type[Result], size_max: int, wait_us: int, /
    ) -> tuple[int, list[tuple[int, Result]]]:
        taken, self._order = self._order, []
        made = self.results(result_type, size_max)
        return int(Status.OK if taken else Status.END), [(index, made[index]) for index in taken]

    def is_frozen(self) -> bool:
        return True

    def describe(self) -> tuple[int, int, int, int, int, int, int, int, int, int]:
        statuses = [Status(record[0]) for record in self._records]
        ok, missing, late = (
            sum(status in group for status in statuses) for group in (SUCCEEDED, {Status.NOT_FOUND}, LATE)
        )
        state = Status.OK if self._settled_count == len(self) else Status.DEADLINE
        frozen_us = 0 if state == Status.OK else self._budget_us
        body_size = sum(0 if body is None else len(body) for *_, body in self._records)
        failed = len(self) - ok - missing - late
        return state, self._settled_count, ok, missing, late, failed, self._budget_us, frozen_us, 0, body_size

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
        """It is frozen already."""


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


def _bytes_of(key: Key) -> bytes:
    return key if isinstance(key, bytes) else key.encode()


def _parts_of(request: Key | Get) -> tuple[bytes, int, int, int]:
    """Key, flags, range_first and range_last."""
    if not isinstance(request, Get):
        return _bytes_of(request), 0, 0, 0
    fields = request.fields()
    return _bytes_of(fields[0]), fields[1], fields[5], fields[6]
