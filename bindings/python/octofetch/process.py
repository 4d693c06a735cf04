"""What octofetch does when the process forks or ends."""

import atexit
import os

from octofetch import _core, loops

# An idle client of 64 TLS connections gives back its threads in less.
REST_US = 200_000


def _before_fork() -> None:
    """With no batch under way the library's threads end, so that Python does not warn of threads in a forking process.

    A batch that runs goes on; the child then gets an engine of its own all the same.
    """
    _core.rest(REST_US)


def install() -> None:
    os.register_at_fork(before=_before_fork, after_in_child=loops.forget_all)
    atexit.register(_core.keep_threads_outside)
