"""./dev bench node: what fetching a page costs in Node, beside the C ABI and beside other clients.

Exits with 1 when a figure misses its limit, with 2 when it could not measure. README.md says how to read it.
"""

import os
import statistics
import sys
from pathlib import Path

from contest import Contender, Effort, Programs
from cost import Subject, build_folder, print_verdict, run_benchmark
from nginx import Nginx

OWN, PEER = "octofetch", "undici"
NODE = Subject(name="node", own=[OWN], peers=[PEER, "fetch", "aws_sdk", "got"], caller="the JS thread")
CALLER_OF_PEER_MAX = 0.1
DELAY_RATE = 5000  # keys a second
DELAY_MAX_MS = 2.0  # of the event loop above idle, at p99


class Node:
    """What Node has besides what every language has."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs

    def measure_more(self, scheme: str, nginx: Nginx, effort: Effort, contenders: list[Contender]) -> bool:
        """Whether both limits are kept."""
        own, peer = (next((one for one in contenders if one.name == name), None) for name in (OWN, PEER))
        has_passed = True
        if own is not None and peer is not None and not peer.absent:
            share = own.spread("caller_us")[0] / peer.spread("caller_us")[0]
            text = f"{share:.3f} of {PEER}'s CPU on the JS thread (limit {CALLER_OF_PEER_MAX})"
            has_passed = print_verdict(share <= CALLER_OF_PEER_MAX, f"{scheme} {OWN}: {text}")
        print(f"\ndelay of the event loop, p99 in ms, idle and at {DELAY_RATE} keys a second (and what came of those):")
        above = self.print_delay(OWN, scheme, nginx, effort)
        if peer is not None and not peer.absent:
            self.print_delay(PEER, scheme, nginx, effort)
        text = f"the event loop is {above:.2f} ms later than idle (limit {DELAY_MAX_MS:g} ms)"
        return print_verdict(above <= DELAY_MAX_MS, f"{scheme} {OWN}: {text}") and has_passed

    def print_delay(self, name: str, scheme: str, nginx: Nginx, effort: Effort) -> float:
        """How much later than idle, the median of the rounds."""
        runs = [self.programs.run(name, nginx, scheme, effort, {"rate": DELAY_RATE}) for _ in range(effort.rounds)]
        idle, loaded, rate = (
            statistics.median(run[figure] for run in runs) for figure in ("idle_ms", "loaded_ms", "keys_per_s")
        )
        above: float = statistics.median(run["loaded_ms"] - run["idle_ms"] for run in runs)
        print(f"{name:<26} idle {idle:.2f}, loaded {loaded:.2f}, {above:.2f} above; {rate:.0f} keys/s", flush=True)
        return above


def main() -> int:
    program = Path(os.environ["OCTO_NODE_PEERS"]) / "contender.mjs"
    programs = Programs(build_folder(), ["node", str(program)], {})
    return run_benchmark(NODE, programs, Node(programs).measure_more)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"node: {error}", file=sys.stderr)
        sys.exit(2)
