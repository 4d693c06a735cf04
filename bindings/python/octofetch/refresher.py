"""Asks a client's provider for new credentials before those in use end, on a thread of its own.

The thread is a daemon. It exists while the client is open and its credentials end; it keeps the client by a weak
reference alone. Before a fork it ends, and goes on in the parent; a child starts its own with its first batch.
"""

import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue

from octofetch.credentials import Credentials, Provider, ask, described
from octofetch.errors import CallError, ClosedError

logger = logging.getLogger("octofetch")

# From here on before their end credentials are renewed; sets that live for less than twice as long, at half their life.
MARGIN_S = 15 * 60
# A batch whose credentials were refused has the provider asked at once, but not more often than this.
ASK_EVERY_S = 5.0
RETRY_MIN_S, RETRY_MAX_S = 1.0, 60.0
# Waits are cut, as the clock they are measured on stands still while the machine sleeps.
WAIT_MAX_S = 60.0
# For a thread that waits to end, and before a fork for one that asks to be done: a lock of the provider's, as botocore
# has them, that is taken at the fork stays taken in the child.
END_WITHIN_S = 0.2
ASKED_WITHIN_S = 0.2

# Reentrant, so that a weak reference may wake the thread from wherever the client is collected.
Wake = SimpleQueue[None]


class Refresher:
    """The credentials of one client over time. All calls may come from any thread."""

    def __init__(
        self, name: str, provider: Provider, first: Credentials, hand_over: Callable[[Credentials], None]
    ) -> None:
        self._name = name
        self._provider = provider
        self._hand_over = hand_over
        self._current = first
        self._margin_s = _margin_of(first)
        self._not_before = 0.0  # of the monotonic clock
        self._asked_at = time.monotonic()
        self._failures = 0
        self._is_wanted = False
        self._is_asking = False
        self._is_closed = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake: Wake | None = None  # of the thread; none where there is no thread
        self._process = os.getpid()
        _live.add(self)
        self.ensure()

    @property
    def current(self) -> Credentials:
        return self._current

    def ensure(self) -> None:
        """Starts the thread where it is needed and not there. Called for every batch, so cheap when all is well."""
        if self._process == os.getpid() and (self._wake is not None or not self._has_work()):
            return
        if self._process != os.getpid():
            # A child of a fork that Python knows nothing of, as those of uWSGI are.
            self.forget_thread()
        with self._lock:
            if self._wake is not None or not self._has_work() or _forks_under_way > 0:
                return
            self._wake = wake = Wake()
            self._is_asking = False
            reference = weakref.ref(self, lambda _: wake.put(None))
            self._thread = threading.Thread(
                target=_run, args=(reference, wake), name="octofetch-credentials", daemon=True
            )
            self._thread.start()

    def request(self) -> None:
        """The credentials were refused: have them renewed now, unless that was tried a moment ago."""
        if self._is_closed or time.monotonic() - self._asked_at < ASK_EVERY_S:
            return
        self._is_wanted = True
        self.ensure()
        wake = self._wake
        if wake is not None:
            wake.put(None)

    def close(self) -> None:
        self._is_closed = True
        self.end_thread()

    def end_thread(self) -> None:
        """A thread that waits ends at once; one inside the provider when it comes back, without a trace."""
        with self._lock:
            wake, self._wake = self._wake, None
            thread = self._thread
        if wake is None or thread is None:
            return
        wake.put(None)
        if thread is not threading.current_thread() and not self._is_asking:
            thread.join(END_WITHIN_S)

    def rest(self) -> None:
        """Before a fork; a provider that takes its time keeps its thread."""
        end = time.monotonic() + ASKED_WITHIN_S
        while self._is_asking and time.monotonic() < end:
            time.sleep(0.005)
        if not self._is_asking:
            self.end_thread()

    def forget_thread(self) -> None:
        """For the process that has none: a lock that was taken at a fork stays taken in the child."""
        self._lock = threading.Lock()
        self._thread = None
        self._wake = None
        self._is_asking = False
        self._process = os.getpid()

    def _has_work(self) -> bool:
        return not self._is_closed and (self._is_wanted or self._current.expires_at is not None)

    # ------------------------------------------------------------------------------------------- on the thread alone

    def is_thread(self, wake: Wake) -> bool:
        """Whether the thread of this `wake` is still the one, rather than ended or replaced."""
        return self._wake is wake and not self._is_closed

    def leave(self, wake: Wake) -> bool:
        """Ends the thread unless there is work again."""
        with self._lock:
            if self._has_work():
                return False
            if self._wake is wake:
                self._wake = None
            return True

    def pause_s(self) -> float | None:
        """How long until the provider is asked; None when there is nothing to renew."""
        expires_at_s = self._current.expires_at_s
        if self._is_wanted:
            return 0
        if expires_at_s is None:
            return None
        return max(0, expires_at_s - time.time() - self._margin_s, self._not_before - time.monotonic())

    def begin(self) -> Provider:
        self._is_asking = True
        self._is_wanted = False
        self._asked_at = time.monotonic()
        return self._provider

    def end(self, given: Credentials | BaseException) -> None:
        self._is_asking = False
        trouble = described(given) if isinstance(given, BaseException) else self._take(given)
        if trouble is not None:
            self._note_failure(trouble)

    def _take(self, given: Credentials) -> str | None:
        """Why the set cannot be used, or None."""
        end_s = given.expires_at_s
        left_s = RETRY_MAX_S if end_s is None else end_s - time.time()
        if left_s <= 0:
            return "it gave a set that has expired"
        try:
            self._hand_over(given)
        except ClosedError:
            self._is_closed = True
            return None
        except CallError as error:
            # The library's texts repeat no secret.
            return str(error)
        if self._failures > 0:
            logger.info("%s: the credentials are renewed", self._name)
        self._failures = 0
        if end_s is not None and end_s == self._current.expires_at_s:
            # The provider has nothing newer yet.
            self._not_before = time.monotonic() + min(max(left_s / 4, ASK_EVERY_S), RETRY_MAX_S)
        else:
            self._margin_s, self._not_before = _margin_of(given), 0.0
        self._current = given
        return None

    def _note_failure(self, trouble: str) -> None:
        pause_s = min(RETRY_MIN_S * 2 ** min(self._failures, 10), RETRY_MAX_S) * random.uniform(0.75, 1.25)
        self._failures += 1
        self._not_before = time.monotonic() + pause_s
        logger.warning(
            "%s: the credentials provider failed: %s; those from before stay in use, and it is asked again in %.1f s",
            self._name,
            trouble,
            pause_s,
        )


