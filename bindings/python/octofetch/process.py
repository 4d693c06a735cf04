"""What octofetch does when the process forks or ends."""

import atexit
import os

from octofetch import _core, loops, refresher
from octofetch.deadline import wait_us
from octofetch.spans import Span
from octofetch.status import Status

# An idle client of 64 TLS connections gives back its threads in less.
REST_US = 200_000


def _before_fork() -> None:
    """With no batch under way the library's threads end, so that Python does not warn of threads in a forking process.

    A batch that runs goes on; the child then gets an engine of its own all the same.
    """
    _core.rest(REST_US)
    refresher.before_fork()


def _after_fork_in_child() -> None:
    loops.forget_all()
    refresher.after_fork_in_child()


def shutdown(wait: Span = 5.0) -> bool:
    """Ends every thread of the library in this process, cancelling what runs; whether all had ended within `wait`.

    Clients stay open; the next fetch starts threads again. For hosts that fork after they have fetched.
    """
    return _core.shut_down(wait_us(wait, "wait")) != Status.AGAIN


def install() -> None:
    os.register_at_fork(
        before=_before_fork, after_in_parent=refresher.after_fork_in_parent, after_in_child=_after_fork_in_child
    )
    atexit.register(_core.keep_threads_outside)
