"""How the packed parts of `octofetch._core.Record` are read and written.

A record can be made of plain values, `(status, numbers, texts, body)`, so that it can be pickled and made by
`octofetch.testing`. What is packed is unpacked when somebody asks for it. Not for users: `Result` reads it.
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

Plain = tuple[int, bytes, bytes, bytes | None]

SETTLED = 1
REUSED = 2
HEDGED = 4
PARTIAL = 8


class Numbers(NamedTuple):
    """The numbers of `octo_result`, in the order of bindings/python/native/record.cpp."""

    source: int = 0
    phase: int = 0
    flags: int = 0
    http_status: int = 0
    attempts: int = 0
    bytes_received: int = 0
    object_size: int = 0
    settled_us: int = 0
    since_us: int = 0
    queued_us: int = 0
    resolving_us: int = 0
    connecting_us: int = 0
    securing_us: int = 0
    waiting_us: int = 0
    receiving_us: int = 0


class Texts(NamedTuple):
    """The texts of `octo_result`; an absent one is empty."""

    message: str = ""
    address: str = ""
    error_code: str = ""
    request_id: str = ""
    extended_request_id: str = ""


_NUMBERS = struct.Struct("=iiIII10Q")
_TEXT_COUNT = len(Texts._fields)


def pack_numbers(numbers: Numbers) -> bytes:
    return _NUMBERS.pack(*numbers)


def unpack_numbers(packed: bytes) -> Numbers:
    return Numbers._make(_NUMBERS.unpack(packed))


def pack_texts(texts: Texts, headers: Mapping[str, str]) -> bytes:
    pairs = (text for pair in headers.items() for text in pair)
    return "".join(f"{text}\0" for text in (*texts, *pairs)).encode()


def unpack_texts(packed: bytes) -> tuple[Texts, dict[str, str]]:
    """The texts, and the headers by their name in lower case; of a header that came twice the values are joined."""
    parts = packed.decode("utf-8", "replace").split("\0")[:-1]
    headers: dict[str, str] = {}
    for name, value in zip(parts[_TEXT_COUNT::2], parts[_TEXT_COUNT + 1 :: 2], strict=True):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Texts(*parts[:_TEXT_COUNT]), headers
