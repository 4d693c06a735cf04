"""Fetches from the scripted origin, over HTTP and HTTPS, with an octofetch that is installed somewhere.

python_fetch.py ORIGIN COMMAND…, where COMMAND runs that Python; the origin is started here, outside of what COMMAND
hides.
"""

import json
import subprocess
import sys

FETCH = """
import sys
from importlib.metadata import version
import octofetch
assert version("octofetch") == octofetch.__version__, version("octofetch")
for url, ca_file in (sys.argv[1:3], sys.argv[3:5]):
    with octofetch.Client(url, **({"tls_ca_file": ca_file} if ca_file else {})) as client:
        results = client.fetch([f"key-{index}" for index in range(20)], budget=30)
        assert results.complete and all(len(result.body) == 1024 for result in results), results.explain()
print(octofetch.build_information(), "fetched over http and https")
"""


def main() -> None:
    program, *command = sys.argv[1:]
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as origin:
        assert origin.stdin is not None
        assert origin.stdout is not None
        ready = json.loads(origin.stdout.readline())
        http, https = f"http://127.0.0.1:{ready['http']}", f"https://127.0.0.1:{ready['https']}"
        subprocess.run([*command, "-W", "error", "-c", FETCH, http, "", https, ready["ca_file"]], check=True)
        origin.stdin.close()


main()
