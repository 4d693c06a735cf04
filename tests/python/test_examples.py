"""The examples, by real requests to the real servers, and bodies through the responses of web frameworks."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import django  # type: ignore[import-untyped]
import pydantic
import pytest
from django.conf import settings  # type: ignore[import-untyped]
from django.http import HttpResponse  # type: ignore[import-untyped]
from flask import Flask
from octofetch import Client
from origin import Origin, pattern
from starlette.responses import Response as StarletteResponse

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"
SCRIPT = {
    "default": {"etag": True},
    "paths": {"/page.json": {"body": '{"title": "Pictures"}'}, "/slow": {"delay_ms": 30_000}},
}
SERVERS = {
    "flask": ["gunicorn", "--workers", "2", "--threads", "2", "--bind", "127.0.0.1:{port}", "flask_page:app"],
    "flask_preload": ["gunicorn", "--preload", "--workers", "2", "--bind", "127.0.0.1:{port}", "flask_page:app"],
    "fastapi": ["uvicorn", "--port", "{port}", "fastapi_page:app"],
    "fastapi_asyncio": ["uvicorn", "--loop", "asyncio", "--port", "{port}", "fastapi_page:app"],
}


@pytest.fixture
def server(request: pytest.FixtureRequest, origin: Origin) -> Iterator[int]:
    """The port of a server that runs an example in a process of its own."""
    origin.script(SCRIPT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [word.format(port=port) for word in SERVERS[request.param]]
    variables = os.environ | {"OCTOFETCH_THUMBS_URL": origin.url("http")}
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=EXAMPLES, env=variables, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        _, log = process.communicate(timeout=30)
        print(log)
    assert "Traceback" not in log


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end or process.poll() is not None:
                raise
            time.sleep(0.05)


def ask(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("server", ["flask", "flask_preload"], indirect=True)
def test_flask_under_gunicorn(server: int) -> None:
    for _ in range(4):
        status, headers, body = ask(server, "/page/a,b,slow")
        assert status == 200
        assert headers["server-timing"].startswith("thumbs;dur=3")
        assert body.count(b"<img") == 3
        assert ask(server, "/picture/a")[2] == pattern(b"a", 0, 1024)
    assert ask(server, "/picture/slow")[0] == 504


@pytest.mark.parametrize("server", ["fastapi", "fastapi_asyncio"], indirect=True)
def test_fastapi_under_uvicorn(server: int) -> None:
    for _ in range(4):
        status, headers, body = ask(server, "/page/a,b,slow")
        assert status == 200
        assert 'desc="2 of 3"' in headers["server-timing"]
        assert json.loads(body) == {"sizes": {"a": 1024, "b": 1024}, "late": ["slow"], "title": "Pictures"}
        assert ask(server, "/picture/a")[2] == pattern(b"a", 0, 1024)
    assert ask(server, "/picture/slow")[0] == 504
    assert ask(server, "/ready")[2] == b'"ready"'


class Picture(pydantic.BaseModel):
    """A model with a field of bytes."""

    body: bytes


def test_a_body_passes_through_frameworks(client: Client) -> None:
    body = client.get("a", budget=10)
    if not settings.configured:
        settings.configure(DEFAULT_CHARSET="utf-8")
        django.setup()
    assert HttpResponse(body).content == body
    assert HttpResponse(client.fetch(["a"], budget=10)[0].view).content == body
    assert StarletteResponse(body).body == body
    assert Picture(body=body).body is body
    app = Flask("bodies")
    app.add_url_rule("/", view_func=lambda: body)
    assert app.test_client().get("/").data == body
