"""The scripted origin for tests: an HTTP and HTTPS server on the loopback that answers, and misbehaves, as it is told.

    with Origin() as origin:
        origin.script({"paths": {"/slow.jpg": {"delay_ms": 30_000}}})
        client = Client(origin.url("https"), tls_ca_file=origin.ca_file)

Public as part of `octofetch.testing`. The server is a program of its own, octo-origin, which the distribution
octofetch-testing brings; what a script may say stands in tests/origin/README.md. One object is one process; it belongs
to one thread at a time.
"""

import http.client
import json
import os
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

PROGRAM = "OCTO_ORIGIN"

_MASK = 2**64 - 1


class OriginError(Exception):
    """The origin refuses what it was told; the text is its own."""


class Origin:
    """A running octo-origin; it ends with `stop()`, with the `with` block, or with this process, however that ends."""

    def __init__(self, *, addresses: Sequence[str] = ("127.0.0.1",), program: Path | None = None) -> None:
        self._process = subprocess.Popen(
            [program or _program(), "--address", ",".join(addresses)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        ready: dict[str, Any] = json.loads(self._process.stdout.readline())
        self._process.stdout.close()
        self.ca_file = str(ready.pop("ca_file"))
        self.ports: dict[str, int] = ready

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def url(self, listener: str = "http") -> str:
        """For a Client. A listener is a way to be reached: http, https, and the others that `ports` names."""
        scheme = "https" if listener.startswith(("https", "tls")) else "http"
        return f"{scheme}://127.0.0.1:{self.ports[listener]}"

    def script(self, script: object, drop: bool = True) -> None:
        """What is answered from now on; `drop` ends the connections that are open, so that nothing old lingers."""
        self.control("PUT", "/script?drop=1" if drop else "/script", json.dumps(script))

    def counters(self) -> dict[str, int]:
        """What happened so far: requests, connections, faults that were injected, all by name."""
        lines = (line.rpartition(" ") for line in self.control("GET", "/report.txt").splitlines())
        return {name: int(value) for name, _, value in lines}

    def last_requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.control("GET", "/report"))["last_requests"]
        return found

    def control(self, method: str, path: str, body: str = "") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["control"], timeout=30)
        try:
            connection.request(method, path, body.encode(), {"Connection": "close"})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise OriginError(text)
        return text


def _program() -> Path:
    """That of the variable OCTO_ORIGIN, as the project's own tests set it, or of the installed distribution."""
    if named := os.environ.get(PROGRAM):
        return Path(named)
    try:
        from octofetch_testing import ORIGIN  # an optional distribution
    except ModuleNotFoundError:
        text = "the scripted origin is a distribution of its own: pip install octofetch-testing"
        raise ModuleNotFoundError(text, name="octofetch_testing") from None
    return ORIGIN


@lru_cache(maxsize=256)
def pattern(name: bytes, offset: int, size: int) -> bytes:
    """The bytes [offset, offset + size) of what the origin answers for a path that its script gives no body.

    `name` is the path without its first slash; the size is 1024 unless the script says another.
    """
    seed = 0xCBF29CE484222325
    for byte in name:
        seed = (seed ^ byte) * 0x100000001B3 & _MASK
    first, last = offset // 8, (offset + size + 7) // 8
    blocks = b"".join(_block(seed + index).to_bytes(8, "little") for index in range(first, last))
    return blocks[offset - 8 * first :][:size]


def _block(x: int) -> int:
    z = x + 0x9E3779B97F4A7C15 & _MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
    return z ^ z >> 31
