"""The names a case may use, read from the public header, so that a new status or field needs no change here."""

import re
from dataclasses import dataclass
from pathlib import Path

LISTENERS = (
    "http",
    "https",
    "https_expired",
    "https_self_signed",
    "https_wrong_host",
    "tls_stall",
    "tls_eof",
    "tls_alert",
    "silent",
    "refused",
    "black_hole",
)
SECURE_LISTENERS = tuple(name for name in LISTENERS if name.startswith(("https", "tls")))
PLACEHOLDERS = frozenset({"origin", "ca_file", *LISTENERS, *(f"{name}.port" for name in LISTENERS)})


@dataclass(frozen=True)
class Interface:
    """What octofetch.h offers to name."""

    statuses: frozenset[str]
    phases: frozenset[str]
    sources: frozenset[str]
    attempt_causes: frozenset[str]
    result_numbers: frozenset[str]
    batch_numbers: frozenset[str]
    stats_numbers: frozenset[str]


def read_interface(header: Path) -> Interface:
    text = header.read_text(encoding="utf-8")
    constants = re.findall(r"^  OCTO_([A-Z_]+) = \d+", text, re.MULTILINE)
    prefixes = ("TYPE_", "PHASE_", "SOURCE_", "PRIORITY_", "EXPLAIN_", "EVENT_", "ATTEMPT_")

    def named(prefix: str) -> frozenset[str]:
        own = [name.removeprefix(prefix).lower() for name in constants if name.startswith(prefix)]
        return frozenset(own or re.findall(rf"\bOCTO_{prefix}([A-Z]+) = \d+", text))

    return Interface(
        statuses=frozenset(name for name in constants if not name.startswith(prefixes)),
        phases=named("PHASE_"),
        sources=named("SOURCE_"),
        attempt_causes=named("ATTEMPT_"),
        result_numbers=members(text, "octo_result") - {"key_size", "body_size", "status", "source", "phase", "flags"},
        batch_numbers=members(text, "octo_batch_info") - {"state", "flags"},
        stats_numbers=members(text, "octo_stats"),
    )


def members(text: str, struct: str) -> frozenset[str]:
    """The members of a struct that are plain numbers."""
    found = re.search(rf"^typedef struct {struct} \{{(.*?)^\}} {struct};", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit(f"octofetch.h: there is no struct {struct}; mend tools/case_format/interface.py")
    return frozenset(re.findall(r"^  (?:u?int(?:32|64)_t|size_t|octo_status) (\w+);", found[1], re.MULTILINE))
