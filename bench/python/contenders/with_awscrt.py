"""awscrt: its HTTP client, whose event loop calls into Python; a pool of connections, each with one request at a time.

Its client of S3 is for large objects: it takes no port, and as many connections as a throughput needs.
"""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from urllib.parse import urlsplit

import awscrt
from awscrt.http import HttpClientConnection, HttpHeaders, HttpRequest
from awscrt.io import (
    ClientBootstrap,
    ClientTlsContext,
    DefaultHostResolver,
    EventLoopGroup,
    TlsConnectionOptions,
    TlsContextOptions,
)
from task import BUDGET_S, Task

NATIVE_PREFIX = "AwsEventLoop"


@contextmanager
def open_fetch(task: Task) -> Iterator[Callable[[list[str]], list[bytes]]]:
    loops = EventLoopGroup(1)
    bootstrap = ClientBootstrap(loops, DefaultHostResolver(loops))
    address = urlsplit(task.url)
    host, port = address.hostname or "", address.port or 0
    tls = tls_options(task.ca_file, host)
    opening = [
        HttpClientConnection.new(host, port, bootstrap, tls_connection_options=tls) for _ in range(task.connections)
    ]
    free: queue.SimpleQueue[HttpClientConnection] = queue.SimpleQueue()
    for connection in opening:
        free.put(connection.result(BUDGET_S))
    headers = [("Host", f"{host}:{port}")]

    def start(key: str) -> Future[bytes]:
        connection, parts, done = free.get(timeout=BUDGET_S), [], Future[bytes]()

        def on_response(http_stream: object, status_code: int, headers: object, **_: object) -> None:
            if status_code != 200:
                parts.append(b"refused")

        def on_body(http_stream: object, chunk: bytes, **_: object) -> None:
            parts.append(bytes(chunk))

        def on_end(ended: Future[int]) -> None:
            free.put(connection)
            done.set_result(b"".join(parts))

        request = HttpRequest("GET", f"/{key}", HttpHeaders(headers))
        stream = connection.request(request, on_response, on_body)
        stream.completion_future.add_done_callback(on_end)
        stream.activate()
        return done

    yield lambda keys: [future.result(BUDGET_S) for future in [start(key) for key in keys]]


def tls_options(ca_file: str | None, host: str) -> TlsConnectionOptions | None:
    if ca_file is None:
        return None
    trust = TlsContextOptions()
    trust.override_default_trust_store_from_path(None, ca_file)
    options = ClientTlsContext(trust).new_connection_options()
    options.set_server_name(host)
    return options


def version() -> str:
    return f"awscrt {awscrt.__version__}"
