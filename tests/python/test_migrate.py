"""docs/migrate: what stands there as before and after gives the same bytes, from an origin that checks signatures."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from origin import Origin, pattern

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "migrate"
PAGES = ["aiobotocore", "aiohttp", "boto3"]
ADDRESS = "https://images.example/thumbs"
KEY_ID, SECRET, REGION = "AKIDMIGRATE", "secret/of+migrate=1", "eu-west-1"
SIGNATURE = {"region": REGION, "access_key_id": KEY_ID, "secret_access_key": SECRET}
KEYS = [f"picture {number}+ü.jpg" for number in range(40)] + ["gone.jpg"]

# Both blocks define a function of one name.
CALL = """
import asyncio, hashlib, inspect, json, sys, time
names = {}
exec(compile(sys.argv[1], "document", "exec"), names)
keys = json.loads(sys.argv[2])
begun = time.monotonic()
bodies = names["thumbnails"](keys)
if inspect.iscoroutine(bodies):
    bodies = asyncio.run(bodies)
print(json.dumps({"seconds": time.monotonic() - begun,
                  "bodies": [[key, len(body), hashlib.sha256(body).hexdigest()] for key, body in bodies.items()]}))
"""


def block_of(page: str, heading: str) -> str:
    text = (FOLDER / f"{page}.md").read_text()
    (block,) = re.findall(rf"^## {heading}\n\n```python\n(.*?)^```", text, re.M | re.S)
    return str(block)


def called(block: str, origin: Origin, home: Path, keys: list[str]) -> tuple[list[list[object]], float]:
    """What its `thumbnails` gives for the keys, in a process of its own, and how long it took."""
    store = origin.url("http")
    variables = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")} | {
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL_S3": store,
        "OCTOFETCH_THUMBS_S3_ENDPOINT": store,
    }
    command = [sys.executable, "-c", CALL, block.replace(ADDRESS, f"{store}/thumbnails"), json.dumps(keys)]
    ran = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(ran.stdout)
    return found["bodies"], found["seconds"]


def script_of(page: str, **paths: object) -> dict[str, object]:
    gone = {"/thumbnails/gone.jpg": {"status": 404}}
    return {"paths": gone | paths} | ({} if page == "aiohttp" else {"signature": SIGNATURE})


@pytest.mark.parametrize("page", PAGES)
def test_before_and_after_give_the_same_bytes(page: str, origin: Origin, tmp_path: Path) -> None:
    origin.script(script_of(page))
    wanted = [[key, len(body), hashlib.sha256(body).hexdigest()] for key in KEYS for body in [body_of(key)]]
    for heading in ("Before", "After"):
        assert called(block_of(page, heading), origin, tmp_path, KEYS)[0] == wanted, heading


def body_of(key: str) -> bytes:
    return b"no picture" if key == "gone.jpg" else pattern(f"thumbnails/{key}".encode(), 0, 1024)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_slow_does_not_keep_the_rest_waiting_any_more(page: str, origin: Origin, tmp_path: Path) -> None:
    origin.script(script_of(page) | {"paths": {"/thumbnails/slow.jpg": {"delay_ms": 30_000}}})
    found, seconds = called(block_of(page, "After"), origin, tmp_path, ["a.jpg", "slow.jpg"])
    assert [size for _, size, _ in found] == [1024, len(b"no picture")]
    assert seconds < 3
