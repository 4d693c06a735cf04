"""The examples, by real requests to the real servers, and bodies through the responses of web frameworks."""

import json
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
from servers import ask, serving
from starlette.responses import Response as StarletteResponse

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"
SCRIPT = {
    "default": {"etag": True},
    "paths": {"/page.json": {"body": '{"title": "Pictures"}'}, "/slow": {"delay_ms": 30_000}, "/gone": {"status": 404}},
}
GUNICORN = ["gunicorn", "--workers", "2", "--bind", "127.0.0.1:{port}"]
UVICORN = ["uvicorn", "--port", "{port}"]
SERVERS = {
    "flask": [*GUNICORN, "--threads", "2", "flask_page:app"],
    "flask_preload": [*GUNICORN, "--preload", "flask_page:app"],
    "fastapi": [*UVICORN, "fastapi_page:app"],
    "fastapi_asyncio": [*UVICORN, "--loop", "asyncio", "fastapi_page:app"],
    "django": [*GUNICORN, "django_page:wsgi"],
    "django_async": [*UVICORN, "django_page:asgi"],
}


@pytest.fixture
def server(request: pytest.FixtureRequest, origin: Origin) -> Iterator[int]:
    """The port of a server that runs an example in a process of its own."""
    origin.script(SCRIPT)
    with serving(SERVERS[request.param], EXAMPLES, {"OCTOFETCH_THUMBS_URL": origin.url("http")}) as port:
        yield port


@pytest.mark.parametrize("server", ["flask", "flask_preload"], indirect=True)
def test_flask_under_gunicorn(server: int) -> None:
    for _ in range(4):
        status, headers, body = ask(server, "/page/a,b,slow")
        assert status == 200
        assert 250 < duration_ms(headers["server-timing"]) < 5000
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


@pytest.mark.parametrize("server", ["django", "django_async"], indirect=True)
def test_django_under_gunicorn_and_uvicorn(server: int) -> None:
    for _ in range(4):
        status, headers, body = ask(server, "/page/a,b,slow")
        assert status == 200
        assert 'desc="2 of 3"' in headers["server-timing"]
        assert json.loads(body) == {"sizes": {"a": 1024, "b": 1024}, "late": ["slow"]}
        assert ask(server, "/picture/a")[2] == pattern(b"a", 0, 1024)
    assert ask(server, "/picture/slow")[0] == 504
    assert ask(server, "/picture/gone")[0] == 404


def duration_ms(server_timing: str) -> float:
    """Of `thumbs;dur=300.1;desc="2 of 3"`."""
    name, duration, _ = server_timing.split(";")
    assert name == "thumbs"
    return float(duration.removeprefix("dur="))


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
