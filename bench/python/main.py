"""./dev bench python: what fetching a page costs in Python, beside the C ABI and beside other clients.

Exits with 1 when a figure misses its limit, with 2 when it could not measure. README.md says how to read it.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from conditions import conditions
from contest import C_ABI, Contender, Effort, Programs, run_contest
from nginx import nginx_on

FLOOR = "copies"  # of any client that gives bodies as bytes
OWN = ["octofetch", "octofetch_asyncio", "octofetch_asyncio_uvloop"]
PEERS = [
    "aiohttp",
    "aiohttp_uvloop",
    "httpx",
    "obstore",
    "boto3",
    "aiobotocore",
    "awscrt",
    "pycurl",
]
PROCESS_RATIO_MAX = 1.3  # of the C ABI's processor time for a key
PYTHON_US_MAX = 3.0  # on the thread that runs Python, for a key
QUICK = {"rounds": 2, "span": 0.5}


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench python", description=__doc__)
    parser.add_argument("--schemes", default="http,https")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--keys", type=int, default=100, help="of a page")
    parser.add_argument("--rounds", type=int, default=7, help="how often each contender has its turn")
    parser.add_argument("--span", type=float, default=3.0, help="seconds of processor time that a turn counts")
    parser.add_argument("--peers", default=",".join(PEERS), help="with whom to compare; none for an empty text")
    parser.add_argument("--quick", action="store_true", help="a look, not a verdict")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.span = QUICK["rounds"], QUICK["span"]
    return arguments


def main() -> int:
    arguments = read_arguments()
    programs = Programs(Path(os.environ["OCTO_BUILD_DIR"]).resolve(), Path(sys.executable))
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise OSError("two cores are needed: one for the client, one for nginx")
    effort = Effort(cores[-1], arguments.connections, arguments.keys, arguments.span, arguments.rounds)
    names = [C_ABI, *OWN, FLOOR, *filter(None, arguments.peers.split(","))]
    under = conditions()
    print(under, end="")
    has_passed, figures = True, {}
    with nginx_on(cores[0], programs.build) as nginx:
        for scheme in arguments.schemes.split(","):
            print(
                f"\n{scheme}: nginx {nginx.version} on a core of its own, {arguments.connections} connections, pages "
                f"of {arguments.keys} keys of {nginx.object_bytes} bytes,\none page after the other, every body as "
                f"bytes; medians (lowest..highest) of {arguments.rounds} turns of {arguments.span:g} s"
            )
            contenders = run_contest(names, nginx, scheme, effort, programs)
            print_table(contenders)
            has_passed = print_verdicts(scheme, contenders) and has_passed
            figures[scheme] = {one.name: [vars(run) for run in one.runs] for one in contenders}
    file = programs.build / "bench-python.json"
    file.write_text(json.dumps({"conditions": under, "figures": figures}, indent=2))
    print(f"\nevery figure: {file}")
    return 0 if has_passed else 1


def print_table(contenders: list[Contender]) -> None:
    base = contenders[0].spread("process_us")[0]
    print(f"{'':<26} {'CPU of a key':<26} {'of C ABI':>8}  {'on Python threads':<26} {'keys/s':>8}")
    for one in contenders:
        if one.absent:
            print(f"{one.name:<26} not measured: {one.absent}")
            continue
        process, python = one.spread("process_us"), one.spread("python_us")
        print(
            f"{one.name:<26} {text_of(process):<26} {process[0] / base:>8.2f}  {text_of(python):<26} "
            f"{one.spread('keys_per_s')[0]:>8.0f}  {one.runs[0].version}",
            flush=True,
        )


def text_of(spread: tuple[float, float, float]) -> str:
    median, lowest, highest = spread
    return f"{median:.2f} us ({lowest:.2f}..{highest:.2f})"


def print_verdicts(scheme: str, contenders: list[Contender]) -> bool:
    base = contenders[0].spread("process_us")[0]
    has_passed = True
    for one in contenders:
        if one.name not in OWN:
            continue
        if one.absent:
            raise OSError(f"{one.name}: {one.absent}")
        ratio, python_us = one.spread("process_us")[0] / base, one.spread("python_us")[0]
        for is_kept, text in (
            (ratio <= PROCESS_RATIO_MAX, f"{ratio:.2f} of the C ABI's CPU per key (limit {PROCESS_RATIO_MAX})"),
            (python_us <= PYTHON_US_MAX, f"{python_us:.2f} us a key on the Python thread (limit {PYTHON_US_MAX:g} us)"),
        ):
            print(f"{'PASS' if is_kept else 'FAIL'} {scheme} {one.name}: {text}")
            has_passed = has_passed and is_kept
    return has_passed


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"python: {error}", file=sys.stderr)
        sys.exit(2)
