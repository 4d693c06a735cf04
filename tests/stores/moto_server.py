"""Serves moto's S3, IAM and STS on two ports, http and https: moto_server.py CERTIFICATE KEY HOST.

HOST is the store's name, under which buckets have names of their own. Prints {"http": port, "https": port} and stops
when its standard input ends, as it does with whoever started it. moto's own command can be told a port, but not to
choose a free one.
"""

import json
import os
import sys
import threading

from moto.moto_server.werkzeug_app import (  # type: ignore[import-not-found]
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server  # type: ignore[import-not-found]


class Handler(MotoRequestHandler):  # type: ignore[misc]
    protocol_version = "HTTP/1.1"  # connections are kept, as by every other store


def serve(application: DomainDispatcherApplication, certificate: tuple[str, str] | None) -> BaseWSGIServer:
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=certificate, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    application = DomainDispatcherApplication(create_backend_app)
    servers = {"http": serve(application, None), "https": serve(application, (sys.argv[1], sys.argv[2]))}
    ports = {name: server.server_port for name, server in servers.items()}
    # Else moto takes the first label of any host for a bucket.
    os.environ["MOTO_S3_CUSTOM_ENDPOINTS"] = ",".join(f"{name}://{sys.argv[3]}:{port}" for name, port in ports.items())
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


main()
