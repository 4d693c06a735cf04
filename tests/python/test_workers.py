"""Worker processes of servers that fork after the client has fetched: gunicorn with gevent, uWSGI in C, Celery."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from octofetch import BatchError, DeadlineExceeded, NotFound
from origin import Origin, pattern
from servers import PATIENCE_S, ask, running, serving

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"
SCRIPT = {"paths": {"/slow": {"delay_ms": 30_000}, "/gone": {"status": 404}}}

# The process that forks the workers has fetched before.
PAGE = """
from flask_page import app, thumbs
assert thumbs.fetch(["a"], budget=10).complete
"""
TASKS = """
from celery_task import app, thumbs
app.conf.update({settings!r})
assert thumbs.fetch(["a"], budget=10).complete
"""


@pytest.fixture
def variables(origin: Origin) -> dict[str, str]:
    origin.script(SCRIPT)
    return {"OCTOFETCH_THUMBS_URL": origin.url("http"), "PYTHONPATH": f"{EXAMPLES}:{os.environ['PYTHONPATH']}"}


def assert_requests_wait_together(port: int) -> None:
    assert ask(port, "/picture/a")[2] == pattern(b"a", 0, 1024)
    begun = time.monotonic()
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(ask(port, "/page/a,slow")[0])) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One worker: one after the other, the budgets of 0.3 s alone would take 9 s.
    assert time.monotonic() - begun < 5
    assert found == [200] * 30


@pytest.mark.parametrize("preload", [[], ["--preload"]])
def test_greenlets_of_gunicorn_wait_together(variables: dict[str, str], tmp_path: Path, preload: list[str]) -> None:
    (tmp_path / "page.py").write_text(PAGE)
    command = ["gunicorn", "--worker-class", "gevent", "--bind", "127.0.0.1:{port}", *preload, "page:app"]
    with serving(command, tmp_path, variables) as port:
        assert_requests_wait_together(port)


UWSGI = ["uwsgi", "--http-socket", "127.0.0.1:{port}", "--master", "--need-app", "--die-on-term"]
UWSGI += ["--virtualenv", sys.prefix, "--module", "page:app"]


@pytest.mark.parametrize("options", [[], ["--enable-threads", "--threads", "2"], ["--py-call-osafterfork"]])
def test_uwsgi_forks_in_c(variables: dict[str, str], tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "page.py").write_text(PAGE)
    with serving([*UWSGI, "--processes", "2", *options], tmp_path, variables) as port:
        for _ in range(8):
            assert ask(port, "/picture/a")[2] == pattern(b"a", 0, 1024)
            assert ask(port, "/page/a,slow")[1]["server-timing"].endswith('desc="1 of 2"')


def test_greenlets_of_uwsgi_wait_together(variables: dict[str, str], tmp_path: Path) -> None:
    # With a hub before the fork, so that the parent has a queue.
    (tmp_path / "page.py").write_text("from gevent import monkey, sleep; monkey.patch_all(); sleep(0)" + PAGE)
    with serving([*UWSGI, "--gevent", "50"], tmp_path, variables) as port:
        assert_requests_wait_together(port)


@pytest.fixture
def tasks(variables: dict[str, str], tmp_path: Path) -> Iterator[Celery]:
    """A worker with two processes, whose broker and results are folders."""
    for name in ("queue", "control", "results"):
        (tmp_path / name).mkdir()
    folders = {"data_folder_in": str(tmp_path / "queue"), "data_folder_out": str(tmp_path / "queue")}
    settings = {
        "broker_url": "filesystem://",
        "broker_transport_options": folders | {"control_folder": str(tmp_path / "control")},
        "result_backend": f"file://{tmp_path / 'results'}",
        "result_serializer": "pickle",
        "result_accept_content": ["pickle"],
    }
    (tmp_path / "tasks.py").write_text(TASKS.format(settings=settings))
    command = ["celery", "--app", "tasks", "worker", "--pool", "prefork", "--concurrency", "2"]
    with running(command, tmp_path, variables, never_logs="WorkerLostError"):
        yield Celery("celery_task", set_as_current=False, changes=settings)


def test_celery_forks_its_workers(tasks: Celery) -> None:
    def done(task: str, argument: Any) -> Any:
        return tasks.send_task(f"celery_task.{task}", [argument]).get(timeout=PATIENCE_S)

    names = [f"picture-{number}" for number in range(50)]
    assert done("sizes", names) == dict.fromkeys(names, 1024)
    assert done("size", "a") == 1024
    with pytest.raises(NotFound) as missing:
        done("size", "gone")
    assert missing.value.result.http_status == 404
    with pytest.raises(BatchError) as failed:
        done("sizes", ["a", "slow"])
    assert failed.value.results["a"].body == pattern(b"a", 0, 1024)
    assert isinstance(failed.value.exceptions[0], DeadlineExceeded)
