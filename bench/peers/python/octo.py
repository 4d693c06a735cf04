"""Octo in Python, what all contenders share: what one is told, the pages it is handed, and what it tells of them.

../README.md is the contract. How pages overlap is in event_loop.py and threads.py; what fetches them in with_*.py.
"""

import argparse
import json
import logging
import platform
import sys
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

NS_PER_S = 1_000_000_000
BODY_SIZE = 10240

# What clients of S3 sign with; the origin does not check it.
REGION = "us-east-1"


@dataclass(frozen=True)
class Task:
    """`origin` is a URL without a path; its objects are below the bucket."""

    origin: str
    bucket: str
    connections: int
    budget_ms: int
    cache_objects: int

    @property
    def budget_s(self) -> float:
        return self.budget_ms / 1000


def read_task() -> Task:
    parser = argparse.ArgumentParser(description="Fetches the pages of its standard input; see bench/peers/README.md.")
    for name in ("origin", "bucket"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("connections", "budget-ms"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--cache-objects", type=int, default=0)
    return Task(**vars(parser.parse_args()))


class Page(NamedTuple):
    number: int
    deadline_ns: int
    keys: list[str]


def read_page(line: bytes) -> Page:
    page = json.loads(line)
    return Page(page["page"], page["deadline_ns"], page["keys"])


def seconds_until(instant_ns: int) -> float:
    """Negative once it has passed."""
    return (instant_ns - time.monotonic_ns()) / NS_PER_S


class Fetched(NamedTuple):
    """What had come of the keys, when whoever awaited them went on, and when that stood fixed, where it can be told."""

    bodies: dict[str, bytes]
    handler_ns: int
    library_ns: int | None = None


class Cache:
    """The bodies of so many keys; those used least recently leave first."""

    def __init__(self, objects_max: int) -> None:
        self._objects_max = objects_max
        self._bodies: OrderedDict[str, bytes] = OrderedDict()

    def look_up(self, keys: Iterable[str]) -> dict[str, bytes]:
        found = {key: self._bodies[key] for key in keys if key in self._bodies}
        for key in found:
            self._bodies.move_to_end(key)
        return found

    def keep(self, bodies: Mapping[str, bytes]) -> None:
        if self._objects_max == 0:
            return
        for key, body in bodies.items():
            self._bodies[key] = body
            self._bodies.move_to_end(key)
        while len(self._bodies) > self._objects_max:
            self._bodies.popitem(last=False)


class Story:
    """What happened to each page. Several threads may tell, each of another page or another part of it."""

    def __init__(self) -> None:
        self._pages: dict[int, dict[str, Any]] = {}
        self._wrong = ""

    def note_handler(self, page: Page, fetched: Fetched, held: dict[str, bytes]) -> None:
        """`held` are bodies that were there before."""
        bodies = held | fetched.bodies
        told = self._told_of(page)
        told["handler_ns"] = fetched.handler_ns
        told["delivered"] = len(bodies)
        told["missing"] = [position for position, key in enumerate(page.keys) if key not in bodies]
        if fetched.library_ns is not None:
            told["library_ns"] = fetched.library_ns
        for key, body in bodies.items():
            if len(body) != BODY_SIZE:
                self._wrong = f"{key} of page {page.number} has {len(body)} bytes instead of {BODY_SIZE}"

    def note_control(self, page: Page, control_ns: int) -> None:
        self._told_of(page)["control_ns"] = control_ns

    def tell(self) -> None:
        """Ends the process where a body was wrong: what else was measured is then worth nothing."""
        if self._wrong:
            sys.exit(self._wrong)
        print(json.dumps({"pages": list(self._pages.values())}), flush=True)

    def _told_of(self, page: Page) -> dict[str, Any]:
        return self._pages.setdefault(page.number, {"page": page.number})


def tell_ready(versions: Mapping[str, str]) -> None:
    # Libraries log what goes wrong with a key, which is counted; without any handler Python prints it.
    logging.getLogger().addHandler(logging.NullHandler())
    print(json.dumps({"ready": True, "versions": {"Python": platform.python_version(), **versions}}), flush=True)
