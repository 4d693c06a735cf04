"""The numbers of octo_stats as metrics: their names, and what clients of one name have together."""

from collections.abc import Iterable
from typing import NamedTuple

from octofetch.client import Client
from octofetch.errors import ClosedError

Stats = dict[str, int]


class Row(NamedTuple):
    stat: str  # of Client.stats()
    name: str
    text: str
    scale: float = 1
    is_sum: bool = True  # over processes and clients of one name; else their largest


_US = 1e-6

COUNTERS = [
    Row("batches", "octofetch_batches", "Batches submitted"),
    Row("batches_complete", "octofetch_batches_complete", "Batches frozen with every request settled"),
    Row("batches_deadline", "octofetch_batches_deadline", "Batches frozen by their deadline"),
    Row("requests", "octofetch_requests", "Requests submitted"),
    Row("requests_ok", "octofetch_requests_ok", "Requests settled with OK"),
    Row("requests_other", "octofetch_requests_other", "Requests settled with any other status"),
    Row("requests_unsettled", "octofetch_requests_unsettled", "Requests unsettled when their batch froze"),
    Row("requests_shed", "octofetch_requests_shed", "Requests not started, as they could not have finished"),
    Row("attempts", "octofetch_attempts", "Exchanges started on the wire"),
    Row("reruns", "octofetch_reruns", "Exchanges run again, as a reused connection was dead or dirty"),
    Row("connections_opened", "octofetch_connections_opened", "Connections opened"),
    Row("connections_refused_by_guard", "octofetch_connections_refused", "Connections with stray bytes, thrown away"),
    Row("lookups", "octofetch_lookups", "Name lookups"),
    Row("lookups_failed", "octofetch_lookups_failed", "Name lookups that failed"),
    Row("bytes_received", "octofetch_received_bytes", "Bytes of bodies received"),
    Row("orphans_finished", "octofetch_orphans_finished", "Exchanges that finished after their batch froze"),
    Row("orphans_cut", "octofetch_orphans_cut", "Exchanges that were cut after their batch froze"),
]
# The same number in every client of a process.
PROCESS_COUNTERS = [
    Row("forks_unawaited", "octofetch_forks_unawaited", "Forks that did not wait for every thread of the library")
]
GAUGES = [
    Row("connections_open", "octofetch_connections_open", "Connections open"),
    Row("connections_idle", "octofetch_connections_idle", "Connections idle"),
    Row("slots_busy", "octofetch_slots_busy", "Slots busy, of connections.max"),
    Row("queued", "octofetch_queued_requests", "Requests that wait for a slot"),
    Row("memory_active", "octofetch_memory_active_bytes", "Bytes held for batches under way, of memory.max"),
    Row("memory_delivered", "octofetch_memory_delivered_bytes", "Bytes of results that the host keeps"),
    Row("estimate_us", "octofetch_estimate_seconds", "What an exchange is taken to need", _US, is_sum=False),
]
# Metrics with one more label, and the number behind each of its values.
QUANTILES = [
    (
        Row("", "octofetch_service_seconds", "Recent exchanges, from start to last byte", _US, is_sum=False),
        {"0.5": "service_us_p50", "0.9": "service_us_p90", "0.99": "service_us_p99"},
    )
]

_LARGEST = {row.stat for row in GAUGES if not row.is_sum} | {stat for _, stats in QUANTILES for stat in stats.values()}


class Totals:
    """What clients count, by name. A closed client keeps what it had when it was last read."""

    def __init__(self) -> None:
        self._clients: list[Client] = []
        self._last: dict[Client, Stats] = {}

    def add(self, clients: Iterable[Client]) -> None:
        self._clients += [client for client in clients if client not in self._clients]

    def forget(self) -> None:
        """In a child of fork: what was read is the parent's."""
        self._last.clear()

    def read(self) -> dict[str, Stats]:
        found: dict[str, Stats] = {}
        for client in self._clients:
            stats = self._stats_of(client)
            if not stats:
                continue
            sums = found.setdefault(client.name, dict.fromkeys(stats, 0))
            for stat, value in stats.items():
                sums[stat] = max(sums[stat], value) if stat in _LARGEST else sums[stat] + value
        return found

    def of_process(self, stat: str) -> int:
        return max((stats[stat] for stats in self._last.values()), default=0)

    def _stats_of(self, client: Client) -> Stats:
        try:
            self._last[client] = client.stats()
        except ClosedError:
            if client in self._last:
                # Its gauges are over; what it counted stays counted.
                self._last[client] |= dict.fromkeys(_LARGEST | {row.stat for row in GAUGES}, 0)
        return self._last.get(client, {})
