"""A source file as the rules see it: its language, its comments, and its C or C++ code alone.

Not a parser: strings and comments are told from code, the rest is left to each rule. A Source is
read once and never changes.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

NATIVE = {".c", ".cc", ".cpp", ".h", ".hpp"}
LANGUAGES = dict.fromkeys(NATIVE, "native") | {".py": "python", ".sh": "shell", ".cmake": "cmake"}
LANGUAGES_BY_NAME = {"dev": "shell", ".ci/run": "shell"}

# A comment, a string, a character or a number (whose ' separates digits), in this order.
NATIVE_TOKEN = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | (?<!\w)\d(?:'?[\w.])*
      | '(?:\\.|[^'\\\n])+'""",
    re.DOTALL | re.VERBOSE,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
HASH_COMMENT = re.compile(r"(?:^|\s)#(?!!)(.*)")


@dataclass(frozen=True, order=True)
class Problem:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Comment:
    """A block comment, or line comments that follow each other; lines are without their marks."""

    line: int
    lines: tuple[str, ...]

    @property
    def last_line(self) -> int:
        return self.line + len(self.lines) - 1


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @property
    def language(self) -> str | None:
        name = PurePosixPath(self.path)
        if name.name == "CMakeLists.txt":
            return "cmake"
        return LANGUAGES_BY_NAME.get(self.path) or LANGUAGES.get(name.suffix)

    @property
    def is_native(self) -> bool:
        return self.language == "native"

    @cached_property
    def code(self) -> str:
        """C or C++ with comments and the insides of strings blanked; lines and columns stay."""
        return NATIVE_TOKEN.sub(lambda token: blank_token(token[0]), self.text)

    @cached_property
    def statements(self) -> str:
        """The code with preprocessor directives blanked as well."""
        return DIRECTIVE.sub(lambda directive: blanked(directive[0]), self.code)

    @cached_property
    def comments(self) -> list[Comment]:
        if self.language == "native":
            return joined(native_comments(self.text))
        if self.language == "python":
            return joined(python_comments(self.text))
        return joined(hash_comments(self.text))

    def line_at(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


def blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def blank_token(token: str) -> str:
    if token.startswith("/"):
        return blanked(token)
    if token[0].isdigit():
        return token
    return token[0] + blanked(token[1:-1]) + token[-1]


@dataclass(frozen=True)
class Piece:
    """A comment as written; only one that stands alone on its line joins the one above it."""

    line: int
    lines: tuple[str, ...]
    stands_alone: bool


def native_comments(text: str) -> Iterator[Piece]:
    for token in NATIVE_TOKEN.finditer(text):
        comment = token["comment"]
        if comment is None:
            continue
        before = text[text.rfind("\n", 0, token.start()) + 1 : token.start()]
        if comment.startswith("//"):
            lines = [line.removeprefix("//").lstrip("/!<") for line in comment.split("\n")]
        else:
            inner = comment[2:-2].lstrip("*!<")
            lines = [re.sub(r"^\s*\* ?", "", line) for line in inner.split("\n")]
        line = text.count("\n", 0, token.start()) + 1
        is_line = comment.startswith("//")
        yield Piece(line, tuple(lines), is_line and not before.strip())


def python_comments(text: str) -> Iterator[Piece]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("#!"):
            alone = not token.line[: token.start[1]].strip()
            yield Piece(token.start[0], (token.string.lstrip("#"),), alone)


def hash_comments(text: str) -> Iterator[Piece]:
    for number, line in enumerate(text.split("\n"), 1):
        found = HASH_COMMENT.search(line)
        if found:
            yield Piece(number, (found[1],), not line[: found.start()].strip())


def joined(pieces: Iterator[Piece]) -> list[Comment]:
    comments: list[Comment] = []
    may_join = False
    for piece in pieces:
        last = comments[-1] if comments else None
        if last and may_join and piece.stands_alone and piece.line == last.last_line + 1:
            comments[-1] = Comment(last.line, last.lines + piece.lines)
        else:
            comments.append(Comment(piece.line, piece.lines))
        may_join = piece.stands_alone
    return comments
