"""Processor time of the process and of the threads that run Python, and wall time; page_meter.hpp is the same for C."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

# The kernel's name for the processor time of a thread, by its id: CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED.
_PER_THREAD, _SCHEDULED = 4, 2


@dataclass(frozen=True)
class Reading:
    wall_s: float
    process_s: float
    caller_s: float


def read(native_prefix: str | None) -> Reading:
    """`native_prefix` is how the threads are called that enter Python without being Python's own."""
    ids = {thread.native_id for thread in threading.enumerate()}
    if native_prefix is not None:
        ids |= {
            int(task.name)
            for task in Path("/proc/self/task").iterdir()
            if (task / "comm").read_text().startswith(native_prefix)
        }
    caller_s = sum(_thread_s(thread) for thread in ids if thread is not None)
    return Reading(time.monotonic(), time.process_time(), caller_s)


def report(begin: Reading, end: Reading, keys: int) -> dict[str, float]:
    return {
        "keys": keys,
        "wall_s": end.wall_s - begin.wall_s,
        "process_s": end.process_s - begin.process_s,
        "caller_s": end.caller_s - begin.caller_s,
    }


def _thread_s(native_id: int) -> float:
    return time.clock_gettime((~native_id << 3) | _PER_THREAD | _SCHEDULED)
