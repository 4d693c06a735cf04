"""What include/octofetch.h promises a C caller: documented functions, and structs whose layout is fixed.

The layout is worked out for a 64-bit machine, where pointers and sizes have 8 bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidy_rules.source import Problem, Source

PATH = "include/octofetch.h"
FIXED_SIZES = {f"{sign}int{bits}_t": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)}
TYPE_SIZES = FIXED_SIZES | {"size_t": 8, "char": 1}
POINTER_SIZE = 8

FUNCTION = re.compile(r"^OCTO_API\b(?P<returned>[^;(]*?)(?P<name>\w+)\s*\([^;]*;", re.MULTILINE)
STRUCT = re.compile(r"\bstruct\s+(?P<name>\w+)\s*\{(?P<members>[^{}]*)(?P<end>[{}])")
ALIAS = re.compile(r"\btypedef\s+(?P<type>\w+)\s+(?P<name>\w+)\s*;")
FUNCTION_TYPE = re.compile(r"\btypedef\b[^;{}]*\(\s*\*\s*(?P<name>\w+)\s*\)\s*\([^;]*;")
MEMBER = re.compile(
    r"(?:const\s+)?(?P<type>(?:struct\s+|enum\s+)?\w+)(?P<stars>(?:\s*\*\s*(?:const\b)?)*)\s*"
    r"(?P<name>\w+)(?:\[(?P<count>\w+)\])?"
)

LABELS = {
    "Errors": re.compile(r"\bErrors:\s*\S"),
    "Threads": re.compile(r"\bThreads:\s*(any|one)\b"),
    "Since": re.compile(r"\bSince:\s*\d+\.\d+"),
}
OWNERSHIP = re.compile(r"\bOwnership:\s*\S")
OWNING_VERBS = re.compile(r"(create|open|submit|free|close|retain|release|describe)$")


def check(source: Source) -> Iterator[Problem]:
    if source.path == PATH:
        yield from function_problems(source)
        yield from struct_problems(source)


def function_problems(source: Source) -> Iterator[Problem]:
    comment_above = {comment.last_line + 1: "\n".join(comment.lines) for comment in source.comments}
    for function in FUNCTION.finditer(source.statements):
        name, line = function["name"], source.line_at(function.start())
        text = comment_above.get(line)
        if text is None:
            message = f"{name} has no comment; say right above it what it does, Errors:, Threads: and Since:"
            yield Problem(source.path, line, "header-comment", message)
            continue
        missing = [f"{label}:" for label, pattern in LABELS.items() if not pattern.search(text)]
        if passes_ownership(function["returned"], name) and not OWNERSHIP.search(text):
            missing.append("Ownership:")
        if missing:
            message = f"the comment of {name} lacks {', '.join(missing)} (Threads: any or one, Since: 0.1)"
            yield Problem(source.path, line, "header-comment", message)


def passes_ownership(returned: str, name: str) -> bool:
    """A returned text is a constant of the library; every other pointer belongs to somebody."""
    is_text = re.fullmatch(r"\s*const\s+char\s*\*\s*", returned)
    return bool(OWNING_VERBS.search(name)) or ("*" in returned and not is_text)


@dataclass(frozen=True)
class Layout:
    """The sizes of the types that members may have."""

    type_sizes: dict[str, int]
    constants: dict[str, int]


def layout_of(source: Source) -> Layout:
    sizes = dict(TYPE_SIZES)
    for alias in ALIAS.finditer(source.statements):
        if alias["type"] in sizes:
            sizes[alias["name"]] = sizes[alias["type"]]
    for function_type in FUNCTION_TYPE.finditer(source.statements):
        sizes[function_type["name"]] = POINTER_SIZE
    constants = re.findall(r"^#define (\w+) (\d+)u?$", source.code, re.MULTILINE)
    return Layout(sizes, {name: int(value) for name, value in constants})


def struct_problems(source: Source) -> Iterator[Problem]:
    layout = layout_of(source)
    for struct in STRUCT.finditer(source.statements):
        if struct["end"] == "{":
            message = f"{struct['name']} holds another struct or union; name its members one by one"
            yield Problem(source.path, source.line_at(struct.start("end")), "header-struct", message)
        offset, alignment_max = 0, 1
        for member in re.finditer(r"[^;]+;", struct["members"]):
            start = struct.start("members") + member.start() + leading_space(member[0])
            line = source.line_at(start)
            size, count, fault = measured(member[0].rstrip(";"), layout)
            if fault:
                yield Problem(source.path, line, "header-struct", f"{struct['name']}: {fault}")
                break
            gap = -offset % size
            if gap:
                yield padding(source, line, struct["name"], gap)
            offset += gap + size * count
            alignment_max = max(alignment_max, size)
        else:
            gap = -offset % alignment_max
            if gap:
                yield padding(source, source.line_at(struct.start("end")), struct["name"], gap)


def leading_space(text: str) -> int:
    return len(text) - len(text.lstrip())


def padding(source: Source, line: int, struct: str, gap: int) -> Problem:
    message = f"{struct}: {gap} bytes of padding before this line; reorder the members or give the gap a name"
    return Problem(source.path, line, "header-struct", message)


def measured(member: str, layout: Layout) -> tuple[int, int, str | None]:
    """Size, count and fault of one member: a size of 1 and a message where it is not allowed."""
    text = " ".join(member.split())
    if re.search(r"\(\s*\*", text):
        return POINTER_SIZE, 1, None
    found = MEMBER.fullmatch(text)
    if found is None:
        return 1, 1, f"'{text}' is not one plain member; write one declaration a line, and no bitfield or union"
    count = found["count"]
    number = 1 if count is None else int(layout.constants.get(count, count if count.isdigit() else 0))
    if number == 0:
        return 1, 1, f"'{text}' has a size that is no number; write the number or #define it here"
    if found["stars"]:
        return POINTER_SIZE, number, None
    size = layout.type_sizes.get(found["type"])
    if size is None:
        kinds = "a fixed-width integer, size_t, a pointer or an array of char"
        return 1, 1, f"'{text}' has a type whose layout is not fixed for every compiler; use {kinds}"
    return size, number, None
