"""Metrics of clients for prometheus_client, which `pip install octofetch[prometheus]` brings.

    from octofetch import prometheus

    prometheus.register(thumbs, texts)

Each client is a label, its name. In one process the numbers are read when they are scraped. Where
PROMETHEUS_MULTIPROC_DIR is set, as for gunicorn with several workers, each process writes its own into that directory
every second, and prometheus_client's MultiProcessCollector adds them up.
"""

import os
from collections.abc import Iterable
from weakref import WeakKeyDictionary

try:
    import prometheus_client as _found  # noqa: F401
except ModuleNotFoundError as missing:
    raise ImportError("octofetch.prometheus needs prometheus_client; pip install octofetch[prometheus]") from missing

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from octofetch.client import Client
from octofetch.metrics import COUNTERS, GAUGES, PROCESS_COUNTERS, QUANTILES, Totals
from octofetch.metrics_writer import MetricsWriter

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

_collectors: WeakKeyDictionary[CollectorRegistry, "ClientCollector"] = WeakKeyDictionary()
_writer: MetricsWriter | None = None


def register(*clients: Client, registry: CollectorRegistry = REGISTRY) -> None:
    """Exposes the numbers of these clients from now on, also when they are closed; more may follow.

    With PROMETHEUS_MULTIPROC_DIR set nothing is added to `registry`: there every process is scraped through any one.
    """
    global _writer
    if DIRECTORY in os.environ:
        if _writer is None:
            _writer = MetricsWriter()
        _writer.add(clients)
        return
    found = _collectors.get(registry)
    if found is None:
        found = _collectors[registry] = ClientCollector()
        registry.register(found)
    found.add(clients)


def write() -> None:
    """Writes what this process has counted into PROMETHEUS_MULTIPROC_DIR now, rather than within a second.

    For hosts that end by os._exit or have no threads, such as uWSGI without --enable-threads.
    """
    if _writer is not None:
        _writer.write()


class ClientCollector(Collector):
    """Reads the numbers of this process's clients at each scrape."""

    def __init__(self) -> None:
        self._totals = Totals()

    def add(self, clients: Iterable[Client]) -> None:
        self._totals.add(clients)

    def collect(self) -> Iterable[Metric]:
        by_name = self._totals.read()
        for row in COUNTERS:
            counter = CounterMetricFamily(row.name, row.text, labels=["client"])
            for name, stats in by_name.items():
                counter.add_metric([name], stats[row.stat] * row.scale)
            yield counter
        for row in PROCESS_COUNTERS:
            yield CounterMetricFamily(row.name, row.text, value=self._totals.of_process(row.stat))
        for row in GAUGES:
            gauge = GaugeMetricFamily(row.name, row.text, labels=["client"])
            for name, stats in by_name.items():
                gauge.add_metric([name], stats[row.stat] * row.scale)
            yield gauge
        for row, stat_of in QUANTILES:
            quantiles = GaugeMetricFamily(row.name, row.text, labels=["client", "quantile"])
            for name, stats in by_name.items():
                for quantile, stat in stat_of.items():
                    quantiles.add_metric([name, quantile], stats[stat] * row.scale)
            yield quantiles

    def describe(self) -> Iterable[Metric]:
        for row in COUNTERS + PROCESS_COUNTERS:
            yield CounterMetricFamily(row.name, row.text)
        for row in GAUGES + [row for row, _ in QUANTILES]:
            yield GaugeMetricFamily(row.name, row.text)
