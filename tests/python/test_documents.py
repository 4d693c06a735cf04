"""The Python of README.md and docs/python runs as typed, against the origin in place of the address that it names."""

import ast
import asyncio
import inspect
import json
import re
from pathlib import Path
from typing import Any

import octofetch
import pytest
from origin import Origin

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs" / "python").glob("*.md"))]
ADDRESS = "https://images.example/thumbs"


def blocks() -> list[Any]:
    found = []
    for document in DOCUMENTS:
        for number, block in enumerate(re.findall(r"^```python\n(.*?)^```", document.read_text(), re.M | re.S)):
            found.append(pytest.param(block, id=f"{document.relative_to(ROOT)}-{number}"))
    return found


@pytest.mark.parametrize("block", blocks())
def test_a_block_runs_as_typed(block: str, origin: Origin) -> None:
    origin.script({"paths": {"/thumbs/p.json": {"body": json.dumps({"title": "x"})}}})
    names = {"PLACEHOLDER": b"", "render": lambda *parts: parts, "query": list, "logger": None}
    source = block.replace(ADDRESS, f"{origin.url('http')}/thumbs")
    code = compile(source, "document", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def main() -> None:
        result = eval(code, names)
        if inspect.iscoroutine(result):
            await result

    asyncio.run(main())
    assert octofetch.shutdown(5)
