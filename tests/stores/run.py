"""Runs the tests of one suite against stores: run.py SUITE FOLDER PROGRAM… for ctest.

Installs what they need in FOLDER (ground.py) and hands over to the Python there. Ends with 77, which ctest takes for
"skipped", where something is missing, and says what to install. Where the variable CI is set, only Go may be missing: a
service that tests nothing and calls it good would be worse than one that fails.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.stores.ground import HERE, NoGoError, NotHereError, go_build, go_install, python_of
else:
    from ground import HERE, NoGoError, NotHereError, go_build, go_install, python_of


SKIPPED = 77
VERSITY = ("github.com/versity/versitygw/cmd/versitygw", "v1.8.0")

# What each suite of stores runs, and the program of its store.
SUITES: dict[str, Callable[[Path, Path], list[str]]] = {
    "moto": lambda place, python: ["store_test.py", "moto", str(python)],
    "versity": lambda place, python: ["store_test.py", "versity", str(go_install(place, *VERSITY))],
    "fake": lambda place, python: ["store_test.py", "fake", str(go_build(place, HERE / "gofakes3"))],
    "boto": lambda place, python: ["boto_test.py", str(python)],
    "signatures": lambda place, python: ["signature_test.py"],
}


def main(suite: str, folder: str, *programs: str) -> None:
    place = Path(folder)
    try:
        python = python_of(place)
        script, *arguments = SUITES[suite](place, python)
    except NotHereError as reason:
        has_failed = "CI" in os.environ and not isinstance(reason, NoGoError)
        print(f"{suite}: {'failed' if has_failed else 'skipped'}: {reason}")
        sys.exit(1 if has_failed else SKIPPED)
    os.execv(python, [str(python), str(HERE / script), *arguments, *programs])


main(*sys.argv[1:])
