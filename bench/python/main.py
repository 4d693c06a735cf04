"""./dev bench python: what fetching a page costs in Python, beside the C ABI and beside other clients.

Exits with 1 when a figure misses its limit, with 2 when it could not measure. README.md says how to read it.
"""

import sys
from pathlib import Path

from contest import Programs
from cost import Subject, build_folder, run_benchmark

PYTHON = Subject(
    name="python",
    own=["octofetch", "octofetch_asyncio", "octofetch_asyncio_uvloop"],
    peers=["aiohttp", "aiohttp_uvloop", "httpx", "obstore", "boto3", "aiobotocore", "awscrt", "pycurl"],
    caller="Python threads",
    floor=("copies",),
)


def main() -> int:
    build = build_folder()
    contender = [sys.executable, str(Path(__file__).parent / "contender.py")]
    return run_benchmark(PYTHON, Programs(build, contender, {"PYTHONPATH": str(build / "python")}))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"python: {error}", file=sys.stderr)
        sys.exit(2)
