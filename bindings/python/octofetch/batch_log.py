"""What batches leave in the log: a line each at DEBUG, and now and then a warning of one that brought nothing.

Keys are in lines of DEBUG alone: they may tell about people, and logs are read by many.
"""

import logging
import reprlib
import time
from collections import Counter

from octofetch.results import Results
from octofetch.status import Status

WARNING_EVERY_S = 10
KEYS_MAX = 8

logger = logging.getLogger("octofetch")

_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = 120


class BatchLog:
    """Of one client. With logging off a batch costs two look-ups."""

    def __init__(self, client_name: str) -> None:
        self._client_name = client_name
        self._warned_at: dict[Status, float] = {}

    def note(self, results: Results) -> None:
        """A batch was collected."""
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("%s: %s%s", self._client_name, results.explain(), _keys(results))
        if results.info.ok_count == 0 and len(results) > 0 and logger.isEnabledFor(logging.WARNING):
            self._warn(results)

    def _warn(self, results: Results) -> None:
        """Once per cause, the most frequent status, and 10 s: what brings one batch nothing brings many nothing."""
        if results.state is Status.CANCELLED:
            return  # it was not wanted any more
        cause = Counter(result.status for result in results).most_common(1)[0][0]
        now_s = time.monotonic()
        if now_s - self._warned_at.get(cause, -WARNING_EVERY_S) >= WARNING_EVERY_S:
            self._warned_at[cause] = now_s
            logger.warning("%s: %s: %s", self._client_name, cause, results.explain())


def _keys(results: Results) -> str:
    """Those without a body and why, the first of them."""
    if results.info.ok_count == len(results):
        return ""
    others = [result for result in results if not result.ok]
    named = [f"{_shortened.repr(result.key)} {result.status}" for result in others[:KEYS_MAX]]
    more = f", and {len(others) - KEYS_MAX} more" if len(others) > KEYS_MAX else ""
    return f" [{', '.join(named)}{more}]"
