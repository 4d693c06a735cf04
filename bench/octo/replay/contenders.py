"""Who plays, in the order of the report. What is not installed says so and is left out."""

import os
import sys
from pathlib import Path

from replay.contender import PEERS, Contender


def contenders(build: Path) -> list[Contender]:
    def python(name: str) -> list[str]:
        return [sys.executable, str(PEERS / f"python/with_{name}.py")]

    def node(name: str) -> list[str]:
        return ["node", "--disable-warning=OctofetchWarning", f"{os.environ['OCTO_PEERS_NODE']}/with_{name}.mjs"]

    own = "the package as its README shows it"
    return [
        Contender(
            "c-octofetch", "C, octofetch", "C", True, "octofetch.h, one thread, a queue", [str(build / "bench/peers/octo")]
        ),
        Contender("python-octofetch", "Python, octofetch", "Python", True, own, python("octofetch")),
        Contender("node-octofetch", "Node.js, octofetch", "Node.js", True, own, node("octofetch")),
        Contender("go", "Go, worker pool", "Go", False, "the article's delegator and workers", [str(build / "bench/peers/octo-go")]),
        Contender("node-undici", "Node.js, undici", "Node.js", False, "a Pool, one signal for a page", node("undici")),
        Contender("node-aws-sdk", "Node.js, AWS SDK", "Node.js", False, "@aws-sdk/client-s3, one signal for a page", node("aws_sdk")),
        Contender("python-aiohttp", "Python, aiohttp", "Python", False, "asyncio.wait with a timeout", python("aiohttp")),
        Contender("python-obstore", "Python, obstore", "Python", False, "the object_store of Rust, asyncio.wait", python("obstore")),
        Contender("python-boto3", "Python, boto3", "Python", False, "a thread pool, wait with a timeout", python("boto3")),
    ]
