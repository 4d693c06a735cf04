"""The scripted origin as a child process, for tests: its ports, its script, what it saw, and its pattern bodies."""

import http.client
import json
import os
import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

ADDRESSES = "127.0.0.1,127.0.0.2"
PROGRAM = "OCTO_ORIGIN"

_MASK = 2**64 - 1


class OriginError(Exception):
    """The origin refuses what it was told; the text is its own."""


class Origin:
    """octo-origin, which ends with this object's stop()."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program, "--address", ADDRESSES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        ready: dict[str, Any] = json.loads(self._process.stdout.readline())
        self._process.stdout.close()
        self.ca_file = str(ready.pop("ca_file"))
        self.ports: dict[str, int] = ready

    @classmethod
    def started(cls) -> Self:
        """Of the program that the variable OCTO_ORIGIN names, as ctest sets it."""
        return cls(Path(os.environ[PROGRAM]))

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def url(self, listener: str) -> str:
        scheme = "https" if listener.startswith(("https", "tls")) else "http"
        return f"{scheme}://127.0.0.1:{self.ports[listener]}"

    def fill(self, text: str, scheme: str = "http") -> str:
        """Replaces {origin}, {ca_file}, {http}, {http.port} and so on; `scheme` says what {origin} means."""

        def filled(found: re.Match[str]) -> str:
            name = scheme if found[1] == "origin" else found[1]
            if name == "ca_file":
                return self.ca_file
            listener = name.removesuffix(".port")
            if listener not in self.ports:
                return found[0]
            return self.url(listener) if name == listener else str(self.ports[listener])

        return re.sub(r"\{([^{}]+)\}", filled, text)

    def script(self, script: object, drop: bool = True) -> None:
        self.control("PUT", "/script?drop=1" if drop else "/script", json.dumps(script))

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

    def counters(self) -> dict[str, int]:
        lines = (line.rpartition(" ") for line in self.control("GET", "/report.txt").splitlines())
        return {name: int(value) for name, _, value in lines}

    def last_requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.control("GET", "/report"))["last_requests"]
        return found


@lru_cache(maxsize=256)
def pattern(name: bytes, offset: int, size: int) -> bytes:
    """The bytes [offset, offset + size) of a pattern object, as tests/origin/pattern.h has them."""
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
