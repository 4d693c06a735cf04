"""Attempts: what a batch that keeps them tells of each exchange on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from octofetch import _core
from octofetch.records import REUSED, SETTLED
from octofetch.request import Key
from octofetch.spans import US_PER_S
from octofetch.status import Status


class Attempted(NamedTuple):
    """The members of octo_attempt, in its units, in the order of bindings/python/native/attempts.cpp."""

    request_index: int
    number: int = 1
    cause: int = 0
    status: int = 0
    phase: int = 0
    flags: int = 0
    http_status: int = 0
    address: str = ""
    bytes_received: int = 0
    started_us: int = 0
    ended_us: int = 0
    connecting_us: int = 0
    securing_us: int = 0
    waiting_us: int = 0
    receiving_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One exchange on the wire, as far as it had come at the freeze. Times are seconds, instants count from submit."""

    key: Key
    index: int  # of the request in its batch
    number: int  # 1 for the first of its request
    cause: str  # "first"; "next_address": the one before failed or was slow; "rerun": the reused connection was dead
    status: Status  # how it ended, CANCELLED where another address was faster; or how the batch froze
    phase: str  # where it ended
    settled: bool  # before the batch froze
    reused: bool  # it came over a connection that was open already
    http_status: int  # 0 where there was no response
    address: str
    bytes_received: int
    started: float
    ended: float
    connecting: float  # in each phase; of one that was cut only the last phase has a time
    securing: float
    waiting: float
    receiving: float


def named(plain: Attempted, keys: Sequence[Key]) -> Attempt:
    return Attempt(
        key=keys[plain.request_index],
        index=plain.request_index,
        number=plain.number,
        cause=_core.attempt_cause_name(plain.cause),
        status=Status(plain.status),
        phase=_core.phase_name(plain.phase),
        settled=bool(plain.flags & SETTLED),
        reused=bool(plain.flags & REUSED),
        http_status=plain.http_status,
        address=plain.address,
        bytes_received=plain.bytes_received,
        started=plain.started_us / US_PER_S,
        ended=plain.ended_us / US_PER_S,
        connecting=plain.connecting_us / US_PER_S,
        securing=plain.securing_us / US_PER_S,
        waiting=plain.waiting_us / US_PER_S,
        receiving=plain.receiving_us / US_PER_S,
    )
