"""./dev bench octo: the replay of Octo's story, by everybody, and its report.

Exits with 1 when a target is missed, with 2 when it could not measure. ../../README.md says how to read it.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from origin import Origin

from replay import figures
from replay.contender import Contender
from replay.contenders import contenders
from replay.generator import Event
from replay.measurement import Measurement, rounded
from replay.pages import Page, PageDice, Stretch
from replay.parameters import RATE_WITHOUT_LIMIT, Parameters
from replay.run import Machine

REPORT = Path(__file__).parents[2] / "report"  # what is published there is a whole run
OVERLOAD_KEYS_PER_S = 16_000  # far above what the slots could carry
ATTEMPTS = 2  # where the generator or the origin was what there was too little of


@dataclass(frozen=True)
class Task:
    """A run of the plan; `offered` is nothing for the story."""

    contender: Contender
    repeat: int
    offered: float | None = None
    cached: bool = False

    def __str__(self) -> str:
        what = "the story" if self.offered is None else f"{self.offered:g} keys/s"
        return f"{self.contender.title}, {what}{', with a cache' if self.cached else ''}, repeat {self.repeat}"


class Replay:
    def __init__(self, machine: Machine, measurement: Measurement, chosen: Sequence[Contender]) -> None:
        self._machine = machine
        self._asked = machine.parameters
        self._measurement = measurement
        self._chosen = chosen

    def run(self) -> None:
        self._measurement.capacity_keys_per_s = self._measure_capacity()
        tasks = self._tasks()
        begun_s = time.monotonic()
        for number, task in enumerate(tasks):
            passed_s = time.monotonic() - begun_s
            left = f", {passed_s / number * (len(tasks) - number) / 60:.0f} min left" if number else ""
            print(f"[{number + 1}/{len(tasks)}{left}] {task}", flush=True)
            self._play(task)
            self._measurement.write()

    def _tasks(self) -> list[Task]:
        """Who is first changes with every load and repeat."""
        asked, capacity = self._asked, self._measurement.capacity_keys_per_s
        offered = [asked.original_keys_per_s, *(rounded(share * capacity) for share in asked.loads_of_capacity)]
        tasks: list[Task] = []
        turn = 0
        for repeat in range(1, asked.repeats + 1):
            for load, cached in [*((one, False) for one in offered), (rounded(capacity), True), (None, False)]:
                order = [*self._chosen[turn % len(self._chosen) :], *self._chosen[: turn % len(self._chosen)]]
                tasks += [Task(contender, repeat, load, cached) for contender in order]
                turn += 1
        return tasks

    def _play(self, task: Task) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            found = self._play_story(task) if task.offered is None else self._play_load(task, task.offered)
            if found["void"] is None:
                break
            print(f"    void: {found['void']}{'; once more' if attempt < ATTEMPTS else ''}", flush=True)
        kept = self._measurement.stories if task.offered is None else self._measurement.loads
        kept.append({**found, "repeat": task.repeat})

    def _play_load(self, task: Task, offered: float) -> figures.Figures:
        asked = self._asked
        pages = self._pages(f"{offered:g} {task.repeat}", [Stretch(asked.span_s, offered)])
        run = self._machine.play(task.contender, pages, cached=task.cached)
        self._measurement.add_versions(task.contender, run.versions)
        found = figures.of_load(task.contender, run, offered, asked.span_s, task.cached, asked)
        print(
            f"    {found['delivered']} of {found['keys']} keys{possible_text(found)}, "
            f"{100 * found['late_5ms_share']:.2f} % of {found['pages']} pages late (control "
            f"{100 * found['control_late_5ms_share']:.2f} %), worst {found['worst_late_ms']:.1f} ms, "
            f"{found['cpu_us_per_key'] or 0:.0f} us a key",
            flush=True,
        )
        return found

    def _play_story(self, task: Task) -> figures.Figures:
        asked = self._asked
        base = self._measurement.base_keys_per_s
        pages = self._pages(f"story {task.repeat}", [Stretch(one.span_s, one.load * base) for one in asked.phases])
        run = self._machine.play(task.contender, pages, self._events(base))
        found = figures.of_story(task.contender, run, self._shown_phases(base), asked)
        print(
            f"    {100 * found['late_5ms_share']:.2f} % of {len(run.asked)} pages late (control "
            f"{100 * found['control_late_5ms_share']:.2f} %), worst {found['worst_late_ms']:.1f} ms, "
            f"recovered after {found['recovery']['recovered_after_s']} s",
            flush=True,
        )
        return found

    def _pages(self, seed: str, stretches: Sequence[Stretch]) -> list[Page]:
        """With a warm-up at the load of the original."""
        warm = Stretch(self._asked.warm_s, self._asked.original_keys_per_s)
        return list(PageDice(self._asked, seed).pages([warm, *stretches]))

    def _events(self, base: float) -> list[Event]:
        control = self._machine.origin.control
        events: list[Event] = []
        at_s = self._asked.warm_s
        for phase in self._asked.phases:
            rate = RATE_WITHOUT_LIMIT if phase.rate_max is None else phase.rate_max * base
            events.append((at_s, partial(control, "PUT", f"/slow_down?factor={phase.slow_down:g}")))
            # With the burst of a twentieth of a second, so that it is felt at once.
            burst = max(1, rate / 20)
            events.append((at_s, partial(control, "PUT", f"/rate_max?per_second={rate:g}&burst={burst:g}")))
            at_s += phase.span_s
        return events

    def _shown_phases(self, base: float) -> list[figures.Figures]:
        shown: list[figures.Figures] = []
        from_s = 0.0
        for phase in self._asked.phases:
            to_s = from_s + phase.span_s
            shown.append({"name": phase.name, "from_s": from_s, "to_s": to_s, "offered_keys_per_s": phase.load * base})
            from_s = to_s
        return shown

    def _measure_capacity(self) -> float:
        """Keys a second that octofetch in C delivers when it is offered more than it could."""
        first = contenders()[0]
        print(f"capacity: {first.title}, offered {OVERLOAD_KEYS_PER_S} keys/s", flush=True)
        pages = self._pages("capacity", [Stretch(self._asked.span_s, OVERLOAD_KEYS_PER_S)])
        run = self._machine.play(first, pages)
        if (void := figures.void(run, self._asked)) is not None:
            raise OSError(f"the capacity cannot be measured here: {void}")
        # The last pages are worked at until their deadlines.
        worked_s = self._asked.span_s + self._asked.budget_ms / 1000
        found = rounded(figures.count_delivered(run.asked) / worked_s)
        print(f"    {found:g} keys/s", flush=True)
        return found


def possible_text(found: figures.Figures) -> str:
    return "" if not found["possible"] else f", {100 * found['delivered'] / found['possible']:.1f} % of the possible"


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench octo", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten minutes instead of an hour: a look")
    parser.add_argument("--only", help="names of contenders, with commas")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--out", type=Path, help="where the measurement is written; beside the build by default")
    return parser.parse_args()


def choose(only: str | None) -> list[Contender]:
    every = contenders()
    if only is None:
        return every
    names = only.split(",")
    unknown = set(names) - {one.name for one in every}
    if unknown:
        known = ", ".join(one.name for one in every)
        raise OSError(f"--only: there is no contender {', '.join(sorted(unknown))}; there are {known}")
    return [one for one in every if one.name in names]


def main() -> int:
    arguments = read_arguments()
    build = Path(os.environ["OCTO_BUILD_DIR"])
    parameters = Parameters.read(arguments.quick)
    if arguments.repeats is not None:
        parameters = replace(parameters, repeats=arguments.repeats)
    path: Path = arguments.out or build / "octo-replay.json"
    chosen = choose(arguments.only)
    measurement = Measurement(path, chosen, parameters, arguments.quick)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise OSError("two cores are needed: one for the contender, one for the origin and the load")
    # Before the origin starts, which then has it too.
    os.sched_setaffinity(0, {cores[0]})
    with Origin.started() as origin:
        machine = Machine(origin, cores[0], cores[-1], parameters)
        Replay(machine, measurement, chosen).run()
    verdicts = measurement.targets
    for verdict in verdicts:
        word = {True: "PASS", False: "FAIL", None: "VOID"}[verdict["kept"]]
        print(f"{word} {verdict['text']}: {verdict['found'] or 'no run is valid'}")
    print(f"measurement: {path}")
    is_whole = not arguments.quick and arguments.only is None and arguments.repeats is None
    folder = (REPORT if is_whole else build / "octo-report").resolve()
    folder.mkdir(exist_ok=True)
    subprocess.run([str(REPORT / "render.sh"), str(path.resolve()), str(folder)], check=True)
    print(f"report: {folder / 'index.html'}")
    return 0 if all(verdict["kept"] for verdict in verdicts) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        print(f"octo: {error}", file=sys.stderr)
        sys.exit(2)
