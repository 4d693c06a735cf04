"""The layer table of ARCHITECTURE.md: which part of the project may include which.

Read from the #include lines alone. Project headers are written from their source root (core/ or
include/), so that an include names its layer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tidy_rules.source import Problem, Source

PUBLIC_HEADER = "octofetch.h"

# The one header of transport that does not know libcurl or libuv: what schedule may see.
TRANSPORT_SEAM = "transport/seam.hpp"

LEAVES = {"auth", "cache", "resilience", "metrics"}
LAYERS: dict[str, set[str]] = {
    "base": set(),
    "auth": {"base"},
    "cache": {"base"},
    "resilience": {"base"},
    "metrics": {"base"},
    "transport": {"base", "metrics"},
    "batch": {"base", "metrics"},
    "schedule": {"base", "batch", TRANSPORT_SEAM, *LEAVES},
    "client": {"base", "batch", "transport", "schedule", PUBLIC_HEADER, *LEAVES},
    "capi": {"base", "batch", "client", PUBLIC_HEADER},
}

# Parts that are outside the core and see the public header alone.
OUTSIDE = ("bindings/", "cli/", "examples/")


@dataclass(frozen=True)
class Library:
    header: str  # a regular expression
    name: str
    files: str  # a regular expression: the files of core/ that may include it


LIBRARIES = (
    Library(r"curl/", "libcurl", r"transport/"),
    Library(r"uv(/|\.h$)", "libuv", r"transport/|client/(loop|mailbox)\w*\.(hpp|cpp)$"),
    Library(r"openssl/ssl\.h$", "libssl", r"transport/"),
    Library(r"openssl/", "libcrypto", r"(transport|auth)/"),
    Library(r"(pugixml|nlohmann|fmt|ini\.h|INIReader)", "a third-party library", r"(?!base/)"),
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


@dataclass(frozen=True)
class Include:
    header: str
    is_quoted: bool
    line: int


def check(source: Source, paths: frozenset[str]) -> Iterator[Problem]:
    """`paths` are all files of the project, so that a header's own neighbours are known."""
    if not source.is_native:
        return
    for include in includes(source):
        if source.path.startswith("core/"):
            message = core_message(source.path.removeprefix("core/"), include)
        elif source.path.startswith("include/"):
            message = standard_only_message(include.header)
        elif source.path.startswith(OUTSIDE):
            message = outside_message(source.path, include.header, paths)
        else:
            message = None
        if message:
            yield Problem(source.path, include.line, "layers", message)


def includes(source: Source) -> Iterator[Include]:
    for found in INCLUDE.finditer(source.text):
        is_code = source.code[found.start() : found.end()].lstrip().startswith("#")
        if is_code:
            yield Include(found[2], found[1] == '"', source.line_at(found.start(2)))


def core_message(path: str, include: Include) -> str | None:
    layer, header = path.split("/")[0], include.header
    if layer not in LAYERS:
        return f"core/{layer} has no row in the layer table; move the file into a layer"
    for library in LIBRARIES:
        if re.match(library.header, header):
            return None if re.match(library.files, path) else library_message(layer, library)
    target = header.split("/")[0]
    if header == PUBLIC_HEADER or (target in LAYERS and "/" in header):
        return target_message(layer, header, target)
    if include.is_quoted:
        return f'"{header}" does not say its layer; write it from core/, as "{layer}/{header}"'
    return None


def library_message(layer: str, library: Library) -> str:
    return f"{layer} may not know {library.name}; ask the layer that owns it"


def target_message(layer: str, header: str, target: str) -> str | None:
    if layer == target or {target, header} & LAYERS[layer]:
        return None
    if target == "transport" and TRANSPORT_SEAM in LAYERS[layer]:
        return f'{layer} sees of transport only its seam; include "{TRANSPORT_SEAM}"'
    allowed = ", ".join(sorted(LAYERS[layer])) or "the standard library"
    return f'{layer} may not include "{header}"; it may include {allowed}: declare an interface here'


def standard_only_message(header: str) -> str | None:
    if re.fullmatch(r"std\w+\.h", header):
        return None
    return f"the public header includes <{header}>; it may include C's own <std….h> alone"


def outside_message(path: str, header: str, paths: frozenset[str]) -> str | None:
    folder = PurePosixPath(path).parent
    if header == PUBLIC_HEADER or str(folder / header) in paths:
        return None
    climbs_into_core = re.search(r"(^|/)core/", header)
    if climbs_into_core or header.split("/")[0] in LAYERS or f"core/{header}" in paths:
        return f'only "{PUBLIC_HEADER}" may be included here, not "{header}"; let the ABI grow'
    return None
