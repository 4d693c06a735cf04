"""What the replay plays, from story.json; everything that could be argued about stands there."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

STORY = Path(__file__).parent.parent / "story.json"


@dataclass(frozen=True)
class Phase:
    """A part of the story. `load` and `rate_max` are of the base, `slow_down` multiplies the origin's latencies."""

    name: str
    span_s: float
    load: float = 1.0
    slow_down: float = 1.0
    rate_max: float | None = None


@dataclass(frozen=True)
class Parameters:
    budget_ms: int
    connections: int
    keys_min: int
    keys_max: int
    objects: int
    zipf_exponent: float
    object_bytes: int
    bucket: str
    latency: dict[str, float]
    original_keys_per_s: float
    cache_objects: int
    warm_s: float
    base_of_capacity: float
    generator_lag_max_ms: float
    origin_core_busy_max: float
    repeats: int
    span_s: float
    loads_of_capacity: list[float]
    phases: list[Phase]

    @classmethod
    def read(cls, is_quick: bool) -> Self:
        story: dict[str, Any] = json.loads(STORY.read_text())
        full, quick = story.pop("full"), story.pop("quick")
        chosen = quick if is_quick else full
        phases = [Phase(**phase) for phase in chosen.pop("phases")]
        return cls(**story, **chosen, phases=phases)

    @property
    def keys_mean(self) -> float:
        return (self.keys_min + self.keys_max) / 2

    def script(self) -> dict[str, Any]:
        """Of the origin; the rate is there to be lowered in the story."""
        latency = self.latency
        return {
            "default": {"size": self.object_bytes},
            "latency": {
                "type": "lognormal",
                "median_ms": latency["median_ms"],
                "p95_ms": latency["p95_ms"],
                "tail": {
                    "share": latency["tail_share"],
                    "min_ms": latency["tail_min_ms"],
                    "max_ms": latency["tail_max_ms"],
                },
            },
            "rate_max": {
                "per_second": RATE_WITHOUT_LIMIT,
                "body": "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
                "headers": [["Content-Type", "application/xml"]],
            },
            "service_times": True,
        }


RATE_WITHOUT_LIMIT = 1e9
