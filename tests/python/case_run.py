"""Runs one behaviour case: opens its client, does its steps, and looks whether all is well afterwards."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import octofetch
from case_drivers import Driver, Key
from case_expectations import (
    CaseFailedError,
    check_attempts,
    check_frozen,
    check_number,
    check_numbers,
    check_refusal,
    check_result,
    check_seen,
)
from case_format.model import PATIENCE_US, Case, Frozen, Request, Step
from case_format.model import Result as Expected
from octofetch import CallError, Client, ClosedError, Deadline, Error, Get, Range, Result, Results
from octofetch._core import now_ns
from origin import Origin, OriginError

US_PER_S = 1_000_000
CLEAN_KEYS = 10
POLL_S = 0.01
NS_MAX = 2**64 - 1


@dataclass
class Submission:
    """A batch under way or done."""

    step: Step
    where: str
    requests: list[tuple[Request, bytes]]
    batch: Any
    deadline_ns: int
    arrivals: Any = None
    seen: int = 0
    results: Results | None = None


class CaseRun:
    """One case; raises CaseFailedError at the first difference."""

    def __init__(self, case: Case, origin: Origin, driver: Driver) -> None:
        self.case = case
        self.origin = origin
        self.driver = driver
        self.client: Client | None = None
        self.submissions: list[Submission] = []

    async def run(self) -> None:
        try:
            self._origin("origin.script", lambda: self.origin.script(json.loads(self.case.origin)))
            if self._open():
                await self._run_steps()
                await self._check_idle()
        finally:
            self.submissions.clear()
            if self.client is not None:
                self.client.close(0)
            for step in self.case.steps:
                if step.do == "origin_close":
                    # The case may be about one that cannot be closed.
                    with suppress(CaseFailedError):
                        self._listener(step, "open", "origin")

    def _open(self) -> bool:
        error: Exception | None = None
        try:
            self.client = self._opened(self.case.url)
        except (Error, TypeError, ValueError) as refused:
            error = refused
        if self.case.open_refused is not None:
            check_refusal("open", self.case.open_refused, error, self.origin, self.case.scheme)
            return False
        if error is not None:
            raise CaseFailedError("open.status", repr(error))
        return True

    def _opened(self, url: str) -> Client:
        fill = self.origin.fill
        keywords: Any = {keyword(name): fill(value, self.case.scheme) for name, value in self.case.options}
        return Client(fill(url, self.case.scheme), **keywords)

    async def _run_steps(self) -> None:
        for index, step in enumerate(self.case.steps):
            await self._do(step, f"steps[{index}]")
        for submission in self.submissions:
            check_final(submission)
        if self.case.next_batch_complete is not None:
            await self._check_next_batch(self.case.next_batch_complete)

    async def _do(self, step: Step, where: str) -> None:
        verbs: dict[str, Callable[[Step, str], Any]] = {
            "submit": self._submit,
            "fetch": self._submit,
            "wait": self._wait,
            "next": self._next,
            "cancel": self._cancel,
            "drain": self._drain,
            "shutdown": self._shutdown,
            "warm": self._warm,
            "set": self._set,
            "stats": self._stats,
            "report": self._report,
        }
        verb = verbs.get(step.do)
        if verb is not None:
            await verb(step, where)
        elif step.do == "close":
            self._client.close(0)
        elif step.do == "pause":
            await self.driver.pause((step.for_us or 0) / US_PER_S)
        else:
            self._origin(f"{where}.do", lambda: self._tell_origin(step, where))

    # ------------------------------------------------------------------------------------------------ batches

    async def _submit(self, step: Step, where: str) -> None:
        requests = listed(step.requests)
        # Before the first submit: a spike is one only where its batches come together.
        keys = self.driver.keys([to_get(request, key) for request, key in requests])
        for _ in range(step.times):
            submission, error = self._submitted(step, where, requests, keys)
            if step.refused is not None:
                check_refusal(where, step.refused, error, self.origin, self.case.scheme)
            elif submission is None:
                raise CaseFailedError(f"{where}.do", repr(error))
            else:
                self.submissions.append(submission)
        if step.do == "fetch" and step.refused is None:
            for submission in self._open_batches(step.batch):
                await self._finish(submission)

    def _submitted(
        self, step: Step, where: str, requests: list[tuple[Request, bytes]], keys: list[Key]
    ) -> tuple[Submission | None, Exception | None]:
        begun_ns = now_ns()
        deadline = deadline_of(step, begun_ns)
        budget = None if step.budget_us is None else step.budget_us / US_PER_S
        try:
            batch = self.driver.submit(self._client, keys, budget, deadline, dict(step.headers))
        except (Error, TypeError, ValueError) as error:
            return None, error
        if now_ns() - begun_ns > PATIENCE_US * 1000:
            raise CaseFailedError(f"{where}.do", "submit blocked")
        ends_ns = begun_ns + (step.budget_us or 0) * 1000 if deadline is None else max(deadline.at_ns, begun_ns)
        has_end = deadline is not None or step.budget_us is not None
        return Submission(step, where, requests, batch, ends_ns if has_end else NS_MAX), None

    async def _finish(self, submission: Submission) -> None:
        results = await self.driver.results(submission.batch)
        if now_ns() > submission.deadline_ns + PATIENCE_US * 1000:
            raise CaseFailedError(f"{submission.where}.budget", "the batch froze long after its deadline")
        submission.results = results
        for index, ((request, key), result) in enumerate(zip(submission.requests, results, strict=True)):
            check_result(f"{submission.where}.requests[{index}]", self.case, request, key, result, self.origin)
        check_attempts(submission.where, [request for request, _ in submission.requests], results)
        check_frozen(submission.where, submission.step.frozen or Frozen(), results)

    def _open_batches(self, name: str) -> list[Submission]:
        """Those of the latest submit of this name."""
        named = [one for one in self.submissions if one.step.batch == name]
        return [one for one in named if one.where == named[-1].where]

    async def _wait(self, step: Step, where: str) -> None:
        for submission in self._open_batches(step.batch):
            is_frozen = True
            if step.for_us is not None:
                is_frozen = await self.driver.wait(submission.batch, step.for_us / US_PER_S)
            check_answer(where, step, "OK" if is_frozen else "AGAIN")
            if is_frozen and submission.results is None:
                await self._finish(submission)

    async def _next(self, step: Step, where: str) -> None:
        submission = self._open_batches(step.batch)[0]
        if submission.arrivals is None:
            submission.arrivals = self.driver.arrivals(submission.batch)
        taken = 0
        while step.count is None or taken < step.count:
            result = await self.driver.next(submission.arrivals)
            if result is None:
                break
            if taken < len(step.keys) and to_bytes(result.key) != step.keys[taken]:
                raise CaseFailedError(f"{where}.keys", f"{step.keys[taken]!r} was expected, it is {result.key!r}")
            taken += 1
        submission.seen += taken
        wanted = len(submission.requests) - submission.seen + taken if step.count is None else step.count
        if taken != wanted:
            raise CaseFailedError(f"{where}.{'keys' if step.count is None else 'count'}", f"{taken} came of {wanted}")

    async def _cancel(self, step: Step, where: str) -> None:
        self._open_batches(step.batch)[0].batch.cancel()

    # ------------------------------------------------------------------------------------------------- client

    @property
    def _client(self) -> Client:
        assert self.client is not None
        return self.client

    async def _drain(self, step: Step, where: str) -> None:
        check_answer(where, step, "OK" if self._client.drain((step.for_us or 0) / US_PER_S) else "AGAIN")

    async def _shutdown(self, step: Step, where: str) -> None:
        check_answer(where, step, "OK" if octofetch.shutdown((step.for_us or 0) / US_PER_S) else "AGAIN")

    async def _warm(self, step: Step, where: str) -> None:
        answer = "OK"
        try:
            self._client.warm(step.count or 1, (step.for_us or 0) / US_PER_S)
        except CallError as error:
            answer = error.status.name
        check_answer(where, step, answer)

    async def _set(self, step: Step, where: str) -> None:
        error: Exception | None = None
        options: Any = {keyword(step.option): step.value}
        try:
            self._client.set(**options)
        except (Error, TypeError, ValueError) as refused:
            error = refused
        if step.refused is not None:
            check_refusal(where, step.refused, error, self.origin, self.case.scheme)
        elif error is not None:
            raise CaseFailedError(f"{where}.do", repr(error))

    async def _stats(self, step: Step, where: str) -> None:
        await self._poll(step.for_us, lambda: check_numbers(where, self._client.stats(), step.numbers))

    async def _poll(self, for_us: int | None, check: Callable[[], None]) -> None:
        """Until it holds, or the patience is over: what another thread or process counts comes a little later."""
        end = time.monotonic() + (for_us or 0) / US_PER_S
        while True:
            try:
                return check()
            except CaseFailedError:
                if time.monotonic() >= end:
                    raise
            await self.driver.pause(POLL_S)

    # ------------------------------------------------------------------------------------------------- origin

    async def _report(self, step: Step, where: str) -> None:
        def check() -> None:
            counters = self.origin.counters() if step.numbers else {}
            for name, number in step.numbers.items():
                check_number(f"{where}.counters.{name}", counters.get(name, 0), number)
            check_seen(where, step.seen, self.case, self.origin)

        await self._poll(step.for_us, check)

    def _tell_origin(self, step: Step, where: str) -> None:
        if step.do == "origin_script":
            self.origin.script(json.loads(step.script), step.drop)
        elif step.do == "origin_drop":
            self.origin.control("POST", "/drop")
        elif step.do == "origin_slow_down":
            self.origin.control("PUT", f"/slow_down?factor={step.factor}")
        elif step.do in ("origin_close", "origin_open"):
            self._listener(step, step.do.removeprefix("origin_"), where)
        else:
            raise CaseFailedError(f"{where}.do", f"the runner does not know {step.do}")

    def _listener(self, step: Step, verb: str, where: str) -> None:
        address = f"&address={step.address}" if step.address else ""
        self._origin(f"{where}.do", lambda: self.origin.control("POST", f"/{verb}?name={step.listener}{address}"))

    def _origin(self, place: str, tell: Callable[[], object]) -> None:
        try:
            tell()
        except OriginError as error:
            raise CaseFailedError(place, f"the origin refuses it: {error}") from error

    # --------------------------------------------------------------------------------------------- afterwards

    async def _check_next_batch(self, url: str) -> None:
        """The fault is over: a batch of clean keys must come whole, over the connections that the client has."""
        self.origin.script({}, drop=False)
        for step in self.case.steps:
            if step.do == "origin_close":
                self._listener(step, "open", "next_batch_complete")
        try:
            client = self._client if url == "{origin}" else self._opened(url)
            request = Request(b"clean", Expected(), count=CLEAN_KEYS)
            keys = [key for _, key in listed((request,))]
            results = await self.driver.results(self.driver.submit(client, keys, 10, None, {}))
        except Error as error:
            raise CaseFailedError("next_batch_complete", repr(error)) from error
        if len(results.succeeded) != CLEAN_KEYS:
            raise CaseFailedError("next_batch_complete", results.explain())

    async def _check_idle(self) -> None:
        self.submissions.clear()
        gauges = ("memory_active", "memory_delivered", "slots_busy", "queued")

        def check() -> None:
            try:
                stats = self._client.stats()
            except ClosedError:
                return  # by the case
            if any(stats[name] for name in gauges):
                raise CaseFailedError("resources", f"left are {[(name, stats[name]) for name in gauges]}")

        await self._poll(PATIENCE_US, check)


def keyword(option: str) -> str:
    return option.removeprefix("s3.").replace(".", "_")


def listed(requests: tuple[Request, ...]) -> list[tuple[Request, bytes]]:
    """One by one, numbered keys written out."""
    found: list[tuple[Request, bytes]] = []
    for request in requests:
        if request.count is None:
            found.append((request, request.key))
        else:
            found += [(request, request.key + str(number).encode()) for number in range(request.count)]
    return found


def to_get(request: Request, key: bytes) -> Get | bytes:
    priority: Any = request.priority
    get = Get(key, to_range(request), request.query, request.version_id, request.if_none_match, priority)
    return get if get != Get(key) else key


def to_range(request: Request) -> Range | None:
    if request.range is None:
        return None
    if request.range == "suffix":
        return Range(suffix=request.range_last)
    return Range(first=request.range_first, last=request.range_last if request.range == "closed" else None)


def to_bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()


def deadline_of(step: Step, at_ns: int) -> Deadline | None:
    if step.deadline_in_us is not None:
        return Deadline(min(NS_MAX, max(1, at_ns + step.deadline_in_us * 1000)))
    return None if step.deadline_ns is None else Deadline(step.deadline_ns)


def check_answer(where: str, step: Step, answer: str) -> None:
    if answer not in step.answers:
        raise CaseFailedError(f"{where}.answer", f"{step.answers} was expected, it is {answer}")


def check_final(submission: Submission) -> None:
    """What was read at the freeze must still be what the library says."""
    if submission.results is None:
        return
    for result, again in zip(submission.results, submission.batch._submitted.results(Result, 0), strict=True):
        if again != result:
            raise CaseFailedError(f"{submission.where}.final", f"{result!r} changed after the freeze")
