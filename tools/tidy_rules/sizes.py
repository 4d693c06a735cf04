"""How long a file and a function may be.

Functions of C and C++ are found by their braces, which is right for code that clang-format has laid
out and whose braces balance whatever #if chooses. A lambda counts as part of what it stands in.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidy_rules.source import Problem, Source

FILE_LINES_MAX = 500
PUBLIC_HEADER_LINES_MAX = 799
FUNCTION_LINES_MAX = 70

ACCESS_LABEL = re.compile(r"\s*(public|private|protected)\s*:(?!:)")
ATTRIBUTE = re.compile(r"\[\[.*?\]\]|(alignas|__attribute__)\s*(\((?:[^()]|\([^()]*\))*\)|\(\(.*?\)\))")
INITIALIZER_GOES_ON = re.compile(r"\}\s*[,{]")


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    last_line: int

    @property
    def length(self) -> int:
        return self.last_line - self.line + 1


def check(source: Source) -> Iterator[Problem]:
    if source.language is None:
        return
    yield from file_problems(source)
    try:
        found = functions(source)
    except (UnbalancedError, SyntaxError) as error:
        yield Problem(source.path, 1, "function-size", f"cannot be read: {error}; mend that first")
        return
    for function in found:
        if function.length > FUNCTION_LINES_MAX:
            message = (
                f"{function.name} has {function.length} lines, the limit is {FUNCTION_LINES_MAX}; "
                "keep the branches, move plain work into functions below"
            )
            yield Problem(source.path, function.line, "function-size", message)


def file_problems(source: Source) -> Iterator[Problem]:
    lines = source.text.count("\n")
    limit = PUBLIC_HEADER_LINES_MAX if source.path == "include/octofetch.h" else FILE_LINES_MAX
    if lines > limit:
        message = f"{lines} lines, the limit is {limit}; which concept in it deserves a file?"
        yield Problem(source.path, lines, "file-size", message)


def functions(source: Source) -> list[Function]:
    if source.is_native:
        return [
            Function(span.name, source.line_at(span.start), source.line_at(span.end))
            for span in native_functions(source.statements)
        ]
    if source.language == "python":
        return [
            Function(node.name, node.lineno, node.end_lineno or node.lineno)
            for node in ast.walk(ast.parse(source.text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
    return []


class UnbalancedError(Exception):
    pass


@dataclass(frozen=True)
class Span:
    name: str
    start: int
    end: int


def native_functions(code: str) -> Iterator[Span]:
    """Walks the scopes; `head` is where the declaration now being read began."""
    closing = brace_pairs(code)
    head, position, parens = 0, 0, 0
    while position < len(code):
        character = code[position]
        if character in "()":
            parens += 1 if character == "(" else -1
        elif character == "{" and parens > 0:
            position = closing[position]
        elif character == "{":
            text = declaration(code[head:position])
            kind = classified(text)
            if kind == "scope":
                head = position + 1  # what stands inside is read next
            elif kind == "function" and not is_initializer(code, closing[position]):
                start = position - len(text.lstrip())
                yield Span(function_name(text), start, closing[position])
                position = closing[position]
                head = position + 1
            else:
                position = closing[position]
        elif character in ";}" and parens == 0:
            head = position + 1
        position += 1


def brace_pairs(code: str) -> dict[int, int]:
    closing: dict[int, int] = {}
    opened: list[int] = []
    for found in re.finditer(r"[{}]", code):
        if found[0] == "{":
            opened.append(found.start())
        elif opened:
            closing[opened.pop()] = found.start()
        else:
            raise UnbalancedError("a } has no {")
    if opened:
        raise UnbalancedError("a { has no }")
    return closing


def declaration(head: str) -> str:
    """The head without the access labels before it."""
    while label := ACCESS_LABEL.match(head):
        head = head[label.end() :]
    return head


def classified(head: str) -> str:
    text = without_template(ATTRIBUTE.sub("", head).strip())
    if re.match(r'(inline\s+)?namespace\b|extern\s+"\s*"$', text):
        return "scope"
    if re.match(r"(typedef\s+)?(class|struct|union)\b", text) and "(" not in text:
        return "scope"
    return "function" if "(" in text and not text.startswith("enum") else "initializer"


def without_template(text: str) -> str:
    """The head without `template <…>`; a < in parentheses compares."""
    while text.startswith("template"):
        depth, parens = 0, 0
        for found in re.finditer(r"[<>()]", text):
            if found[0] in "()":
                parens += 1 if found[0] == "(" else -1
            elif parens == 0:
                depth += 1 if found[0] == "<" else -1
                if depth == 0:
                    text = text[found.end() :].lstrip()
                    break
        else:
            return text
    return text


def is_initializer(code: str, close: int) -> bool:
    """In `Foo() : a_{1}, b_{2} {` a pair of braces is followed by a comma or the body."""
    return INITIALIZER_GOES_ON.match(code, close) is not None


def function_name(head: str) -> str:
    found = re.search(r"(operator\s*(\(\)|[^\s(]+)|[~\w:]+)\s*\(", without_template(head.strip()))
    return found[1] if found else "a function"
