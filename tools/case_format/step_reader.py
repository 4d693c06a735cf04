"""Reads the steps of a case and what they expect."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from case_format.fields import Fields
from case_format.interface import LISTENERS, PLACEHOLDERS, Interface
from case_format.model import BUDGET_US, OBJECT_SIZE, PATIENCE_US, Body, Frozen, Refusal, Request, Result, Seen, Step

STATES = ("OK", "DEADLINE", "CANCELLED", "CLOSED")
PRIORITIES = ("optional", "normal", "required")
RESULT_FLAGS = ("reused", "partial", "hedged")
CONTAINED_TEXTS = ("message",)
EXACT_TEXTS = ("address", "error_code", "request_id", "extended_request_id")
SEQUENCE_MAX = 100_000


class StepReader:
    """Steps by their verb: a method for each."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.verbs: dict[str, Callable[[Fields], Step]] = {
            "submit": self.read_submit,
            "fetch": self.read_submit,
            "wait": self.read_wait,
            "next": self.read_next,
            "cancel": lambda fields: Step("cancel", batch=batch_name(fields)),
            "close": lambda fields: Step("close"),
            "drain": self.read_blocking,
            "shutdown": self.read_blocking,
            "warm": self.read_warm,
            "set": self.read_set,
            "stats": self.read_stats,
            "report": self.read_report,
            "pause": self.read_pause,
            "origin_script": self.read_script,
            "origin_drop": lambda fields: Step("origin_drop"),
            "origin_close": self.read_listener,
            "origin_open": self.read_listener,
            "origin_slow_down": lambda fields: Step("origin_slow_down", factor=fields.count("factor", 1, 1)),
        }

    def read(self, fields: Fields) -> Step:
        verb = fields.text_of("do", fields.demand("do"))
        fields.check_choice("do", verb, self.verbs)
        step = self.verbs[verb](fields)
        fields.finish()
        return step

    def read_submit(self, fields: Fields) -> Step:
        refused = self.refusal(fields)
        each = self.result(fields, "each") or Result()
        requests = tuple(self.request(fields, index, item, each) for index, item in enumerate(items_of(fields)))
        budget_us, deadline_in_us, deadline_ns = deadline_of(fields)
        return Step(
            do=fields.value["do"],
            batch=batch_name(fields),
            requests=requests,
            times=fields.count("times", 1, 1),
            budget_us=budget_us,
            deadline_in_us=deadline_in_us,
            deadline_ns=deadline_ns,
            headers=fields.pairs("headers"),
            frozen=self.frozen(fields) if refused is None else None,
            refused=refused,
        )

    def request(self, step: Fields, index: int, item: Any, each: Result) -> Request:
        fields = Fields({"key": item} if isinstance(item, str) else item, step.name_of(f"requests[{index}]"))
        first, last, kind = range_of(fields)
        request = Request(
            key=key_of(fields),
            expect=self.result(fields, "expect") or each,
            count=fields.count("count", 1, 1) if fields.has("count") else None,
            query=fields.text("query"),
            version_id=fields.text("version_id"),
            if_none_match=fields.text("if_none_match"),
            priority=fields.choice("priority", PRIORITIES, "") or None,
            range=kind,
            range_first=first,
            range_last=last,
        )
        fields.finish()
        if (request.count or 1) > SEQUENCE_MAX:
            fields.fail("count", f"is more than {SEQUENCE_MAX}")
        return request

    def result(self, step: Fields, name: str) -> Result | None:
        if not step.has(name):
            step.known.add(name)
            return None
        fields = Fields(step.get(name), step.name_of(name))
        fields.known.update(CONTAINED_TEXTS + EXACT_TEXTS)
        statuses = fields.texts("status") or ("OK",)
        for status in statuses:
            fields.check_choice("status", status, self.interface.statuses)
        for phase in fields.texts("phase"):
            fields.check_choice("phase", phase, self.interface.phases)
        flags = {flag: fields.flag(flag) for flag in RESULT_FLAGS}
        if "OK" not in statuses and fields.has("body"):
            fields.fail("body", "only an OK result has a body")
        result = Result(
            statuses=statuses,
            phases=fields.texts("phase"),
            source=fields.choice("source", self.interface.sources, "") or None,
            flags={flag: value for flag, value in flags.items() if value is not None},
            numbers=fields.numbers(sorted(self.interface.result_numbers)),
            contains={name: placed_texts(fields, name) for name in CONTAINED_TEXTS if fields.has(name)},
            equals={name: placed(fields, name, fields.text(name) or "") for name in EXACT_TEXTS if fields.has(name)},
            headers=expected_headers(fields),
            tried=self.tried(fields),
            body=body_of(fields),
        )
        fields.finish()
        return result

    def tried(self, fields: Fields) -> tuple[str, ...]:
        tried = fields.texts("tried")
        for attempt in tried:
            cause, _, ending = attempt.partition(" ")
            status, *words = ending.split(" ")
            fields.check_choice("tried", cause, self.interface.attempt_causes)
            fields.check_choice("tried", status, self.interface.statuses)
            if words not in ([], ["reused"]):
                fields.fail("tried", f"'{attempt}' is not CAUSE STATUS or CAUSE STATUS reused")
        return tried

    def frozen(self, step: Fields) -> Frozen:
        if not step.has("frozen"):
            step.known.add("frozen")
            return Frozen()
        fields = Fields(step.get("frozen"), step.name_of("frozen"))
        statuses = Fields(fields.get("statuses") or {}, fields.name_of("statuses"))
        for status in statuses.value:
            statuses.check_choice(status, status, self.interface.statuses)
        for state in fields.texts("state"):
            fields.check_choice("state", state, STATES)
        frozen = Frozen(
            states=fields.texts("state") or ("OK",),
            statuses=statuses.numbers(list(statuses.value)),
            numbers=fields.numbers(sorted(self.interface.batch_numbers)),
        )
        fields.finish()
        return frozen

    def refusal(self, step: Fields) -> Refusal | None:
        if not step.has("refused"):
            step.known.add("refused")
            return None
        fields = Fields(step.get("refused"), step.name_of("refused"))
        status = fields.text_of("status", fields.demand("status"))
        fields.check_choice("status", status, self.interface.statuses)
        fields.demand("text")
        refusal = Refusal(status, placed_texts(fields, "text"))
        fields.finish()
        return refusal

    def read_wait(self, fields: Fields) -> Step:
        if fields.has("for") and not fields.has("answer"):
            fields.fail("answer", "say what a wait that may end early answers: AGAIN or OK")
        return Step("wait", batch=batch_name(fields), for_us=fields.span_us("for"), answers=self.answers(fields))

    def read_next(self, fields: Fields) -> Step:
        keys = tuple(key.encode() for key in fields.texts("keys"))
        count = fields.count("count", 0, 1) if fields.has("count") else None
        if count is not None and count < len(keys):
            fields.fail("count", "is less than there are keys")
        return Step("next", batch=batch_name(fields), keys=keys, count=count)

    def answers(self, fields: Fields) -> tuple[str, ...]:
        answers = fields.texts("answer") or ("OK",)
        for answer in answers:
            fields.check_choice("answer", answer, self.interface.statuses)
        return answers

    def read_blocking(self, fields: Fields) -> Step:
        return Step(fields.value["do"], for_us=fields.span_us("for", PATIENCE_US), answers=self.answers(fields))

    def read_warm(self, fields: Fields) -> Step:
        count = fields.count("connections", 1, 1)
        return Step("warm", for_us=fields.span_us("for", PATIENCE_US), count=count, answers=self.answers(fields))

    def read_set(self, fields: Fields) -> Step:
        option = fields.text_of("option", fields.demand("option"))
        value = fields.text_of("value", fields.demand("value"))
        return Step("set", option=option, value=value, refused=self.refusal(fields))

    def read_stats(self, fields: Fields) -> Step:
        patience_us = fields.span_us("for", PATIENCE_US)
        numbers = fields.numbers(sorted(self.interface.stats_numbers))
        if not numbers:
            fields.fail("", f"expects nothing; there are {', '.join(sorted(self.interface.stats_numbers))}")
        return Step("stats", for_us=patience_us, numbers=numbers)

    def read_report(self, fields: Fields) -> Step:
        counters = Fields(fields.get("counters") or {}, fields.name_of("counters"))
        seen = tuple(seen_of(one) for one in fields.objects("requests"))
        step = Step(
            "report",
            for_us=fields.span_us("for", PATIENCE_US),
            numbers=counters.numbers(list(counters.value)),
            seen=seen,
        )
        if not step.numbers and not seen:
            fields.fail("", "expects nothing; name counters or requests")
        return step

    def read_pause(self, fields: Fields) -> Step:
        fields.demand("for")
        return Step("pause", for_us=fields.span_us("for"))

    def read_script(self, fields: Fields) -> Step:
        script = fields.demand("script")
        if not isinstance(script, dict):
            fields.fail("script", "must be a script of octo-origin, a JSON object")
        text = json.dumps(script, separators=(",", ":"))
        return Step("origin_script", script=text, drop=fields.flag("drop") or False)

    def read_listener(self, fields: Fields) -> Step:
        listener = fields.choice("listener", LISTENERS, "")
        return Step(fields.value["do"], listener=listener, address=fields.text("address") or "")


