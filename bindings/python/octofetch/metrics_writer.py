"""Keeps a process's metrics in PROMETHEUS_MULTIPROC_DIR up to date, for octofetch.prometheus.

Whoever is scraped cannot ask the other processes, so each writes its numbers by itself: on a thread, because
connections close and counts go on when nobody calls. The thread ends before a fork and starts again on both sides.
"""

import atexit
import logging
import os
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Counter, Gauge

from octofetch.client import Client
from octofetch.metrics import COUNTERS, GAUGES, PROCESS_COUNTERS, QUANTILES, Totals

EVERY_S = 1.0

logger = logging.getLogger("octofetch")


class MetricsWriter:
    """One a process, for good."""

    def __init__(self) -> None:
        self._totals = Totals()
        self._lock = threading.Lock()
        self._counted: dict[tuple[str, str], int] = {}
        self._counters = {row.stat: Counter(row.name, row.text, ["client"], registry=None) for row in COUNTERS}
        self._process_counters = {row.stat: Counter(row.name, row.text, registry=None) for row in PROCESS_COUNTERS}
        self._gauges = {
            row.stat: Gauge(
                row.name,
                row.text,
                ["client"],
                registry=None,
                multiprocess_mode="livesum" if row.is_sum else "livemax",
            )
            for row in GAUGES
        }
        self._quantiles = [
            Gauge(row.name, row.text, ["client", "quantile"], registry=None, multiprocess_mode="livemax")
            for row, _ in QUANTILES
        ]
        self._failure = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._start()
        os.register_at_fork(before=self._before_fork, after_in_parent=self._start, after_in_child=self._begin_child)
        atexit.register(self._end)

    def add(self, clients: Iterable[Client]) -> None:
        with self._lock:
            self._totals.add(clients)
        self.write()

    def write(self) -> None:
        with self._lock:
            for name, stats in self._totals.read().items():
                for stat, counter in self._counters.items():
                    counter.labels(name).inc(self._more(name, stat, stats[stat]))
                for row in GAUGES:
                    self._gauges[row.stat].labels(name).set(stats[row.stat] * row.scale)
                for gauge, (row, stat_of) in zip(self._quantiles, QUANTILES, strict=True):
                    for quantile, stat in stat_of.items():
                        gauge.labels(name, quantile).set(stats[stat] * row.scale)
            for stat, counter in self._process_counters.items():
                counter.inc(self._more("", stat, self._totals.of_process(stat)))

    def _more(self, name: str, stat: str, count: int) -> int:
        """How many more than were written. Fewer they are only when a client closed before it was read."""
        before = self._counted.get((name, stat), 0)
        self._counted[name, stat] = max(before, count)
        return max(0, count - before)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self._try_write()

    def _try_write(self) -> None:
        """A full disk or a directory that is gone costs metrics, and nothing else; said once."""
        try:
            self.write()
        except Exception as error:
            if self._failure != str(error):
                self._failure = str(error)
                logger.warning("metrics are not written: %s", error)

    def _start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="octofetch-metrics", daemon=True)
        self._thread.start()

    def _before_fork(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stop.set()
        thread.join()
        # Joined before it has vanished from the process's count of threads, which Python 3.12 warns by.
        task = Path(f"/proc/self/task/{thread.native_id}")
        for _ in range(100):
            if not task.exists():
                break
            time.sleep(0.0001)

    def _begin_child(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._counted = {}
        self._totals.forget()
        self._totals.read()
        # This count goes on from the parent's, which has written it.
        for stat in self._process_counters:
            self._counted["", stat] = self._totals.of_process(stat)
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            # Its children end without atexit, and forget the finalizers that were there before they begin.
            util.register_after_fork(self, MetricsWriter._end_with_multiprocessing)
        self._start()

    def _end_with_multiprocessing(self) -> None:
        sys.modules["multiprocessing.util"].Finalize(None, self._end, exitpriority=0)

    def _end(self) -> None:
        self._stop.set()
        self._try_write()
