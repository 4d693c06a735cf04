"""What the origin of the soak does: mostly it serves, and now and then everything that goes wrong."""

from typing import Any

SIZE = 2048

# Of each prefix a share is hit; the rest of the keys are clean, so that a lost slot would show.
_FAULTS: dict[str, Any] = {
    "reset": {"type": "reset", "at": "body"},
    "reset_early": {"type": "reset", "at": "request"},
    "truncated": {"type": "close", "at": "body"},
    "slow": {"type": "drip", "bytes": 200, "every_ms": 5},
    "stalled": {"type": "stall_in_body"},
    "silent": {"type": "stall_before_headers"},
    "stray": {"type": "stray", "where": "same_segment"},
    "corrupt_chunks": {"type": "chunk_bad_size"},
}
SHARE = 0.15

PREFIXES = (*_FAULTS, "busy", "missing", "idle_closed", *("clean" for _ in range(12)))


def script() -> dict[str, Any]:
    paths: dict[str, Any] = {
        f"/{prefix}/*": {"size": SIZE, "fault": fault, "fault_share": SHARE} for prefix, fault in _FAULTS.items()
    }
    paths["/corrupt_chunks/*"]["framing"] = "chunked"
    paths["/busy/*"] = [{"status": 503, "size": 0}, {"size": SIZE}]
    paths["/missing/*"] = {"status": 404}
    paths["/idle_closed/*"] = {"size": SIZE, "fault": {"type": "idle_close", "after_ms": 50}, "fault_share": SHARE}
    return {
        "default": {"size": SIZE},
        "latency": {
            "type": "lognormal",
            "median_ms": 4,
            "p95_ms": 15,
            "tail": {"share": 0.001, "min_ms": 500, "max_ms": 2000},
        },
        "paths": paths,
    }


def keys_of(page: int, count: int) -> list[str]:
    """Of every kind, each in its share; few enough names that the origin can count them all."""
    return [f"{PREFIXES[i % len(PREFIXES)]}/{(page * count + i) % 3000}" for i in range(count)]
