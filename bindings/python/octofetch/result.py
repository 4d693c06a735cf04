"""How one request ended: status, body, headers, and where its time went. Immutable."""

import json
import zlib
from typing import Any, NamedTuple, NoReturn

from octofetch import _core
from octofetch.errors import DecodeError, FetchError, error_of
from octofetch.records import HEDGED, PARTIAL, REUSED, SETTLED, Numbers, Plain, Texts, unpack_numbers, unpack_texts
from octofetch.request import Key
from octofetch.status import SUCCEEDED, Status

US_PER_S = 1_000_000

_STATUSES = {int(status): status for status in Status}


class Timings(NamedTuple):
    """Seconds from submit to the end, and in each phase; of an unsettled request only the last phase has a time."""

    total: float
    queued: float
    resolving: float
    connecting: float
    securing: float
    waiting: float
    receiving: float


class Result(_core.Record):
    """How one request ended. `ok` tells whether it did well; its truth is not defined, so that nobody relies on it.

    `key` is what was asked for; `body` the bytes, made when first asked for. Where there are none, it raises why.
    """

    __slots__ = ()

    @property
    def status(self) -> Status:
        return _STATUSES[self._status]

    @property
    def ok(self) -> bool:
        """The body is there, or NOT_MODIFIED says that the one you have is right."""
        return self._status in SUCCEEDED

    @property
    def error(self) -> FetchError | None:
        """The exception that `body` would raise, or None."""
        return None if self.ok else error_of(self)

    def _why_no_body(self) -> FetchError:
        """What `body` raises."""
        return error_of(self)

    def body_or(self, default: bytes) -> bytes:
        held = self._bytes
        return default if held is None else held

    @property
    def view(self) -> memoryview:
        """The bytes without a copy, read-only."""
        held = self._buffer
        if held is None:
            raise self._why_no_body()
        return memoryview(held)

    def text(self, encoding: str | None = None) -> str:
        """The body as text, by default in the charset of its Content-Type or UTF-8; gzip and deflate are undone."""
        return self._decoded().decode(encoding or self._charset())

    def json(self) -> Any:
        """The body read as JSON; gzip and deflate are undone."""
        return json.loads(self._decoded())

    @property
    def message(self) -> str:
        """One sentence on why it ended so; empty for a body."""
        return self._unpacked()[0].message

    @property
    def headers(self) -> dict[str, str]:
        """The kept response headers by their name in lower case."""
        return self._unpacked()[1]

    @property
    def address(self) -> str:
        return self._unpacked()[0].address

    @property
    def error_code(self) -> str:
        """The origin's, such as S3's "NoSuchKey"."""
        return self._unpacked()[0].error_code

    @property
    def request_id(self) -> str:
        return self._unpacked()[0].request_id

    @property
    def extended_request_id(self) -> str:
        return self._unpacked()[0].extended_request_id

    @property
    def http_status(self) -> int:
        """0 where there was no response."""
        return self.numbers.http_status

    @property
    def phase(self) -> str:
        """Where it ended: queued, resolving, connecting, securing, waiting or receiving."""
        return _core.phase_name(self.numbers.phase)

    @property
    def source(self) -> str:
        """Where an ok result came from: origin, cache, revalidated, stale or coalesced."""
        return _core.source_name(self.numbers.source)

    @property
    def attempts(self) -> int:
        return self.numbers.attempts

    @property
    def timings(self) -> Timings:
        numbers = self.numbers
        return Timings(numbers.settled_us / US_PER_S, *(span_us / US_PER_S for span_us in numbers[-6:]))

    @property
    def settled(self) -> bool:
        """It ended before the batch froze."""
        return bool(self.numbers.flags & SETTLED)

    @property
    def reused(self) -> bool:
        return bool(self.numbers.flags & REUSED)

    @property
    def hedged(self) -> bool:
        return bool(self.numbers.flags & HEDGED)

    @property
    def partial(self) -> bool:
        """The body is a range of the object."""
        return bool(self.numbers.flags & PARTIAL)

    @property
    def numbers(self) -> Numbers:
        """All numbers of octo_result, in its units."""
        return unpack_numbers(self._numbers)

    def _unpacked(self) -> tuple[Texts, dict[str, str]]:
        return unpack_texts(self._texts)

    def _charset(self) -> str:
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip('"')
        return "utf-8"

    def _decoded(self) -> bytes:
        body = self.body
        codings = [coding.strip().lower() for coding in self.headers.get("content-encoding", "").split(",")]
        for coding in reversed(codings):
            if coding not in ("", "identity"):
                body = _inflated(body, coding, self._size_max)
        return body

    def __bool__(self) -> NoReturn:
        raise TypeError("the truth of a Result is not defined; ask for .ok")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        return self.key == other.key and self._plain() == other._plain()

    def __hash__(self) -> int:
        return hash((self.key, self._status, self._numbers, self._texts))

    def _plain(self) -> Plain:
        return self._status, self._numbers, self._texts, self._bytes

    def __reduce__(self) -> tuple[type["Result"], tuple[Key, Plain, int]]:
        return Result, (self.key, self._plain(), self._size_max)

    def __repr__(self) -> str:
        held = self._buffer
        what = f"{len(held)} bytes" if held is not None else self.message
        return f"<Result {self.key!r} {self.status}: {what}>"


def _inflated(body: bytes, coding: str, size_max: int) -> bytes:
    """Undoes one Content-Encoding; never makes more than size_max bytes of a body."""
    if coding in ("gzip", "x-gzip"):
        bits = zlib.MAX_WBITS | 16
    elif coding == "deflate":
        # Some origins leave the zlib header out (RFC 9110, 8.4.1.2); its first byte has 8 in the low half.
        bits = zlib.MAX_WBITS if body[:1] and body[0] & 0x0F == 8 else -zlib.MAX_WBITS
    else:
        raise DecodeError(f"the body is encoded as {coding!r}; gzip and deflate are undone, others by you, from .body")
    made = bytearray()
    rest = body
    while rest:
        # A gzip body may have several members, each of which takes at least its header from the rest.
        inflater = zlib.decompressobj(bits)
        try:
            made += inflater.decompress(rest, size_max - len(made) + 1)
        except zlib.error as error:
            raise DecodeError(f"the body is not the {coding} that its Content-Encoding says: {error}") from error
        if len(made) > size_max:
            raise DecodeError(f"the body becomes larger than object_size_max, {size_max} bytes; raise that option")
        if not inflater.eof:
            raise DecodeError(f"the body ends within its {coding} encoding")
        rest = inflater.unused_data
    return bytes(made)
