"""What fetching a page costs in a language, beside the C ABI and beside other clients of that language.

For the drivers of the languages: arguments, rounds, table and verdicts. README.md says how to read them.
"""

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conditions import conditions
from contest import C_ABI, Contender, Effort, Programs, run_contest
from nginx import Nginx, nginx_on

PROCESS_RATIO_MAX = 1.3  # of the C ABI's processor time for a key
CALLER_US_MAX = 3.0  # on the thread that calls, for a key
QUICK = {"rounds": 2, "span": 0.5}

# Measures more with the contenders of a scheme, and says whether all was kept.
More = Callable[[str, Nginx, Effort, list[Contender]], bool]


@dataclass(frozen=True)
class Subject:
    """A language: `own` are the package's contenders, `caller` is how the threads that run the language are called.

    `floor` are contenders that fetch nothing, below which no client of the language can be.
    """

    name: str
    own: list[str]
    peers: list[str]
    caller: str
    floor: tuple[str, ...] = ()


def build_folder() -> Path:
    return Path(os.environ["OCTO_BUILD_DIR"]).resolve()


def read_arguments(subject: Subject) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"./dev bench {subject.name}", description=__doc__)
    parser.add_argument("--schemes", default="http,https")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--keys", type=int, default=100, help="of a page")
    parser.add_argument("--rounds", type=int, default=7, help="how often each contender has its turn")
    parser.add_argument("--span", type=float, default=3.0, help="seconds of processor time that a turn counts")
    parser.add_argument("--peers", default=",".join(subject.peers), help="with whom to compare; none for an empty text")
    parser.add_argument("--quick", action="store_true", help="a look, not a verdict")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.span = QUICK["rounds"], QUICK["span"]
    return arguments


def run_benchmark(subject: Subject, programs: Programs, more: More | None = None) -> int:
    """The exit code: 1 when a figure misses its limit."""
    arguments = read_arguments(subject)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise OSError("two cores are needed: one for the client, one for nginx")
    effort = Effort(cores[-1], arguments.connections, arguments.keys, arguments.span, arguments.rounds)
    names = [C_ABI, *subject.own, *subject.floor, *filter(None, arguments.peers.split(","))]
    under = conditions()
    print(under, end="")
    has_passed, figures = True, {}
    with nginx_on(cores[0], programs.build) as nginx:
        for scheme in arguments.schemes.split(","):
            print(
                f"\n{scheme}: nginx {nginx.version} on a core of its own, {arguments.connections} connections, pages "
                f"of {arguments.keys} keys of {nginx.object_bytes} bytes,\none page after the other, every body read; "
                f"medians (lowest..highest) of {arguments.rounds} turns of {arguments.span:g} s"
            )
            contenders = run_contest(names, nginx, scheme, effort, programs)
            print_table(subject, contenders)
            has_passed = print_verdicts(subject, scheme, contenders) and has_passed
            if more is not None:
                has_passed = more(scheme, nginx, effort, contenders) and has_passed
            figures[scheme] = {one.name: [vars(run) for run in one.runs] for one in contenders}
    file = programs.build / f"bench-{subject.name}.json"
    file.write_text(json.dumps({"conditions": under, "figures": figures}, indent=2))
    print(f"\nevery figure: {file}")
    return 0 if has_passed else 1


def print_table(subject: Subject, contenders: list[Contender]) -> None:
    base = contenders[0].spread("process_us")[0]
    print(f"{'':<26} {'CPU of a key':<26} {'of C ABI':>8}  {f'on {subject.caller}':<26} {'keys/s':>8}")
    for one in contenders:
        if one.absent:
            print(f"{one.name:<26} not measured: {one.absent}")
            continue
        process, caller = one.spread("process_us"), one.spread("caller_us")
        print(
            f"{one.name:<26} {text_of(process):<26} {process[0] / base:>8.2f}  {text_of(caller):<26} "
            f"{one.spread('keys_per_s')[0]:>8.0f}  {one.runs[0].version}",
            flush=True,
        )


def text_of(spread: tuple[float, float, float]) -> str:
    median, lowest, highest = spread
    return f"{median:.2f} us ({lowest:.2f}..{highest:.2f})"


def print_verdicts(subject: Subject, scheme: str, contenders: list[Contender]) -> bool:
    base = contenders[0].spread("process_us")[0]
    has_passed = True
    for one in contenders:
        if one.name not in subject.own:
            continue
        if one.absent:
            raise OSError(f"{one.name}: {one.absent}")
        ratio, caller_us = one.spread("process_us")[0] / base, one.spread("caller_us")[0]
        for is_kept, text in (
            (ratio <= PROCESS_RATIO_MAX, f"{ratio:.2f} of the C ABI's CPU per key (limit {PROCESS_RATIO_MAX})"),
            (caller_us <= CALLER_US_MAX, f"{caller_us:.2f} us a key on {subject.caller} (limit {CALLER_US_MAX:g} us)"),
        ):
            has_passed = print_verdict(is_kept, f"{scheme} {one.name}: {text}") and has_passed
    return has_passed


def print_verdict(is_kept: bool, text: str) -> bool:
    print(f"{'PASS' if is_kept else 'FAIL'} {text}", flush=True)
    return is_kept
