"""octofetch.prometheus with the real prometheus_client, in one process and in several."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from octofetch import Client, Status, metrics, prometheus
from octofetch.testing import FakeClient
from origin import Origin
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

HERE = Path(__file__).resolve().parent

Samples = dict[tuple[str, ...], float]


def parsed(exposition: str) -> Samples:
    """Each sample by its name and the values of its labels."""
    found: Samples = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            key = (sample.name, *sample.labels.values())
            assert key not in found, f"{key} is there twice"
            found[key] = sample.value
    return found


def scraped(registry: CollectorRegistry) -> Samples:
    return parsed(generate_latest(registry).decode())


def test_every_number_of_a_client_is_a_metric(client: Client) -> None:
    registry = CollectorRegistry()
    prometheus.register(client, registry=registry)
    client.fetch(["a", "b"], budget=20)
    end = time.monotonic() + 10
    # A request is counted a moment after it has settled.
    while (stats := client.stats())["requests_ok"] < 2 or stats["slots_busy"] > 0:
        assert time.monotonic() < end, stats
    found = scraped(registry)
    for row in metrics.COUNTERS:
        assert found[f"{row.name}_total", "tests"] == stats[row.stat]
    for row in metrics.GAUGES:
        assert found[row.name, "tests"] == pytest.approx(client.stats()[row.stat] * row.scale, rel=1)
    for quantile in ("0.5", "0.9", "0.99"):
        assert ("octofetch_service_seconds", "tests", quantile) in found
    assert found[("octofetch_forks_unawaited_total",)] == stats["forks_unawaited"]
    assert found["octofetch_requests_ok_total", "tests"] == 2
    assert found["octofetch_received_bytes_total", "tests"] == 2048
    named = {row.stat for rows in (metrics.COUNTERS, metrics.PROCESS_COUNTERS, metrics.GAUGES) for row in rows}
    named |= {stat for _, stats_of in metrics.QUANTILES for stat in stats_of.values()}
    assert named == set(stats)


def test_clients_are_told_apart_by_name_and_added_up_where_it_is_the_same() -> None:
    registry = CollectorRegistry()
    clients = [FakeClient({"a": b"1"}, name=name) for name in ("thumbs", "thumbs", "texts")]
    prometheus.register(*clients[:2], registry=registry)
    prometheus.register(*clients[1:], registry=registry)
    for client in clients:
        client.fetch(["a", "gone"], budget=0.3)
    found = scraped(registry)
    assert found["octofetch_requests_total", "thumbs"] == 4
    assert found["octofetch_requests_total", "texts"] == 2


def test_a_closed_client_stays_counted() -> None:
    registry = CollectorRegistry()
    client = FakeClient({}, errors={"a": Status.SHED}, name="thumbs")
    prometheus.register(client, registry=registry)
    unread = FakeClient({}, name="unread")
    unread.close()
    prometheus.register(unread, registry=registry)
    client.fetch(["a"], budget=0.3)
    before = scraped(registry)
    client.close()
    assert scraped(registry)["octofetch_batches_total", "thumbs"] == before["octofetch_batches_total", "thumbs"] == 1


def run_several(source: str, directory: Path, *arguments: str) -> str:
    """What a program prints that runs with a directory for the metrics of several processes."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREAMBLE + source, *arguments],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(directory)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


PREAMBLE = """
import multiprocessing, os, sys, threading, time
from octofetch import Client, prometheus
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

client = Client(sys.argv[1], name="thumbs", budget=20)

def fetch(times=1):
    for _ in range(times):
        assert client.fetch(["a", "b"]).complete

def scrape():
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry).decode()

def wait_for(line):
    end = time.monotonic() + 30
    while line not in scrape():
        assert time.monotonic() < end, scrape()
        time.sleep(0.05)

"""

FORKED = """
threads = []
os.register_at_fork(before=lambda: threads.append(threading.active_count()))
prometheus.register(client)
fetch()
prometheus.write()
reading, writing = os.pipe()
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        os.close(writing)
        fetch(number + 1)
        os.read(reading, 1)
        fetch()
        sys.exit()
    children.append(child)
assert threads == [1, 1, 1], threads
fetch()
wait_for('octofetch_requests_ok_total{client="thumbs"} 16.0')
print(scrape())
print("---")
os.close(writing)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
print(scrape())
print("---")
for child in children:
    mark_process_dead(child)
print(scrape())
"""


