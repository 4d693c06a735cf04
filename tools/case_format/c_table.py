"""Writes cases as C tables: static const structs of tests/capi/case_runner.h, so that the C runner needs no JSON."""

import json
from collections.abc import Iterable

from case_format.fields import Number
from case_format.model import Case, Frozen, Refusal, Request, Result, Seen, Step

PLAIN = frozenset(range(0x20, 0x7F)) - {ord('"'), ord("\\"), ord("?")}
PLURALS = {"status": "statuses", "seen": "seen"}
RANGE_FLAGS = {"closed": "OCTO_REQUEST_RANGE", "from": "OCTO_REQUEST_RANGE_FROM", "suffix": "OCTO_REQUEST_RANGE_SUFFIX"}


def literal(text: str | bytes) -> str:
    """A C string literal. Octal escapes, as they end after three digits whatever follows."""
    data = text.encode() if isinstance(text, str) else text
    return '"' + "".join(chr(byte) if byte in PLAIN else f"\\{byte:03o}" for byte in data) + '"'


def unsigned(value: int) -> str:
    return f"UINT64_C({value})"


class Tables:
    """Arrays and structs by their content, so that equal ones are written once; what others point to comes first."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[tuple[str, str], str] = {}

    def array(self, c_type: str, items: Iterable[str]) -> str:
        """The name of an array of these items; NULL for none."""
        body = ",\n  ".join(items)
        if not body:
            return "NULL"
        return self.intern(c_type, f"[] = {{\n  {body}\n}};")

    def record(self, c_type: str, fields: dict[str, str]) -> str:
        """The address of a struct with these fields; those that are left out are 0."""
        return "&" + self.intern(c_type, f" = {initializer(fields)};")

    def intern(self, c_type: str, rest: str) -> str:
        name = self.names.get((c_type, rest))
        if name is None:
            name = f"table_{len(self.names)}"
            self.names[(c_type, rest)] = name
            self.lines.append(f"static const {c_type} {name}{rest}")
        return name


def initializer(fields: dict[str, str]) -> str:
    return "{ " + ", ".join(f".{name} = {value}" for name, value in fields.items() if value != "NULL") + " }"


def listed(name: str, array: str, count: int) -> dict[str, str]:
    """An array and its count, as two fields: keys and key_count for `key`."""
    plural = PLURALS.get(name, f"{name}s")
    return {plural: array, f"{name}_count": str(count)} if count else {}


def write_tables(cases: list[Case]) -> str:
    """A C file that defines case_folders and case_folder_count."""
    tables = Tables()
    folders: dict[str, list[str]] = {}
    for case in cases:
        folders.setdefault(case.folder, []).append(initializer(case_fields(tables, case)))
    rows = [
        initializer({"name": literal(folder), **listed("case", tables.array("case_table", items), len(items))})
        for folder, items in folders.items()
    ]
    body = "\n".join(tables.lines)
    return (
        "/* The behaviour cases of tests/cases, written by tools/case_table.py. */\n"
        '#include "case_runner.h"\n\n'
        f"{body}\n\n"
        "const case_folder case_folders[] = {\n  " + ",\n  ".join(rows) + "\n};\n"
        f"const size_t case_folder_count = {len(rows)};\n"
    )


def case_fields(tables: Tables, case: Case) -> dict[str, str]:
    options = [header_of(name, value) for name, value in case.options]
    fields = {
        "name": literal(case.name),
        "skip": literal(case.skip["c"]) if "c" in case.skip else "NULL",
        "scheme": literal(case.scheme),
        "url": literal(case.url),
        "base": literal(case.base),
        "script": literal(case.origin),
        **listed("option", tables.array("case_header", options), len(options)),
        "open_refused": refusal_of(tables, case.open_refused),
        "next_batch_url": literal(case.next_batch_complete) if case.next_batch_complete else "NULL",
        "must_fail": literal(case.must_fail) if case.must_fail else "NULL",
    }
    steps = [initializer(step_fields(tables, step)) for step in case.steps]
    return fields | listed("step", tables.array("case_step", steps), len(steps))


def step_fields(tables: Tables, step: Step) -> dict[str, str]:
    fields = {"verb": f"CASE_{step.do.upper()}"}
    if step.batch:
        fields["batch"] = literal(step.batch)
    if step.do in ("submit", "fetch"):
        fields |= submit_fields(tables, step)
    fields["refused"] = refusal_of(tables, step.refused)
    if step.for_us is not None:
        fields |= {"has_span": "1", "span_us": unsigned(step.for_us)}
    answers = [f"OCTO_{answer}" for answer in step.answers]
    fields |= listed("answer", tables.array("octo_status", answers), len(answers))
    keys = [initializer({"data": literal(key), "size": str(len(key))}) for key in step.keys]
    fields |= listed("key", tables.array("case_key", keys), len(keys))
    if step.count is not None:
        fields["count"] = unsigned(step.count)
    if step.do == "stats":
        fields |= listed("number", numbers_of(tables, "octo_stats", step.numbers), len(step.numbers))
    if step.do == "report":
        counters = [number_of(name, "0", "0", number) for name, number in step.numbers.items()]
        fields |= listed("number", tables.array("case_number", counters), len(counters))
    seen = [initializer(seen_fields(tables, one)) for one in step.seen]
    fields |= listed("seen", tables.array("case_seen", seen), len(seen))
    texts = {"option": step.option, "value": step.value, "script": step.script}
    texts |= {"listener": step.listener, "address": step.address}
    fields |= {name: literal(text) for name, text in texts.items() if text or step.do == "set"}
    if step.drop:
        fields["drops"] = "1"
    if step.factor:
        fields["count"] = unsigned(step.factor)
    return fields


def submit_fields(tables: Tables, step: Step) -> dict[str, str]:
    requests = [initializer(request_fields(tables, request)) for request in step.requests]
    fields = listed("request", tables.array("case_request", requests), len(requests))
    fields["times"] = str(step.times)
    flags = []
    if step.budget_us is not None:
        flags.append("OCTO_BATCH_BUDGET")
        fields["budget_us"] = unsigned(min(step.budget_us, 2**64 - 1))
    if step.deadline_in_us is not None or step.deadline_ns is not None:
        flags.append("OCTO_BATCH_DEADLINE")
    if step.deadline_in_us is not None:
        fields |= {"has_deadline_in": "1", "deadline_in_us": f"INT64_C({step.deadline_in_us})"}
    if step.deadline_ns is not None:
        fields["deadline_ns"] = unsigned(step.deadline_ns)
    headers = [initializer({"name": literal(name), "value": literal(value)}) for name, value in step.headers]
    if headers:
        flags.append("OCTO_BATCH_HEADERS")
        fields |= listed("header", tables.array("octo_header", headers), len(headers))
    fields["batch_flags"] = " | ".join(flags) or "0"
    fields["frozen"] = "NULL" if step.frozen is None else frozen_of(tables, step.frozen)
    return fields


def request_fields(tables: Tables, request: Request) -> dict[str, str]:
    flags = [RANGE_FLAGS[request.range]] if request.range else []
    own = {"key": literal(request.key), "key_size": str(len(request.key))}
    for name in ("query", "version_id", "if_none_match"):
        text = getattr(request, name)
        if text is not None:
            flags.append(f"OCTO_REQUEST_{name.upper()}")
            own[name] = literal(text)
    if request.priority is not None:
        flags.append("OCTO_REQUEST_PRIORITY")
        own["priority"] = f"OCTO_PRIORITY_{request.priority.upper()}"
    if request.range is not None:
        own |= {"range_first": unsigned(request.range_first), "range_last": unsigned(request.range_last)}
    own["flags"] = " | ".join(flags) or "0"
    fields = {"request": initializer(own), "expect": result_of(tables, request.expect)}
    return fields if request.count is None else fields | {"count": str(request.count)}


def result_of(tables: Tables, result: Result) -> str:
    statuses = [f"OCTO_{status}" for status in result.statuses]
    phases = [f"OCTO_PHASE_{phase.upper()}" for phase in result.phases]
    set_flags = [f"OCTO_RESULT_{flag.upper()}" for flag, value in result.flags.items() if value]
    clear_flags = [f"OCTO_RESULT_{flag.upper()}" for flag, value in result.flags.items() if not value]
    texts = [text_of(name, text, False) for name, some in result.contains.items() for text in some]
    texts += [text_of(name, text, True) for name, text in result.equals.items()]
    headers = [header_of(name, value) for name, value in result.headers]
    fields = {
        **listed("status", tables.array("octo_status", statuses), len(statuses)),
        **listed("phase", tables.array("int32_t", phases), len(phases)),
        "flags_set": " | ".join(set_flags) or "0",
        "flags_clear": " | ".join(clear_flags) or "0",
        **listed("number", numbers_of(tables, "octo_result", result.numbers), len(result.numbers)),
        **listed("text", tables.array("case_text", texts), len(texts)),
        **listed("header", tables.array("case_header", headers), len(headers)),
        "body_kind": f"CASE_BODY_{result.body.kind.upper()}",
        "body_size": unsigned(result.body.size),
        "body_offset": unsigned(result.body.offset),
    }
    if result.source is not None:
        fields |= {"has_source": "1", "source": f"OCTO_SOURCE_{result.source.upper()}"}
    if result.tried:
        fields["tried"] = literal(", ".join(result.tried))
    if result.body.kind == "text":
        fields["body_text"] = literal(result.body.text)
    if result.body.of is not None:
        fields |= {"body_of": literal(result.body.of)}
    return tables.record("case_result", fields)


def frozen_of(tables: Tables, frozen: Frozen) -> str:
    statuses = [
        initializer({"status": f"OCTO_{name}", "min": unsigned(number.min), "max": unsigned(number.max)})
        for name, number in frozen.statuses.items()
    ]
    states = [f"OCTO_{state}" for state in frozen.states]
    fields = {
        **listed("state", tables.array("octo_status", states), len(states)),
        **listed("status", tables.array("case_status_count", statuses), len(statuses)),
        **listed("number", numbers_of(tables, "octo_batch_info", frozen.numbers), len(frozen.numbers)),
    }
    return tables.record("case_frozen", fields)


def refusal_of(tables: Tables, refusal: Refusal | None) -> str:
    if refusal is None:
        return "NULL"
    texts = [literal(text) for text in refusal.contains]
    fields = {"status": f"OCTO_{refusal.status}", **listed("text", tables.array("char *const", texts), len(texts))}
    return tables.record("case_refusal", fields)


def seen_fields(tables: Tables, seen: Seen) -> dict[str, str]:
    """The path, target and values as they stand in the report, which is JSON."""
    fields = {"path": literal(quoted(seen.path))}
    if seen.target is not None:
        fields["target"] = literal(quoted(seen.target))
    headers = [header_of(name, None if value is None else quoted(value)) for name, value in seen.headers]
    return fields | listed("header", tables.array("case_header", headers), len(headers))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def numbers_of(tables: Tables, struct: str, numbers: dict[str, Number]) -> str:
    items = [
        number_of(name, f"offsetof({struct}, {name})", f"sizeof((({struct} *)0)->{name})", number)
        for name, number in numbers.items()
    ]
    return tables.array("case_number", items)


def number_of(name: str, offset: str, size: str, number: Number) -> str:
    bounds = {"min": unsigned(number.min), "max": unsigned(number.max)}
    return initializer({"name": literal(name), "offset": offset, "size": size, **bounds})


def text_of(name: str, text: str, is_exact: bool) -> str:
    offset = f"offsetof(octo_result, {name})"
    return initializer({"name": literal(name), "offset": offset, "text": literal(text), "is_exact": str(int(is_exact))})


def header_of(name: str, value: str | None) -> str:
    return initializer({"name": literal(name), "value": "NULL" if value is None else literal(value)})
