"""What a behaviour case says, checked and with its defaults filled in; tests/cases/README.md explains every field."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from case_format.fields import Number

# What a span or a count is when a step does not say.
BUDGET_US = 10_000_000
PATIENCE_US = 5_000_000
OBJECT_SIZE = 1024


@dataclass(frozen=True)
class Body:
    """`pattern`: bytes [offset, offset + size) of the object `of`; `text`: this text; `size`: any so many bytes."""

    kind: str
    size: int = OBJECT_SIZE
    offset: int = 0
    of: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Result:
    """How a request must end."""

    statuses: tuple[str, ...] = ("OK",)
    phases: tuple[str, ...] = ()
    source: str | None = None
    flags: dict[str, bool] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    contains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    equals: dict[str, str] = field(default_factory=dict)
    headers: tuple[tuple[str, str | None], ...] = ()
    tried: tuple[str, ...] = ()
    body: Body = field(default_factory=lambda: Body("pattern"))


@dataclass(frozen=True)
class Request:
    """A request of a batch; with a count, so many, whose keys end in 0, 1, 2..."""

    key: bytes
    expect: Result
    count: int | None = None
    query: str | None = None
    version_id: str | None = None
    if_none_match: str | None = None
    priority: str | None = None
    range: str | None = None
    range_first: int = 0
    range_last: int = 0


@dataclass(frozen=True)
class Refusal:
    status: str
    contains: tuple[str, ...]


@dataclass(frozen=True)
class Frozen:
    """How a batch must have frozen."""

    states: tuple[str, ...] = ("OK",)
    statuses: dict[str, Number] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What the origin must have seen as the last request of a path."""

    path: str
    target: str | None = None
    headers: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class Step:
    """One step; each verb uses the fields that it needs."""

    do: str
    batch: str = ""
    # submit, fetch
    requests: tuple[Request, ...] = ()
    times: int = 1
    budget_us: int | None = None
    deadline_in_us: int | None = None
    deadline_ns: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    frozen: Frozen | None = None
    # submit, fetch, set
    refused: Refusal | None = None
    # wait, next, drain, shutdown, warm, pause, stats, report
    for_us: int | None = None
    answers: tuple[str, ...] = ("OK",)
    keys: tuple[bytes, ...] = ()
    count: int | None = None
    option: str = ""
    value: str = ""
    numbers: dict[str, Number] = field(default_factory=dict)
    seen: tuple[Seen, ...] = ()
    # of the origin
    script: str = ""
    drop: bool = False
    listener: str = ""
    address: str = ""
    factor: int = 0


@dataclass(frozen=True)
class Case:
    folder: str
    file: str
    name: str
    rows: tuple[int, ...]
    why: str
    skip: dict[str, str]
    scheme: str
    url: str
    options: tuple[tuple[str, str], ...]
    origin: str
    open_refused: Refusal | None
    steps: tuple[Step, ...]
    next_batch_complete: str | None
    must_fail: str | None

    @property
    def base(self) -> str:
        """What stands before a key in the name of its object, "" or "base/"."""
        host, _, path = self.url.split("://")[-1].partition("/")
        if self.url.startswith("s3://"):
            # At an address, which is where the origin of the tests stands, the bucket is the first part of the path.
            path = f"{host}/{path}"
        path = unquote(path.strip("/"))
        return f"{path}/" if path else ""


Json = dict[str, Any]
