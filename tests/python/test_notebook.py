"""The notebook of the examples, run by a real kernel."""

import json
import os
import subprocess
import sys
from pathlib import Path

from origin import Origin

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "python" / "timeline.ipynb"
FOLDERS = ["IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"]

RUN = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=60).execute()
print(nbformat.writes(notebook))
"""


def test_the_notebook_shows_a_timeline(origin: Origin, tmp_path: Path) -> None:
    origin.script({"paths": {"/slow": {"delay_ms": 30_000}}})
    # Nothing of whoever runs the tests is read or written.
    variables = os.environ | dict.fromkeys(FOLDERS, str(tmp_path)) | {"OCTOFETCH_THUMBS_URL": origin.url("http")}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(NOTEBOOK)], env=variables, stdout=subprocess.PIPE, text=True, check=True
    )
    outputs = {cell["id"]: cell.get("outputs", []) for cell in json.loads(ran.stdout)["cells"]}
    (explanation,), (timeline,), (why,) = outputs["explain"], outputs["timeline"], outputs["why"]
    assert explanation["text"][0].startswith("8 of 9")
    assert timeline["data"]["image/svg+xml"][0].startswith("<svg")
    assert "".join(why["data"]["text/plain"]).startswith("{'slow': ('DEADLINE',")
    assert outputs["fetch"] == []
