"""When does a handler go on after its await, if its origin is slow? For an application of any language.

README.md says how to read it.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from conditions import conditions
from origin import Origin
from samples import percentile

from deadline.page import Page

OWN = "octofetch"
LATE_MAX_MS = 1.0  # of the handler behind its control, at p99.9
LAG_MAX_MS = 20.0  # of the load generator, or the load was another one
CLOSED_PAGES = 64
# Median 27 ms, p95 75 ms, and one reply in 200 takes seconds.
SLOW_ORIGIN = {
    "default": {"size": 10240},
    "latency": {
        "type": "lognormal",
        "median_ms": 27,
        "p95_ms": 75,
        "tail": {"share": 0.005, "min_ms": 2000, "max_ms": 10000},
    },
}


@dataclass(frozen=True)
class Application:
    """A program with one event loop that serves pages; `command` runs it with a fetcher and the given options."""

    name: str
    fetchers: list[str]
    loops: list[str]
    command: Callable[[str], list[str]]


def read_arguments(application: Application) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"./dev bench {application.name}", description=__doc__)
    parser.add_argument("--fetchers", default=",".join(application.fetchers))
    parser.add_argument("--loads", default="0.5,1,2", help="of the capacity")
    parser.add_argument("--capacity", type=float, help="keys a second; measured where it is not given")
    parser.add_argument("--loop", default=application.loops[0], choices=application.loops)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--keys", type=int, default=50, help="of a page")
    parser.add_argument("--budget", type=float, default=0.3, help="seconds, of a page")
    parser.add_argument("--span", type=float, default=60.0, help="seconds of each load")
    parser.add_argument("--quick", action="store_true", help="a look, not a verdict")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.span = 8.0
    return arguments


@dataclass(frozen=True)
class Bench:
    """What all runs have in common."""

    application: Application
    arguments: argparse.Namespace
    origin: Origin
    cores: list[int]

    @contextmanager
    def app(self, fetcher: str) -> Iterator[int]:
        """The port of the application, which has a core for itself."""
        asked = self.arguments
        command = [
            *self.application.command(fetcher),
            *("--origin", self.origin.url("http"), "--connections", str(asked.connections), "--keys", str(asked.keys)),
            *("--budget", str(asked.budget), "--loop", asked.loop),
        ]
        process = start(command, self.cores[-1])
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["port"])
        finally:
            process.stdin.close()
            process.wait()

    def load(self, port: int, *words: str) -> dict[str, float]:
        """The load generator beside the origin."""
        command = [
            sys.executable,
            "-m",
            "deadline.load",
            "--port",
            str(port),
            "--span",
            str(self.arguments.span),
            *words,
        ]
        process = start(command, self.cores[0])
        found: dict[str, float] = json.loads(process.communicate()[0])
        return found

    def measure_capacity(self) -> float:
        """Keys a second that come when there is always enough to do."""
        with self.app(OWN) as port:
            return self.load(port, "--closed", str(CLOSED_PAGES))["keys_per_s"]

    def measure(self, fetcher: str, rate: float) -> tuple[dict[str, float], list[Page]]:
        self.origin.control("POST", "/reset")
        with self.app(fetcher) as port:
            load = self.load(port, "--rate", str(rate))
            return load, [Page(**page) for page in get_json(port, "/report")]


def start(command: list[str], core: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def get_json(port: int, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found


def print_run(fetcher: str, share: float, load: dict[str, float], pages: list[Page]) -> float:
    """Prints a line; how far the handler is behind its control at p99.9, in ms."""
    late = [page for page in pages if page.handler_late_s is not None and page.handler_late_s > 0]
    handler = [1000 * (page.handler_late_s or 0) for page in late] or [0.0]
    control = [1000 * (page.control_late_s or 0) for page in late] or [0.0]
    behind = percentile(handler, 0.999) - percentile(control, 0.999)
    delivered, asked = sum(page.delivered for page in pages), sum(page.asked for page in pages)
    print(
        f"{fetcher:<10} {share:>5g}  {len(pages):>6} {len(late):>6}  {100 * delivered / max(asked, 1):>6.1f} %"
        f"  {percentile(handler, 0.5):>8.2f} {percentile(handler, 0.999):>9.2f} {max(handler):>9.2f}"
        f"  {percentile(control, 0.5):>8.2f} {percentile(control, 0.999):>9.2f}  {behind:>9.2f}"
        f"  {1000 * load['lag_p99_s']:>6.1f} {load['failed']:>6g}",
        flush=True,
    )
    return behind


def run(bench: Bench) -> bool:
    asked = bench.arguments
    capacity = asked.capacity or bench.measure_capacity()
    print(
        f"capacity: {capacity:.0f} keys a second ({OWN}, {CLOSED_PAGES} pages always under way); pages of {asked.keys} "
        f"keys of 10 KiB, {asked.budget:g} s,\n{asked.connections} connections, {asked.loop}, {asked.span:g} s each; "
        "late: behind the deadline, in ms, of pages whose handlers went on after it;\n"
        "behind: handler minus control at p99.9; lag: of the load generator, p99 in ms\n\n"
        f"{'':<10} {'load':>5}  {'pages':>6} {'late':>6}  {'delivered':>8}  {'handler':>8} {'p99.9':>9} {'worst':>9}"
        f"  {'control':>8} {'p99.9':>9}  {'behind':>9}  {'lag':>6} {'failed':>6}"
    )
    verdicts: list[tuple[bool, str]] = []
    for share in map(float, asked.loads.split(",")):
        for fetcher in asked.fetchers.split(","):
            load, pages = bench.measure(fetcher, share * capacity / asked.keys)
            behind = print_run(fetcher, share, load, pages)
            if fetcher == OWN:
                text = (
                    f"{behind:.2f} ms behind its control at p99.9, {share:g} of the capacity (limit {LATE_MAX_MS:g} ms)"
                )
                verdicts.append((behind <= LATE_MAX_MS, text))
                if 1000 * load["lag_p99_s"] > LAG_MAX_MS:
                    verdicts.append(
                        (False, f"the load generator was itself late, p99 {1000 * load['lag_p99_s']:.1f} ms")
                    )
    for is_kept, text in verdicts:
        print(f"{'PASS' if is_kept else 'FAIL'} {OWN}: {text}")
    return all(is_kept for is_kept, _ in verdicts)


def run_benchmark(application: Application) -> int:
    """The exit code: 1 when a figure misses its limit."""
    arguments = read_arguments(application)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise OSError("two cores are needed: one for the application, one for the origin and the load")
    print(conditions(), end="")
    # Before the origin starts, which then has it too.
    os.sched_setaffinity(0, {cores[0]})
    origin = Origin.started()
    try:
        origin.script(SLOW_ORIGIN)
        return 0 if run(Bench(application, arguments, origin, cores)) else 1
    finally:
        origin.stop()
