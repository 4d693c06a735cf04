"""./dev bench node-deadline: a server of node:http.

Exits with 1 when a figure misses its limit, with 2 when it could not measure. README.md says how to read it.
"""

import os
import sys
from pathlib import Path

from deadline.bench import Application, run_benchmark

NODE = Application(
    "node-deadline",
    ["octofetch", "undici", "aws_sdk"],
    ["libuv"],
    lambda fetcher: [
        *("node", "--disable-warning=OctofetchWarning"),
        *(str(Path(os.environ["OCTO_NODE_PEERS"]) / "deadline/app.mjs"), "--fetcher", fetcher),
    ],
)

if __name__ == "__main__":
    try:
        sys.exit(run_benchmark(NODE))
    except OSError as error:
        print(f"node-deadline: {error}", file=sys.stderr)
        sys.exit(2)
