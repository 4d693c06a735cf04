"""Servers of others that run an application of ours in processes of their own, for tests by real requests."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60


@contextmanager
def serving(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Iterator[int]:
    """The port of a server that runs until the end of the block; {port} stands for it in the command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [word.format(port=port) for word in command]
    with running(words, folder, variables) as process:
        wait_for(port, process)
        yield port


@contextmanager
def running(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], never_logs: str = "Traceback"
) -> Iterator[subprocess.Popen[str]]:
    """A program of this Python's environment, until the end of the block."""
    program = str(Path(sys.executable).parent / command[0])
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [program, *command[1:]], cwd=folder, env=os.environ | variables, stderr=log, text=True
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            log.seek(0)
            logged = log.read()
            print(logged)
    assert never_logs not in logged


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end or process.poll() is not None:
                raise
            time.sleep(0.05)


def ask(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()
