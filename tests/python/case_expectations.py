"""Compares what the library and the origin say with what a case expects; every difference names its place."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from case_format.model import Case, Frozen, Refusal, Request, Seen
from case_format.model import Result as Expected
from octofetch import Attempt, BatchError, CallError, Error, Result, Results
from octofetch.results import JSON, LINE, SVG
from origin import Origin, pattern

MESSAGE_SIZE_MAX = 400
UNSETTLED = ("DEADLINE", "CANCELLED", "CLOSED")
TEXTS = ("message", "address", "error_code", "request_id", "extended_request_id")


class CaseFailedError(Exception):
    """What is not as the case expects, at a place of the case."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}")
        self.place = place


def check_number(place: str, value: int, wanted: Any) -> None:
    if not wanted.min <= value <= wanted.max:
        raise CaseFailedError(place, f"{wanted.min} to {wanted.max} was expected, it is {value}")


def check_numbers(where: str, values: Mapping[str, int], wanted: Mapping[str, Any]) -> None:
    for name, number in wanted.items():
        check_number(f"{where}.{name}", values[name], number)


def is_sentence(text: str) -> bool:
    return bool(text) and not re.search(r"[\x00-\x1f\x7f]", text)


def check_refusal(where: str, refusal: Refusal, error: Exception | None, origin: Origin, scheme: str) -> None:
    """A mistake in the arguments that Python's own checks find is refused in their words, which test_words.py holds."""
    place = f"{where}.refused"
    if error is None:
        raise CaseFailedError(f"{place}.status", f"{refusal.status} was expected, and it was done")
    if not isinstance(error, Error):
        if refusal.status != "INVALID_ARGUMENT" or not isinstance(error, TypeError | ValueError):
            raise CaseFailedError(f"{place}.status", f"{refusal.status} was expected, it is {error!r}")
        return
    status = error.status.name if isinstance(error, CallError) else "none"
    if status != refusal.status:
        raise CaseFailedError(f"{place}.status", f"{refusal.status} was expected, it is {error!r}")
    if not is_sentence(str(error)):
        raise CaseFailedError(f"{place}.text", f"{str(error)!r} is no sentence")
    for text in refusal.contains:
        if origin.fill(text, scheme) not in str(error):
            raise CaseFailedError(f"{place}.text", f"{text!r} is not in {str(error)!r}")


def check_result(where: str, case: Case, request: Request, key: bytes, result: Result, origin: Origin) -> None:
    expect = request.expect
    status = result.status.name
    if status not in expect.statuses:
        raise CaseFailedError(f"{where}.status", f"{expect.statuses} was expected, it is {result!r} ({result.phase})")
    check_invariants(where, key, result)
    if expect.phases and result.phase not in expect.phases:
        raise CaseFailedError(f"{where}.phase", f"{expect.phases} was expected, it is {result.phase}: {result.message}")
    if expect.source is not None and result.source != expect.source:
        raise CaseFailedError(f"{where}.source", f"{expect.source} was expected, it is {result.source}")
    if status == "OK":
        check_body(f"{where}.body", case, expect, key, result)
    for name, value in expect.flags.items():
        if getattr(result, name) is not value:
            raise CaseFailedError(f"{where}.{name}", f"is {not value}")
    check_numbers(where, result.numbers._asdict(), expect.numbers)
    check_texts(where, case, expect, result, origin)


def check_texts(where: str, case: Case, expect: Expected, result: Result, origin: Origin) -> None:
    for name, texts in expect.contains.items():
        for text in texts:
            if origin.fill(text, case.scheme) not in getattr(result, name):
                raise CaseFailedError(f"{where}.{name}", f"{text!r} is not in {getattr(result, name)!r}")
    for name, text in expect.equals.items():
        if origin.fill(text, case.scheme) != getattr(result, name):
            raise CaseFailedError(f"{where}.{name}", f"{text!r} was expected, it is {getattr(result, name)!r}")
    for name, value in expect.headers:
        wanted = None if value is None else origin.fill(value, case.scheme)
        if result.headers.get(name.lower()) != wanted:
            raise CaseFailedError(f"{where}.headers.{name}", f"{wanted!r} was expected, they are {result.headers}")


def check_invariants(where: str, key: bytes, result: Result) -> None:
    """What holds for every result, whatever the case."""
    status = result.status.name
    if result.settled == (status in UNSETTLED):
        raise CaseFailedError(f"{where}.settled", f"{status} cannot be {result.settled}")
    has_body = result.body_or(b"none") is not None and result._bytes is not None
    if has_body != (status == "OK"):
        raise CaseFailedError(f"{where}.body", f"{status} and a body: {has_body}")
    if has_body and (bytes(result.view) != result.body or not result.view.readonly):
        raise CaseFailedError(f"{where}.body", "the view and the body differ")
    if not result.ok and (not is_sentence(result.message) or len(result.message.encode()) > MESSAGE_SIZE_MAX):
        raise CaseFailedError(f"{where}.message", f"{result.message!r} is no sentence")
    if (result.key if isinstance(result.key, bytes) else result.key.encode()) != key:
        raise CaseFailedError(f"{where}.key", f"the result has another key, {result.key!r}")
    if result.numbers.since_us > result.numbers.settled_us:
        raise CaseFailedError(f"{where}.since_us", "is after settled_us")
    if result.ok != (result.error is None):
        raise CaseFailedError(f"{where}.error", f"{result!r} has the error {result.error!r}")


