"""Under which conditions a benchmark ran: machine, load, interpreter, versions."""

import os
import platform
import re
from pathlib import Path


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else "an unnamed processor"


def conditions() -> str:
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    system = platform.uname()
    return (
        f"{processor()}, {len(os.sched_getaffinity(0))} cores, {system.system} {system.release}\n"
        f"{platform.python_implementation()} {platform.python_version()}, load before: {load}\n"
    )
