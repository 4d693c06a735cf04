"""A WSGI application that fetches, says in which process, and exposes the metrics of all; for test_prometheus."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from octofetch import Client, prometheus
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

thumbs = Client(os.environ["OCTOFETCH_THUMBS_URL"], name="thumbs", budget=20)
prometheus.register(thumbs)


def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/metrics":
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return [generate_latest(registry)]
    assert thumbs.fetch(["a", "b"]).complete
    return [str(os.getpid()).encode()]
