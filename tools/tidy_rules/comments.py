"""What every comment owes: a file opens with a sentence, nothing is left undone or switched off."""

import ast
import re
from collections.abc import Iterator

from tidy_rules.source import Comment, Problem, Source

WORDS_MIN = 3
UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
LICENCE = re.compile(r"\s*(SPDX-|Copyright\b)")
BEFORE_FIRST_COMMENT = re.compile(r"\s*(#\s*(pragma once|ifndef \w+|define \w+)[ \t]*\n\s*)*")

# Lines that are surely code: a whole statement, an opened block, a directive. A line of prose that
# only ends in a semicolon is none, nor is an example, which is set in by more than one space.
NATIVE_CODE = re.compile(
    r"""^[ ]?(?:
        (?:[\w:<>*&]+[ ]){0,3}[\w:.\[\]>-]+[ ](?:[-+|&]?=)[ ].*;   # a = b;
      | (?!\d)[\w:.>-]+\(.*\);                                     # f(a);
      | (?:if|for|while|switch)[ ]\(.*\)[ ]?\{?                    # if (a) {
      | (?:\}[ ])?else(?:[ ]if[ ]\(.*\))?[ ]\{
      | return(?:[ ][^ ]+)?;
      | \#[ ]?(?:include[ ]?[<"].*|ifn?def[ ]\w+|define[ ]\w+.*|endif)
    )$""",
    re.VERBOSE,
)


def check(source: Source) -> Iterator[Problem]:
    if source.language is None or not source.text.strip():
        return
    yield from first_comment_problems(source)
    for comment in source.comments:
        for offset, text in enumerate(comment.lines):
            line = comment.line + offset
            if found := UNDONE.search(text):
                message = f"{found[0]} in a comment; do it, or open an issue and leave it out here"
                yield Problem(source.path, line, "undone", message)
            if is_code(source, text):
                message = f"commented-out code: {text.strip()}; delete it, history keeps it"
                yield Problem(source.path, line, "dead-code", message)


def first_comment_problems(source: Source) -> Iterator[Problem]:
    what = "the first comment says in a sentence what the file is for"
    opening = opening_comment(source)
    if opening is None:
        yield Problem(source.path, 1, "first-comment", f"no comment before the code; {what}")
    elif not is_sentence(first_paragraph(opening)):
        yield Problem(source.path, opening.line, "first-comment", f"not a sentence; {what}")


def opening_comment(source: Source) -> Comment | None:
    """The comment that stands before all code; in Python the module's docstring."""
    if source.language == "python":
        return docstring(source.text) or next(iter(source.comments), None)
    for comment in source.comments:
        if all(LICENCE.match(line) or not line.strip() for line in comment.lines):
            continue
        if source.is_native:
            before = "".join(source.code.splitlines(keepends=True)[: comment.line - 1])
        else:
            lines = source.text.splitlines()[: comment.line - 1]
            before = "\n".join(line for line in lines if not line.startswith("#"))
        opens = BEFORE_FIRST_COMMENT.fullmatch(before) is not None
        return comment if opens else None
    return None


def docstring(text: str) -> Comment | None:
    body = ast.parse(text).body
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return Comment(first.lineno, tuple(first.value.split("\n")))
    return None


def first_paragraph(comment: Comment) -> str:
    lines = [line for line in comment.lines if not LICENCE.match(line)]
    return re.split(r"\n\s*\n", "\n".join(lines).strip())[0]


def is_sentence(text: str) -> bool:
    """It may begin with a name in lower case, so what tells is its length and its end."""
    return len(text.split()) >= WORDS_MIN and re.search(r"[.!?:][)\"'`]*$", text) is not None


def is_code(source: Source, text: str) -> bool:
    if source.is_native:
        return not source.path.startswith("include/") and bool(NATIVE_CODE.match(text.rstrip()))
    return source.language == "python" and is_python_code(text)


def is_python_code(text: str) -> bool:
    if text.startswith("  "):
        return False
    try:
        body = ast.parse(text.strip()).body
    except (SyntaxError, ValueError):
        return False
    plain = ast.Assign | ast.AugAssign | ast.Import | ast.ImportFrom
    return any(
        isinstance(node, plain) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) for node in body
    )
