"""One contender for a test: started, handed pages at their instants, and asked at its end."""

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import IO, Any

BODY_BYTES = 10240
BUCKET = "thumbnails"
END_S_MAX = 60.0
NS_PER_MS = 1_000_000
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "octo", "AWS_SECRET_ACCESS_KEY": "replay"}


@dataclass(frozen=True)
class Page:
    """What a contender tells of one."""

    page: int
    handler_ns: int
    control_ns: int
    delivered: int
    missing: list[int]
    library_ns: int | None = None


@dataclass(frozen=True)
class End:
    """How a contender ended."""

    code: int
    lines: list[str]
    errors: str

    def pages(self) -> dict[int, Page]:
        (line,) = self.lines
        return {one["page"]: Page(**one) for one in json.loads(line)["pages"]}


class Contender:
    """A running one; `ready` is its first line."""

    def __init__(self, command: list[str], origin: str, *words: str, connections: int = 64) -> None:
        told = ["--origin", origin, "--bucket", BUCKET, "--connections", str(connections), "--budget-ms", "1200"]
        self._process = subprocess.Popen(
            [*command, *told, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | CREDENTIALS,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._input: IO[str] | None = self._process.stdin
        self.ready: dict[str, Any] = json.loads(self._process.stdout.readline() or "{}")

    def ask(self, page: int, keys: list[str], budget_ms: float) -> int:
        """Gives the deadline."""
        assert self._input is not None
        deadline_ns = time.monotonic_ns() + int(budget_ms * NS_PER_MS)
        self._input.write(json.dumps({"page": page, "deadline_ns": deadline_ns, "keys": keys}) + "\n")
        self._input.flush()
        return deadline_ns

    def end(self) -> End:
        """Ends its input and waits for it; one that hangs is killed, which its code says."""
        timer = threading.Timer(END_S_MAX, self._process.kill)
        timer.start()
        output, errors = self._process.communicate()
        timer.cancel()
        return End(self._process.returncode, output.splitlines(), errors)
