"""./dev bench python-deadline: FastAPI under uvicorn.

Exits with 1 when a figure misses its limit, with 2 when it could not measure. README.md says how to read it.
"""

import sys

from deadline.bench import Application, run_benchmark
from deadline.fetchers import FETCHERS

PYTHON = Application(
    "python-deadline",
    list(FETCHERS),
    ["asyncio", "uvloop"],
    lambda fetcher: [sys.executable, "-m", "deadline.app", "--fetcher", fetcher],
)

if __name__ == "__main__":
    try:
        sys.exit(run_benchmark(PYTHON))
    except OSError as error:
        print(f"python-deadline: {error}", file=sys.stderr)
        sys.exit(2)