def test_forked_processes_are_added_up(origin: Origin, tmp_path: Path) -> None:
    origin.script({})
    running, ended, dead = map(parsed, run_several(FORKED, tmp_path, origin.url("http")).split("---"))
    assert running["octofetch_batches_total", "thumbs"] == 8
    assert 4 <= running["octofetch_connections_open", "thumbs"] <= 8
    assert running["octofetch_service_seconds", "thumbs", "0.5"] < 10
    assert ended["octofetch_batches_total", "thumbs"] == 11, "what the last second brought is written at the end"
    assert dead["octofetch_batches_total", "thumbs"] == 11
    assert 1 <= dead["octofetch_connections_open", "thumbs"] <= 2, "the parent's alone"
    assert len(list(tmp_path.glob("counter_*.db"))) == 4


MULTIPROCESSING = """
if __name__ == "__main__":
    prometheus.register(client)
    fetch()
    children = [multiprocessing.get_context("fork").Process(target=fetch, args=(2,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    print(scrape())
"""


def test_processes_of_multiprocessing_write_at_their_end(origin: Origin, tmp_path: Path) -> None:
    origin.script({})
    found = parsed(run_several(MULTIPROCESSING, tmp_path, origin.url("http")))
    # The parent's own may be a second old.
    assert found["octofetch_batches_total", "thumbs"] in (6, 7)


LEAVING = """
prometheus.register(client)
gone = Client(sys.argv[1], name="gone", budget=20)
prometheus.register(gone)
gone.fetch(["a"])
prometheus.write()
gone.close()
if os.fork() == 0:
    fetch()
    prometheus.write()
    os._exit(0)
os.wait()
prometheus.write()
print(scrape())
"""


def test_a_process_that_leaves_at_once_can_write_before(origin: Origin, tmp_path: Path) -> None:
    origin.script({})
    found = parsed(run_several(LEAVING, tmp_path, origin.url("http")))
    assert found["octofetch_batches_total", "thumbs"] == 1
    assert found["octofetch_batches_total", "gone"] == 1, "the child of fork does not count its parent's again"
    assert found["octofetch_connections_open", "gone"] == 0


def test_without_prometheus_client_the_error_names_what_to_install() -> None:
    source = "import sys; sys.modules['prometheus_client'] = None\nimport octofetch\nimport octofetch.prometheus"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    assert "pip install octofetch[prometheus]" in done.stderr


VANISHED = """
import logging, shutil
logging.basicConfig(stream=sys.stdout, format="%(message)s")
from octofetch import metrics_writer
metrics_writer.EVERY_S = 0.01
prometheus.register(client)
client.stats = lambda: {}["a number that is not there"]
time.sleep(0.5)
fetch()
"""


def test_metrics_that_cannot_be_written_are_said_once(origin: Origin, tmp_path: Path) -> None:
    origin.script({})
    assert run_several(VANISHED, tmp_path, origin.url("http")).splitlines() == [
        "metrics are not written: 'a number that is not there'"
    ]


@pytest.fixture(params=[[], ["--preload"]], ids=["", "preload"])
def gunicorn(request: pytest.FixtureRequest, origin: Origin, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Asks a server of three workers for a path."""
    origin.script({"default": {"delay_ms": 20}})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["gunicorn", *request.param, "--workers", "3", "--bind", f"127.0.0.1:{port}", "metrics_app:app"]
    variables = {"OCTOFETCH_THUMBS_URL": origin.url("http"), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=HERE, env=os.environ | variables, stderr=subprocess.PIPE, text=True
    )

    def ask(path: str) -> str:
        end = time.monotonic() + 30
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request("GET", path)
                return connection.getresponse().read().decode()
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.05)
            finally:
                connection.close()

    yield ask
    process.terminate()
    _, log = process.communicate(timeout=30)
    print(log)
    assert "Traceback" not in log


def test_the_workers_of_gunicorn_are_added_up(gunicorn: Callable[[str], str]) -> None:
    count = 0
    workers: set[str] = set()
    with ThreadPoolExecutor(6) as threads:
        while len(workers) < 2 and count < 300:
            answers = list(threads.map(gunicorn, ["/"] * 12))
            assert all(answer.isdigit() for answer in answers)
            workers.update(answers)
            count += len(answers)
    assert len(workers) >= 2
    end = time.monotonic() + 30
    while (found := parsed(gunicorn("/metrics")))["octofetch_requests_ok_total", "thumbs"] != 2 * count:
        assert time.monotonic() < end, found
        time.sleep(0.1)
    assert found["octofetch_batches_total", "thumbs"] == count
