"""The nginx of the benchmarks as a child process, on a core of its own."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Nginx:
    """Where it serves `objects` objects, o0, o1 and so on, at the root and below `bucket`."""

    http: str
    https: str
    ca_file: str
    bucket: str
    version: str
    objects: int
    object_bytes: int
    object_byte_sum: int

    def url(self, scheme: str) -> str:
        return self.https if scheme == "https" else self.http


@contextmanager
def nginx_on(core: int, build: Path) -> Iterator[Nginx]:
    program = build / "bench/contenders/nginx_main"
    process = subprocess.Popen([program, str(core)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Nginx(**json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait()
