"""./dev bench node-soak: does a process of Node that fetches stay as it is, over many faults and workers?

Exits with 1 when a figure misses its limit. README.md says how to read it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from conditions import conditions
from origin import Origin
from soak import faults
from soak.limits import (
    Gaps,
    Memory,
    print_struck,
    print_verdicts,
    verdict_of_descriptors,
    verdict_of_keys,
    verdict_of_wrong,
)
from soak.measure import MIB, descriptors, resident_mib

PROGRESS_EVERY_S = 15
SAMPLE_EVERY_S = 1


class Program:
    """soak/program.mjs as a child process."""

    def __init__(self, origin: Origin) -> None:
        told = {
            "http": origin.url("http"),
            "https": origin.url("https"),
            "ca_file": origin.ca_file,
            "size": faults.SIZE,
            "prefixes": faults.PREFIXES,
        }
        program = Path(os.environ["OCTO_NODE_PEERS"]) / "soak/program.mjs"
        self._process = subprocess.Popen(
            ["node", "--expose-gc", "--disable-warning=OctofetchWarning", str(program), json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, word: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError(f"the program ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def resident_mib(self) -> float:
        return resident_mib(self._process.pid)

    def trim(self) -> float:
        in_use: float = self.tell("trim")["inUse"]
        return in_use / MIB

    def descriptors_at_rest(self) -> int:
        if not self.tell("rest")["ended"]:
            raise OSError("threads of the library still run")
        return descriptors(self._process.pid)

    def end(self) -> None:
        self._process.communicate()


def watch(program: Program, span_s: float) -> Memory:
    """What is resident in the gaps of the traffic."""
    begun_at = time.monotonic()
    memory = Memory()
    next_progress_s = 0.0
    while (second := time.monotonic() - begun_at) < span_s:
        is_gap = Gaps.is_gap(second)
        tally = program.tell("pause" if is_gap else "resume")
        if Gaps.is_sampled(second, span_s):
            memory.add(second, program.resident_mib, program.trim)
        if second >= next_progress_s:
            next_progress_s += PROGRESS_EVERY_S
            print(
                f"{second:6.0f} s  {tally['keys']:>9} keys  {tally['wrong']} wrong  {tally['workers']} workers  "
                f"{program.resident_mib():.1f} MiB{'  gap' if is_gap else ''}",
                flush=True,
            )
        time.sleep(SAMPLE_EVERY_S)
    return memory


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench node-soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    minutes = parser.parse_args().minutes
    print(conditions(), end="")
    origin = Origin.started()
    origin.script(faults.script())
    program = Program(origin)
    before = program.descriptors_at_rest()
    program.tell("start")
    memory = watch(program, 60 * minutes)
    tally = program.tell("stop")
    after = program.descriptors_at_rest()
    program.end()
    print_struck(origin.counters(), tally["statuses"])
    memory.print_besides()
    origin.stop()
    verdicts = [
        memory.verdict(),
        verdict_of_descriptors(before, after),
        verdict_of_wrong(tally["wrong"]),
        verdict_of_keys(tally["keys"], minutes),
        (tally["workers"] > 0, f"{tally['workers']} workers terminated while they fetched"),
    ]
    return print_verdicts(verdicts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"node-soak: {error}", file=sys.stderr)
        sys.exit(2)