def check_body(place: str, case: Case, expect: Expected, key: bytes, result: Result) -> None:
    wanted = expect.body
    if len(result.body) != wanted.size:
        raise CaseFailedError(place, f"{wanted.size} bytes were expected, they are {len(result.body)}")
    if wanted.kind == "text" and result.body != wanted.text.encode():
        raise CaseFailedError(place, f"{wanted.text!r} was expected, it is {result.body!r}")
    if wanted.kind == "pattern":
        name = case.base.encode() + key if wanted.of is None else wanted.of.encode()
        if result.body != pattern(name, wanted.offset, wanted.size):
            raise CaseFailedError(place, f"{wanted.size} bytes are not those of the object")


def check_attempts(where: str, requests: Sequence[Request], results: Results) -> None:
    tried: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in results.attempts():
        tried[attempt.index].append(attempt)
    for index, (request, result) in enumerate(zip(requests, results, strict=True)):
        place = f"{where}.requests[{index}].tried"
        attempts = tried[index]
        told = tuple(f"{one.cause} {one.status.name}{' reused' if one.reused else ''}" for one in attempts)
        if request.expect.tried not in ((), told):
            raise CaseFailedError(place, f"{request.expect.tried} was expected, it is {told}")
        if [one.number for one in attempts] != list(range(1, len(attempts) + 1)):
            raise CaseFailedError(place, f"they are not numbered from 1: {attempts}")
        if any(one.key != result.key or not one.started <= one.ended <= results.elapsed for one in attempts):
            raise CaseFailedError(place, f"of another key, or at another time: {attempts}")
        # Of several addresses that all failed, the result names the last one tried.
        endings = [one for one in attempts if one.status == result.status]
        if result.http_status != 0:
            endings = [one for one in endings if one.address == result.address]
        if result.settled and (len(attempts) != result.attempts or (attempts and not endings)):
            raise CaseFailedError(place, f"the result says {result.attempts} and {result.address}: {attempts}")


def check_frozen(where: str, frozen: Frozen, results: Results) -> None:
    place = f"{where}.frozen"
    if results.state.name not in frozen.states:
        text = f"{frozen.states} was expected, it is {results.state}: {results.explain()}"
        raise CaseFailedError(f"{place}.state", text)
    counts = Counter(result.status.name for result in results)
    for name, number in frozen.statuses.items():
        check_number(f"{place}.statuses.{name}", counts[name], number)
    check_numbers(place, results.info._asdict() | {"request_count": len(results)}, frozen.numbers)
    check_sums(place, results)


def check_sums(place: str, results: Results) -> None:
    info = results.info
    groups = (results.succeeded, results.missing, results.late, results.failed)
    if tuple(map(len, groups)) != (info.ok_count, info.missing_count, info.late_count, info.failed_count):
        raise CaseFailedError(f"{place}.request_count", f"{[len(group) for group in groups]} are not {info}")
    if sum(map(len, groups)) != len(results):
        raise CaseFailedError(f"{place}.request_count", f"the counts do not add up to {len(results)}")
    settled = sum(result.settled for result in results)
    if settled != info.settled_count or (results.state.name == "OK") != (settled == len(results)):
        raise CaseFailedError(f"{place}.settled_count", f"{settled} of {info.settled_count}, and {results.state}")
    if info.body_size != sum(len(result.body_or(b"")) for result in results):
        raise CaseFailedError(f"{place}.body_size", "is not the sum of the bodies")
    for kind in (LINE, JSON, SVG):
        if not results._explanation.explain(kind):
            raise CaseFailedError(f"{place}.explain", f"{kind}: nothing")
    try:
        results.raise_for_errors()
    except BatchError as error:
        if len(error.exceptions) != len(results) - info.ok_count:
            raise CaseFailedError(f"{place}.errors", repr(error)) from None


def check_seen(where: str, seen: tuple[Seen, ...], case: Case, origin: Origin) -> None:
    last = {request["path"]: request for request in origin.last_requests()} if seen else {}
    for index, wanted in enumerate(seen):
        place = f"{where}.requests[{index}]"
        found = last.get(wanted.path)
        if found is None:
            raise CaseFailedError(f"{place}.path", f"the origin saw no request of {wanted.path}")
        if wanted.target is not None and found["target"] != wanted.target:
            raise CaseFailedError(f"{place}.target", f"{wanted.target} was expected, it is {found['target']}")
        headers = {name.lower(): value for name, value in found["headers"]}
        for name, value in wanted.headers:
            text = None if value is None else origin.fill(value, case.scheme)
            if headers.get(name.lower()) != text:
                raise CaseFailedError(f"{place}.headers.{name}", f"{text!r} was expected, they are {headers}")
