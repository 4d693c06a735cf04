"""The file that the report is drawn from, written anew after each run: what was measured is not lost."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conditions import processor

from replay.contender import Contender
from replay.figures import BIN_S, Figures
from replay.parameters import Parameters
from replay.targets import targets


class Measurement:
    def __init__(self, path: Path, contenders: Sequence[Contender], parameters: Parameters, is_quick: bool) -> None:
        self._path = path
        self._contenders = contenders
        self._parameters = parameters
        self._is_quick = is_quick
        self._conditions = conditions()
        self._versions: dict[str, dict[str, str]] = {}
        self.capacity_keys_per_s = 0.0
        self.loads: list[Figures] = []
        self.stories: list[Figures] = []

    def add_versions(self, contender: Contender, versions: dict[str, str]) -> None:
        self._versions[contender.name] = versions

    @property
    def base_keys_per_s(self) -> float:
        """The load of the story, which its spike multiplies."""
        return rounded(self._parameters.base_of_capacity * self.capacity_keys_per_s)

    @property
    def targets(self) -> list[Figures]:
        own = [contender.name for contender in self._contenders if contender.own]
        return targets(own, self.loads, self.stories)

    def write(self) -> None:
        text = json.dumps(self._content(), indent=1)
        beside = self._path.with_suffix(".new")
        beside.write_text(text + "\n")
        beside.replace(self._path)

    def _content(self) -> dict[str, Any]:
        return {
            "format": 1,
            "quick": self._is_quick,
            "conditions": {**self._conditions, "versions": self._versions},
            "parameters": self._shown_parameters(),
            "contenders": [
                {"name": one.name, "title": one.title, "language": one.language, "own": one.own, "reason": one.reason}
                for one in self._contenders
            ],
            "loads": self.loads,
            "stories": self.stories,
            "targets": self.targets,
        }

    def _shown_parameters(self) -> dict[str, Any]:
        asked = self._parameters
        brown_out = next(phase for phase in asked.phases if phase.slow_down != 1)
        limited = next(phase for phase in asked.phases if phase.rate_max is not None)
        assert limited.rate_max is not None
        return {
            "budget_ms": asked.budget_ms,
            "connections": asked.connections,
            "keys_min": asked.keys_min,
            "keys_max": asked.keys_max,
            "object_bytes": asked.object_bytes,
            "objects": asked.objects,
            "zipf_exponent": asked.zipf_exponent,
            "latency": asked.latency,
            "capacity_keys_per_s": self.capacity_keys_per_s,
            "repeats": asked.repeats,
            "cache_objects": asked.cache_objects,
            "bin_s": BIN_S,
            "brown_out": {"factor": brown_out.slow_down, "span_s": brown_out.span_s},
            "slow_down_above_keys_per_s": round(limited.rate_max * self.base_keys_per_s),
        }


def rounded(value: float) -> float:
    """To two digits."""
    return float(f"{value:.2g}")


def conditions() -> dict[str, Any]:
    return {
        "machine": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        "load_before": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit(),
    }


def commit() -> str:
    """With a plus where files differ from it."""
    asked = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"
