"""A client's options: keywords from the library's table, the environment's defaults below them, and where each is from.

`ClientOptions` is for type checkers; a test compares it with the table, which alone says what exists at run time.
"""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple, TypedDict

from octofetch import _core, aws
from octofetch.request import header_lines_of
from octofetch.roots import find_roots
from octofetch.spans import budget_to_us, to_us

Duration = float | timedelta | str
Size = int | str

_TEXT, _BOOL, _COUNT, _SIZE, _DURATION = range(5)
_SECRET = 2
_S3 = "s3."


class ReloadableOptions(TypedDict, total=False):
    """What `Client.set` may change while the client is open."""

    budget: Duration
    memory_max: Size


class ClientOptions(ReloadableOptions, total=False):
    """What `Client` takes; docs/options.md describes each. Spans are seconds, a timedelta or a text such as "300ms"."""

    name: str
    connections_max: int
    connect_timeout: Duration
    connect_next_after: Duration
    queue_max: int
    batch_requests_max: int
    object_size_max: Size
    idle_max: Duration
    dns_refresh: Duration
    dns_keep: Duration
    dns_addresses: str | Iterable[str]
    orphan_size_max: Size
    orphan_time_max: Duration
    threads_idle: Duration
    tls_ca_file: str | os.PathLike[str]
    tls_ca_directory: str | os.PathLike[str]
    tls_ca_pem: str
    headers: str | Mapping[str, str]
    user_agent: str
    key_dot_segments: bool
    response_unframed: bool
    region: str
    endpoint: str
    addressing: str
    dual_stack: bool
    access_key_id: str
    secret_access_key: str
    session_token: str
    unsigned: bool
    plain_http: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the library's table. `keyword` is the name in Python: without dots, and without what says "of s3"."""

    name: str
    keyword: str
    type: int
    is_secret: bool


class OptionValue(NamedTuple):
    """The value in force, secrets as "***", and where it is from: keyword, a variable, or default."""

    value: str
    source: str


class Chosen(NamedTuple):
    """A value on its way to the library."""

    row: Row
    text: str
    source: str


@cache
def rows() -> dict[str, Row]:
    """The table by keyword."""
    table = (
        Row(name, name.removeprefix(_S3).replace(".", "_"), type_, bool(flags & _SECRET))
        for name, type_, *_, flags in _core.describe_options()
    )
    return {row.keyword: row for row in table}


def row_of(keyword: str) -> Row:
    found = rows().get(keyword)
    if found is not None:
        return found
    if keyword == "timeout":
        raise TypeError("timeout is no option; a batch has a budget, and connecting has connect_timeout")
    nearest = difflib.get_close_matches(keyword, rows(), 1)
    raise TypeError(f"there is no option {keyword}{f'; did you mean {nearest[0]}?' if nearest else ''}")


def chosen(url: str, keywords: Mapping[str, object], has_credentials: bool = False) -> list[Chosen]:
    """What a client is opened with: keywords before OCTOFETCH_<NAME>_<OPTION> before OCTOFETCH_<OPTION>.

    Below them stands what AWS's variables say of an s3 client, and where the roots for TLS are. `has_credentials` says
    that those of options and variables do not count.
    """
    given = {keyword: Chosen(row_of(keyword), "", "keyword") for keyword in keywords}
    found = [one._replace(text=to_text(one.row, keywords[keyword])) for keyword, one in given.items()]
    is_s3 = url[:3].lower() == "s3:"
    name = keywords.get("name") or os.environ.get("OCTOFETCH_NAME")
    prefixes = ["OCTOFETCH_"] if not isinstance(name, str) else [f"OCTOFETCH_{_variable(name)}_", "OCTOFETCH_"]
    for keyword, row in rows().items():
        # Options of s3 mean nothing to other clients of this process.
        is_for_us = is_s3 or not row.name.startswith(_S3)
        if keyword not in given and is_for_us and not (has_credentials and keyword in aws.CREDENTIALS):
            found += _from_environment(row, prefixes)
    if is_s3:
        # `unsigned=False` says as much as nothing.
        taken = {one.row.keyword for one in found if one.row.keyword != "unsigned" or one.text not in ("false", "0")}
        taken.update(aws.CREDENTIALS if has_credentials else ())
        found += [Chosen(row_of(keyword), text, variable) for keyword, text, variable in aws.defaults(taken)]
    return found + _roots(found) if _is_secure(url, found) else found


def _is_secure(url: str, found: Iterable[Chosen]) -> bool:
    endpoint = next((one.text for one in found if one.row.keyword == "endpoint"), "")
    return url.lower().startswith("https:") or (url[:3].lower() == "s3:" and not endpoint.lower().startswith("http:"))


def _roots(found: Iterable[Chosen]) -> list[Chosen]:
    if any(one.text for one in found if one.row.keyword in ("tls_ca_file", "tls_ca_directory", "tls_ca_pem")):
        return []
    roots = find_roots()
    if roots is None:  # the library looks for itself, and says where it did
        return []
    named = [
        ("tls_ca_file", roots.file, roots.file_source),
        ("tls_ca_directory", roots.directory, roots.directory_source),
    ]
    return [Chosen(row_of(keyword), path, source) for keyword, path, source in named if path]


def _from_environment(row: Row, prefixes: list[str]) -> list[Chosen]:
    for prefix in prefixes:
        variable = prefix + _variable(row.name)
        # An empty one is as good as none, as for AWS's.
        if text := os.environ.get(variable):
            return [Chosen(row, text, variable)]
    return []


def _variable(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def to_text(row: Row, value: object) -> str:
    """As the library takes it; what a text says, the library checks."""
    if isinstance(value, str):
        return value
    if row.type == _BOOL and isinstance(value, bool):
        return "true" if value else "false"
    if row.type == _DURATION and isinstance(value, int | float | timedelta):
        return f"{budget_to_us(value) if row.keyword == 'budget' else to_us(value, row.keyword)}us"
    if row.type == _COUNT and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if row.type == _SIZE and isinstance(value, int) and not isinstance(value, bool):
        return f"{value}B"
    if row.type == _TEXT and isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if row.keyword == "headers" and isinstance(value, Mapping):
        return header_lines_of(value)
    if row.keyword == "dns_addresses" and isinstance(value, Iterable):
        return ",".join(value)
    wanted = ("a text", "True or False", "a number", "a number of bytes or a text such as '64KiB'", "seconds")[row.type]
    raise TypeError(f"{row.keyword} is {wanted}, not {type(value).__name__}")


# The units in which the library writes values back.
_UNITS = {
    "B": 1,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
    "TiB": 1 << 40,
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
}


def read_size(text: str) -> int:
    """Bytes, of a value as `_core.Client.get` writes it."""
    number = text.rstrip("BKMGTi")
    return int(number) * _UNITS[text[len(number) :]]


def read_duration_us(text: str) -> int:
    number = text.rstrip("minus")
    return int(number) * _UNITS[text[len(number) :]]
