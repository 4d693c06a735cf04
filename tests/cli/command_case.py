"""Runs the octofetch program beside a scripted origin, with pipes or on a pseudo-terminal.

For command_test.py; Python's standard library alone.
"""

import contextlib
import fcntl
import http.client
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

PATIENCE_S = 10.0
BUDGET = ("--budget", "8s")  # for what comes at once: never reached unless something hangs
SHORT = ("--budget", "1s")  # for what never comes, beside what comes at once


class Origin:
    """One running octo-origin."""

    def __init__(self, program: str) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.ports: dict[str, Any] = json.loads(self.process.stdout.readline())

    def script(self, paths: dict[str, Any], **fields: Any) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["control"], timeout=PATIENCE_S)
        connection.request("PUT", "/script?drop=1", json.dumps({"paths": paths, **fields}))
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        assert reply.status == 200, text

    def last_requests(self) -> list[dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["control"], timeout=PATIENCE_S)
        connection.request("GET", "/report")
        report: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        requests: list[dict[str, Any]] = report["last_requests"]
        return requests

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


@dataclass(frozen=True)
class Ended:
    """What one run of the program left."""

    code: int
    out: bytes
    err: str


class CommandCase(unittest.TestCase):
    """A test with an origin, and a directory of its own to write to."""

    program: ClassVar[str]
    origin_program: ClassVar[str]
    origin: ClassVar[Origin]

    @classmethod
    def setUpClass(cls) -> None:
        cls.origin = Origin(cls.origin_program)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.origin.stop()

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="octofetch-"))
        self.addCleanup(shutil.rmtree, self.directory)

    def url(self, port: str = "http", base: str = "/base") -> str:
        scheme = "https" if port.startswith("https") else "http"
        return f"{scheme}://127.0.0.1:{self.origin.ports[port]}{base}"

    def environment(self, **variables: str) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TERM": "xterm", **passed_on(), **variables}

    def run_octofetch(self, *arguments: str | bytes, stdin: bytes = b"", **variables: str) -> Ended:
        ended = subprocess.run(
            [self.program, *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment(**variables),
            timeout=PATIENCE_S * 2,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr.decode())

    def get(self, *arguments: str | bytes, stdin: bytes = b"", **variables: str) -> Ended:
        return self.run_octofetch("get", self.url(), *arguments, stdin=stdin, **variables)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [self.program, "get", self.url(), *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), pipesize=4096
        )

    def run_on_terminal(self, *arguments: str, **variables: str) -> Ended:
        """Runs it with stdout and stderr on one terminal of 80 columns; what it showed is `out`."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        command = [self.program, "get", self.url(), *arguments]
        process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=self.environment(**variables), start_new_session=True
        )
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # EIO: nobody has the terminal open any more
            while piece := os.read(master, 65536):
                shown += piece
        os.close(master)
        return Ended(process.wait(PATIENCE_S), shown, "")

    def wait_for_request(self, path: str) -> None:
        """Until the origin has seen a request for this path, so that the program surely waits for its answer."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if any(seen["path"] == path for seen in self.origin.last_requests()):
                return
            time.sleep(0.01)
        self.fail(f"nobody asked for {path}")

    def interrupted(self, process: subprocess.Popen[bytes], number: signal.Signals) -> Ended:
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
        return Ended(process.returncode, out, err.decode())


def passed_on() -> dict[str, str]:
    """Settings of the sanitizers and of the loader, which a test run may need."""
    return {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name.startswith("LD_")}


def frames(out: bytes) -> dict[str, tuple[str, bytes]]:
    """Takes framed output apart by its documentation alone: {KEY: (STATUS, body)}."""
    found: dict[str, tuple[str, bytes]] = {}
    while out:
        line, _, out = out.partition(b"\n")
        word, key, status, size = line.decode().split(" ")
        assert word == "octofetch", line
        body, end = out[: int(size)], out[int(size) : int(size) + 1]
        assert end == b"\n", (line, end)
        found[key] = (status, body)
        out = out[int(size) + 1 :]
    return found
