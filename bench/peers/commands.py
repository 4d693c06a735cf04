"""How each contender of the replay is started.

`check.sh` has installed and built them; what they are told besides stands in README.md.
"""

import os
from pathlib import Path


def commands() -> dict[str, list[str]]:
    """By name; those that are not built here are there as well."""
    build = Path(os.environ["OCTO_BUILD_DIR"])
    node = build / "node/replay"
    undici = ["node", str(node / "with_undici.mjs")]
    folder = Path(__file__).parent
    python = str(folder.parent.parent / "build/peers/bin/python")
    return {
        "node-octofetch": ["node", str(node / "with_octofetch.mjs")],
        "node-undici": undici,
        "node-undici-unbounded": [*undici, "--unbounded"],
        "node-aws-sdk": ["node", str(node / "with_aws_sdk.mjs")],
        "go": [str(build / "go/octo")],
        "c-octofetch": [str(build / "bench/contenders/octo")],
        **{
            f"python-{name}": [python, str(folder / f"python/with_{name}.py")]
            for name in ("octofetch", "aiohttp", "obstore", "boto3")
        },
    }
