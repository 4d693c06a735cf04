"""What octofetch raises. An outcome never raises by itself: asking a result for a body that it does not have does.

All of them pickle, with their result.
"""

# ruff: noqa: N818
# The names say what happened, as those of the standard library do that they also are.
from typing import TYPE_CHECKING, Self

from octofetch import _core
from octofetch.status import Status

if TYPE_CHECKING:
    from octofetch.request import Key
    from octofetch.result import Result
    from octofetch.results import Results


class Error(Exception):
    """The root of all."""


class CallError(Error):
    """A call that the library refused. `status` is the library's, the text says what to do."""

    def __init__(self, text: str, status: Status) -> None:
        super().__init__(text)
        self.status = status

    def __reduce__(self) -> tuple[type[Self], tuple[str, Status]]:
        return type(self), (str(self), self.status)


class OptionError(CallError, ValueError):
    """An address, an option or an argument that the library refuses; the text says what to write instead."""


class ClosedError(CallError, RuntimeError):
    """The client or batch was closed, or belongs to the parent of this process."""


def ended(status: int) -> ClosedError:
    name = Status(status)
    if name == Status.FORKED:
        return ClosedError("the batch belongs to the parent of this process; submit anew in the child", name)
    return ClosedError(f"the batch has ended: {_core.status_text(status)}", name)


class CredentialsError(CallError, PermissionError):
    """The credentials provider gave none when the client was opened; the cause is what it raised."""


class DecodeError(Error, ValueError):
    """A body whose Content-Encoding cannot be undone, or not within object_size_max."""


class WarmError(CallError, ConnectionError):
    """No connection could be opened, or not in time."""


class FetchError(Error):
    """Why there is no body. `result` tells the whole story."""

    def __init__(self, result: "Result") -> None:
        super().__init__(f"{result.key!r}: {result.status}: {result.message}")
        self.result = result

    @property
    def key(self) -> "Key":
        return self.result.key

    @property
    def status(self) -> Status:
        return self.result.status

    def __reduce__(self) -> tuple[type[Self], tuple["Result"]]:
        return type(self), (self.result,)


class NotModified(FetchError):
    """The version that if_none_match names is still the current one."""


class NotFound(FetchError, FileNotFoundError):
    """404 or 410."""


class Forbidden(FetchError, PermissionError):
    """401 or 403, or there are no credentials to ask with."""


class DeadlineExceeded(FetchError, TimeoutError):
    """Not there at the deadline; `result.phase` says where the time went."""


class Shed(DeadlineExceeded):
    """Not started, because it could not have finished in time or the queue was full."""


class Unreachable(FetchError, ConnectionError):
    """No connection, no trust, or a connection that broke."""


class BadResponse(FetchError, ConnectionError):
    """What came is not a whole, right response."""


class OriginError(FetchError):
    """The origin answered with a status that brings no body."""


class Throttled(OriginError):
    """429 or 503: the origin asks for less."""


class Cancelled(FetchError):
    """The batch was cancelled, or its client closed, before this request had settled."""


class LimitExceeded(FetchError):
    """A limit of this process or of the client: memory, the size of an object, descriptors."""


class InvalidKey(FetchError, ValueError):
    """The key cannot be asked of this origin."""


_BY_STATUS: dict[Status, type[FetchError]] = {
    Status.NOT_MODIFIED: NotModified,
    Status.NOT_FOUND: NotFound,
    Status.FORBIDDEN: Forbidden,
    Status.NO_CREDENTIALS: Forbidden,
    Status.REDIRECTED: OriginError,
    Status.THROTTLED: Throttled,
    Status.SERVER_ERROR: OriginError,
    Status.CLIENT_ERROR: OriginError,
    Status.RANGE_NOT_SATISFIABLE: OriginError,
    Status.MODIFIED: OriginError,
    Status.RESOLVE_FAILED: Unreachable,
    Status.CONNECT_FAILED: Unreachable,
    Status.TLS_FAILED: Unreachable,
    Status.CONNECTION_LOST: Unreachable,
    Status.CIRCUIT_OPEN: Unreachable,
    Status.PROTOCOL_ERROR: BadResponse,
    Status.TRUNCATED: BadResponse,
    Status.CORRUPT: BadResponse,
    Status.TOO_LARGE: LimitExceeded,
    Status.NO_MEMORY: LimitExceeded,
    Status.LOCAL_RESOURCE: LimitExceeded,
    Status.INVALID_KEY: InvalidKey,
    Status.DEADLINE: DeadlineExceeded,
    Status.SHED: Shed,
    Status.CANCELLED: Cancelled,
    Status.CLOSED: Cancelled,
}


def error_of(result: "Result") -> FetchError:
    return _BY_STATUS.get(result.status, FetchError)(result)


class BatchError(Error, ExceptionGroup[FetchError]):
    """What `Results.raise_for_errors` raises: an error for each result that is not ok. `results` has all of them."""

    results: "Results"

    @classmethod
    def of(cls, results: "Results") -> "BatchError":
        errors = [error for error in (result.error for result in results) if error is not None]
        made = cls(results.explain(), errors)
        made.results = results
        return made
