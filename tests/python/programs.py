"""Programs of their own for tests of what becomes of a whole process: their source, run by this Python."""

import subprocess
import sys


def run_python(source: str, *arguments: str, limit_s: float = 60) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", source, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)
