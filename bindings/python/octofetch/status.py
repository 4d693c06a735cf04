"""The statuses that a request can end with; docs/statuses.md says what each means."""

from enum import IntEnum


class Status(IntEnum):
    """How a request ended. The numbers are those of octofetch.h."""

    OK = 0
    NOT_MODIFIED = 1
    NOT_FOUND = 2
    FORBIDDEN = 3
    REDIRECTED = 4
    THROTTLED = 5
    SERVER_ERROR = 6
    CLIENT_ERROR = 7
    RESOLVE_FAILED = 8
    CONNECT_FAILED = 9
    TLS_FAILED = 10
    CONNECTION_LOST = 11
    PROTOCOL_ERROR = 12
    TRUNCATED = 13
    CORRUPT = 14
    RANGE_NOT_SATISFIABLE = 15
    MODIFIED = 16
    TOO_LARGE = 17
    NO_MEMORY = 18
    LOCAL_RESOURCE = 19
    NO_CREDENTIALS = 20
    INVALID_KEY = 21
    DEADLINE = 22
    CANCELLED = 23
    SHED = 24
    CIRCUIT_OPEN = 25
    CLOSED = 26
    FORKED = 27
    INTERNAL = 28
    INVALID_ARGUMENT = 64
    UNSUPPORTED = 65
    AGAIN = 66
    END = 67

    def __str__(self) -> str:
        return self.name


SUCCEEDED = frozenset({Status.OK, Status.NOT_MODIFIED})
LATE = frozenset({Status.DEADLINE, Status.SHED})
