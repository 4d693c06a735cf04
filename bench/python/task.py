"""What a contender is asked to fetch: its command line, the keys of each page, and what its bodies must be."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

BUDGET_S = 60.0


@dataclass(frozen=True)
class Task:
    """`url` ends without a slash and has objects o0, o1, ... below it, and below `bucket` for clients of S3."""

    contender: str
    url: str
    bucket: str
    ca_file: str | None
    connections: int
    objects: int
    object_bytes: int
    object_byte_sum: int
    keys: int
    warm_pages: int
    span: float  # seconds of processor time that count

    def keys_of(self, page: int) -> list[str]:
        """Other keys on each page, until all objects were asked for."""
        first = page * self.keys % self.objects
        return self.names[first : first + self.keys]

    @cached_property
    def names(self) -> list[str]:
        """All objects, and the first ones again, so that a page is a slice wherever it begins."""
        return [f"o{i % self.objects}" for i in range(self.objects + self.keys)]

    def read(self, bodies: Iterable[bytes]) -> None:
        """Takes every body, whole, as bytes; to look at all of them again is the program's work, not the client's."""
        for body in bodies:
            if len(body) != self.object_bytes or body[-1] != 0:
                raise ValueError("a body is not the one that is served")

    def check(self, bodies: list[bytes]) -> None:
        """As `read`, and that they are the bytes which are served; slow, so that only the warm-up does it."""
        self.read(bodies)
        if len(bodies) != self.keys or any(sum(body) != self.object_byte_sum for body in bodies):
            raise ValueError("the bodies are not those that are served")


def read_task() -> Task:
    parser = argparse.ArgumentParser(description="Fetches pages and prints what that took, as JSON.")
    parser.add_argument("contender")
    for name in ("url", "bucket", "ca-file"):
        parser.add_argument(f"--{name}", required=name != "ca-file")
    for name in ("connections", "objects", "object-bytes", "object-byte-sum", "keys", "warm-pages"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--span", type=float, required=True)
    return Task(**vars(parser.parse_args()))