def _margin_of(credentials: Credentials) -> float:
    end_s = credentials.expires_at_s
    return 0 if end_s is None else min(MARGIN_S, max(0, end_s - time.time()) / 2)


def _run(reference: "weakref.ref[Refresher]", wake: Wake) -> None:
    """The thread. It has the refresher in hand for moments only: neither while it waits nor inside the provider."""
    while True:
        refresher = reference()
        if refresher is None or not refresher.is_thread(wake):
            return
        pause_s = refresher.pause_s()
        if pause_s is None:
            if refresher.leave(wake):
                return
        elif pause_s <= 0:
            provider = refresher.begin()
            del refresher
            given = _answer_of(provider)
            del provider
            refresher = reference()
            # A thread that was replaced meanwhile, as for a fork, leaves the work to the next.
            if refresher is None or not refresher.is_thread(wake):
                return
            refresher.end(given)
        else:
            del refresher
            try:
                wake.get(timeout=min(pause_s, WAIT_MAX_S))
            except Empty:
                continue


def _answer_of(provider: Provider) -> Credentials | BaseException:
    try:
        return ask(provider)
    except BaseException as error:
        # Whatever it is, it must not end the thread: nobody would ask any more.
        return error


_live: weakref.WeakSet[Refresher] = weakref.WeakSet()
_forks_under_way = 0


def before_fork() -> None:
    """No thread at a fork, of which Python 3.12 and newer would warn."""
    global _forks_under_way
    _forks_under_way += 1
    for refresher in list(_live):
        refresher.rest()


def after_fork_in_parent() -> None:
    global _forks_under_way
    _forks_under_way -= 1
    for refresher in list(_live):
        refresher.ensure()


def after_fork_in_child() -> None:
    """While the child has one thread. `ensure` would see to it as well, but on several at once."""
    global _forks_under_way
    _forks_under_way = 0
    for refresher in list(_live):
        refresher.forget_thread()
