"""Who signs the requests of an s3 client: a set of credentials, and the provider that is asked for one."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from octofetch.errors import CredentialsError
from octofetch.result import Result
from octofetch.status import Status

# Unix time in seconds has ten digits until the year 2286; more are milliseconds.
_UNIX_TIME_MAX = 10_000_000_000

# What S3 says of credentials that were good and are no more. Tokens end with a 400, deleted keys with a 403.
_REFUSED_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"}
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A set of credentials. `expires_at` is Unix time, or a datetime with its time zone; None never ends."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: float | datetime | None = None

    def __post_init__(self) -> None:
        at = self.expires_at
        if isinstance(at, datetime):
            if at.utcoffset() is None:
                raise ValueError(f"expires_at={at.isoformat()} has no time zone; write datetime(…, tzinfo=UTC)")
        elif at is not None and not 0 <= at < _UNIX_TIME_MAX:
            raise ValueError(f"expires_at={at} is no Unix time in seconds")

    @property
    def expires_at_s(self) -> int | None:
        at = self.expires_at
        return None if at is None else int(at.timestamp() if isinstance(at, datetime) else at)


Provider = Callable[[], Credentials]


def check_provider(provider: object) -> None:
    if inspect.iscoroutinefunction(provider):
        raise TypeError(
            "credentials: the provider is called on a thread of its own and cannot be awaited; "
            "pass a plain function, such as lambda: asyncio.run(provider())"
        )
    if not callable(provider):
        raise TypeError(f"credentials is a Credentials or a function that gives one, not {type(provider).__name__}")


def ask(provider: Provider) -> Credentials:
    """What the provider gives; raises what it raises, and TypeError for anything but Credentials."""
    given: object = provider()
    if inspect.iscoroutine(given):
        given.close()
    if not isinstance(given, Credentials):
        raise TypeError(f"the provider gave {type(given).__name__}, not octofetch.Credentials")
    return given


def ask_first(provider: Provider, name: str) -> Credentials:
    """As `ask`, for a client that is being opened."""
    try:
        return ask(provider)
    except Exception as error:
        raise CredentialsError(
            f"{name}: the credentials provider raised {described(error)}", Status.NO_CREDENTIALS
        ) from error


def described(error: BaseException) -> str:
    """The type of an error and where it came from. Its text stays out: it may quote what could not be parsed."""
    place = error.__traceback__
    if place is None:
        return type(error).__name__
    while place.tb_next is not None:
        place = place.tb_next
    code = place.tb_frame.f_code
    return f"{type(error).__name__} at {Path(code.co_filename).name}:{place.tb_lineno}"


def are_refused(results: Iterable[Result]) -> bool:
    """Whether the origin, or the library for it, refuses the credentials as ones that have ended."""
    return any(
        result.status == Status.NO_CREDENTIALS
        or (result.status in (Status.CLIENT_ERROR, Status.FORBIDDEN) and result.error_code in _REFUSED_CODES)
        for result in results
    )