def placed(fields: Fields, name: str, text: str) -> str:
    """The text, whose placeholders are known."""
    for placeholder in re.findall(r"\{([^{}]*)\}", text):
        if placeholder not in PLACEHOLDERS:
            fields.fail(name, f"{{{placeholder}}} is not a placeholder")
    return text


def placed_texts(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(placed(fields, name, text) for text in fields.texts(name))


def batch_name(fields: Fields) -> str:
    return fields.text("batch") or "batch"


def items_of(fields: Fields) -> list[Any]:
    items = fields.demand("requests")
    if not isinstance(items, list):
        fields.fail("requests", "must be a list of keys and requests")
    return items


def key_of(fields: Fields) -> bytes:
    """The bytes of `key` or `key_base64`, repeated `key_times`."""
    if fields.has("key") == fields.has("key_base64"):
        fields.fail("key", "give one of key and key_base64")
    times = fields.count("key_times", 1, 1)
    encoded = fields.text("key_base64")
    key = (fields.text("key") or "").encode() if encoded is None else base64.b64decode(encoded, validate=True)
    return key * times


def range_of(fields: Fields) -> tuple[int, int, str | None]:
    """{"first": 0, "last": 9}, {"first": 5} or {"suffix": 10}, as (range_first, range_last, kind)."""
    if not fields.has("range"):
        fields.known.add("range")
        return 0, 0, None
    own = Fields(fields.get("range"), fields.name_of("range"))
    first, last, suffix = own.count("first", 0), own.count("last", 0), own.count("suffix", 0)
    own.finish()
    if own.has("suffix") == own.has("first") or (own.has("suffix") and own.has("last")):
        fields.fail("range", "is first and last, first alone, or suffix")
    if own.has("suffix"):
        return 0, suffix, "suffix"
    return first, last, "closed" if own.has("last") else "from"


def deadline_of(fields: Fields) -> tuple[int | None, int | None, int | None]:
    """budget_us, deadline_in_us, deadline_ns; without any of them the usual budget, with "none" really none."""
    is_without = fields.has("budget") and fields.get("budget") == "none"
    budget_us = None if is_without else fields.span_us("budget")
    deadline_in_us = fields.span_us("deadline_in")
    absolute = fields.text("deadline_ns")
    if absolute is not None and not absolute.isdigit():
        fields.fail("deadline_ns", "must be digits in a text, as not every language reads such numbers exactly")
    if budget_us is not None and budget_us < 0:
        fields.fail("budget", "cannot be negative")
    if not is_without and (budget_us, deadline_in_us, absolute) == (None, None, None):
        budget_us = BUDGET_US
    return budget_us, deadline_in_us, None if absolute is None else int(absolute)


def expected_headers(fields: Fields) -> tuple[tuple[str, str | None], ...]:
    """{"etag": "\\"v1\\"", "x-gone": null}: null for a header that must not be there."""
    own = Fields(fields.get("headers") or {}, fields.name_of("headers"))
    texts = {name: None if own.value[name] is None else own.text(name) for name in own.value}
    return tuple((name, None if text is None else placed(own, name, text)) for name, text in texts.items())


def body_of(fields: Fields) -> Body:
    if not fields.has("body"):
        fields.known.add("body")
        return Body("pattern")
    own = Fields(fields.get("body"), fields.name_of("body"))
    kinds = [kind for kind in ("pattern", "text", "size") if own.has(kind)]
    if len(kinds) != 1:
        fields.fail("body", "is one of pattern, text and size")
    kind = kinds[0]
    offset = own.count("offset", 0) if kind == "pattern" else 0
    of = own.text("of") if kind == "pattern" else None
    text = own.text("text") or ""
    size = len(text.encode()) if kind == "text" else own.count(kind, OBJECT_SIZE)
    own.finish()
    return Body(kind, size, offset, of, text)


def seen_of(fields: Fields) -> Seen:
    path = fields.text_of("path", fields.demand("path"))
    seen = Seen(path, fields.text("target"), expected_headers(fields))
    fields.finish()
    return seen
