"""Installs what the tests of stores need, once for all builds: Python packages and Go programs, pinned.

Everything goes into the folder that is given, build/stores; nothing of the machine changes. For run.py, with Python's
standard library alone.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
GO_AT_LEAST = (1, 21)  # the first that fetches the Go a module asks for
PROXY = "the Go module proxy has to be in reach"


class NotHereError(Exception):
    """Why a store cannot be had on this machine, and what to do about it."""


class NoGoError(NotHereError):
    """There is no Go, or one that is too old."""


@contextlib.contextmanager
def alone(place: Path, name: str) -> Iterator[None]:
    """One installation of that name at a time: several tests, or builds, may ask for the same."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: list[str], advice: str, **environment: str) -> None:
    ended = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        last = (ended.stdout + ended.stderr).strip().splitlines()[-3:]
        raise NotHereError(f"{advice}; {Path(command[0]).name} said: {' / '.join(last)}")


def python_of(place: Path) -> Path:
    """The Python that has what requirements.txt names. A copy of that file, written last, says that it is whole."""
    folder = place / "python"
    python, installed = folder / "bin/python", folder / "requirements.txt"
    wanted = (HERE / "requirements.txt").read_bytes()
    with alone(place, "python"):
        if not installed.is_file() or installed.read_bytes() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            run([sys.executable, "-m", "venv", str(folder)], "a Python with venv is needed (Debian: python3-venv)")
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "--retries", "3", "install"]
            run([*pip, "-r", str(HERE / "requirements.txt")], "the Python package index has to be in reach")
            installed.write_bytes(wanted)
    return python


def go() -> str:
    program = shutil.which("go")
    advice = "install Go {}.{} or later (https://go.dev/dl)".format(*GO_AT_LEAST)
    if program is None:
        raise NoGoError(advice)
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"go(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < GO_AT_LEAST:
        raise NoGoError(f"{advice}; here is {said.strip() or 'none that runs'}")
    return program


@contextlib.contextmanager
def go_environment(place: Path, name: str) -> Iterator[dict[str, str]]:
    """Caches of its own, which are ten times what is kept of them, and go with the compilation."""
    folder = place / f"{name}.go"
    try:
        yield {
            "GOPATH": str(folder),
            "GOBIN": str(folder / "bin"),
            "GOCACHE": str(folder / "cache"),
            "GOFLAGS": "-modcacherw -buildvcs=false",  # a module cache that can be removed
            "GOTOOLCHAIN": "auto",
            "CGO_ENABLED": "0",
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def go_install(place: Path, module: str, version: str) -> Path:
    """A command of a Go module. Its name carries the version, so that another version is another file."""
    name = Path(module).name
    program = place / f"{name}-{version}"
    with alone(place, name):
        if not program.is_file():
            with go_environment(place, name) as environment:
                run([go(), "install", f"{module}@{version}"], PROXY, **environment)
                (Path(environment["GOBIN"]) / name).rename(program)
    return program


def go_build(place: Path, source: Path) -> Path:
    """The program of a folder. Its name carries what the folder holds, so that other source is another file."""
    content = b"".join(path.read_bytes() for path in sorted(source.iterdir()))
    program = place / f"{source.name}-{hashlib.sha256(content).hexdigest()[:12]}"
    with alone(place, source.name):
        if not program.is_file():
            with go_environment(place, source.name) as environment:
                run([go(), "-C", str(source), "build", "-o", str(program), "."], PROXY, **environment)
    return program
