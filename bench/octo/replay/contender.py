"""A contender as a child process on a core of its own; ../peers/README.md says how it is spoken to."""

import json
import os
import re
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PATIENCE_S = 60  # for an answer, and then for its end


@dataclass(frozen=True)
class Contender:
    name: str
    title: str
    language: str
    own: bool
    reason: str
    command: Sequence[str]


@dataclass(frozen=True)
class Answer:
    """What came of a page. Instants are of the monotonic clock; `library_ns` is octofetch's alone."""

    handler_ns: int
    control_ns: int
    delivered: int
    missing: Sequence[int]
    library_ns: int | None = None


class Running:
    """Ends with the `with` block, however that ends."""

    def __init__(self, contender: Contender, words: Sequence[str], environment: Mapping[str, str], core: int) -> None:
        self.contender = contender
        self._process = subprocess.Popen(
            [*contender.command, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin
        self._output = self._process.stdout
        ready = self._read_line()
        self.versions: dict[str, str] = ready["versions"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._output.close()

    @property
    def input_fd(self) -> int:
        return self._input.fileno()

    def cpu_s(self) -> float:
        """Of all its threads, those that have ended too; the kernel's own count, by its clock of the process."""
        return time.clock_gettime(~self._process.pid << 3 | 2)

    def peak_memory_mib(self) -> float:
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", text)
        assert found is not None
        return int(found[1]) / 1024

    def answers(self) -> dict[int, Answer]:
        """By the number of the page; after that it has ended."""
        self._input.close()
        found = self._read_line()["pages"]
        if self._process.wait(PATIENCE_S) != 0:
            raise OSError(f"{self.contender.name} ended with {self._process.returncode}")
        return {page.pop("page"): Answer(**page) for page in found}

    def _read_line(self) -> dict[str, Any]:
        if not select.select([self._output], [], [], PATIENCE_S)[0]:
            raise OSError(f"{self.contender.name} has said nothing for {PATIENCE_S} s")
        line = self._output.readline()
        if not line:
            raise OSError(f"{self.contender.name} ended with {self._process.wait(PATIENCE_S)} and without an answer")
        found: dict[str, Any] = json.loads(line)
        return found
