"""Running contenders in turns, and what their runs come to."""

import json
import os
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nginx import Nginx

# Every connection has served this often before anything counts; octofetch's are all open after one page.
WARM_PAGES = 20
C_ABI = "c_abi"


@dataclass(frozen=True)
class Effort:
    """How a contest is run: on which core, over how many connections, for how long each."""

    core: int
    connections: int
    keys: int
    span_s: float
    rounds: int


@dataclass(frozen=True)
class Run:
    """What the counted pages of one run took."""

    process_us: float  # processor time of the whole process for a key
    caller_us: float  # of the threads that run the language
    keys_per_s: float
    version: str


@dataclass
class Contender:
    """All runs of one contender; `absent` says why there are none."""

    name: str
    runs: list[Run] = field(default_factory=list)
    absent: str = ""

    def spread(self, figure: str) -> tuple[float, float, float]:
        """Median, lowest and highest."""
        values = [getattr(run, figure) for run in self.runs]
        return statistics.median(values), min(values), max(values)


def run_contest(names: list[str], nginx: Nginx, scheme: str, effort: Effort, programs: "Programs") -> list[Contender]:
    """Everybody in each round, each round begun by another, so that all meet the same machine."""
    contenders = [Contender(name) for name in names]
    for turn in range(effort.rounds):
        first = turn % len(contenders)
        for contender in contenders[first:] + contenders[:first]:
            if not contender.absent:
                take_turn(contender, nginx, scheme, effort, programs)
    return contenders


def take_turn(contender: Contender, nginx: Nginx, scheme: str, effort: Effort, programs: "Programs") -> None:
    try:
        found = programs.run(contender.name, nginx, scheme, effort)
    except OSError as error:
        contender.absent = str(error)
        return
    keys = found["keys"]
    contender.runs.append(
        Run(
            found["process_s"] * 1e6 / keys,
            found["caller_s"] * 1e6 / keys,
            keys / found["wall_s"],
            found.get("version", ""),
        )
    )


@dataclass(frozen=True)
class Programs:
    """The build folder; the command that runs a contender of the language by its name, and what its environment has."""

    build: Path
    contender: list[str]
    environment: dict[str, str]

    def run(self, name: str, nginx: Nginx, scheme: str, effort: Effort, more: dict[str, object] | None = None) -> Any:
        """What a contender prints, which has a core for itself."""
        done = subprocess.run(
            self.command(name, nginx, scheme, effort) + words(more or {}),
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, {effort.core}),
        )
        if done.returncode != 0:
            raise OSError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
        return json.loads(done.stdout)

    def command(self, name: str, nginx: Nginx, scheme: str, effort: Effort) -> list[str]:
        asked = {
            "url": nginx.url(scheme),
            "connections": effort.connections,
            "objects": nginx.objects,
            "object-bytes": nginx.object_bytes,
            "keys": effort.keys,
            "warm-pages": WARM_PAGES,
            "span": effort.span_s,
        }
        if scheme == "https":
            asked["ca-file"] = nginx.ca_file
        if name == C_ABI:
            return [str(self.build / "bench/contenders/c_abi"), *words(asked)]
        asked |= {"bucket": nginx.bucket, "object-byte-sum": nginx.object_byte_sum}
        return [*self.contender, name, *words(asked)]


def words(asked: dict[str, object]) -> list[str]:
    return [word for name, value in asked.items() for word in (f"--{name}", str(value))]
