"""Drives octo-origin and looks at its bytes: starts the program, talks to its control port, and reads replies
over raw sockets, where segments, TLS records and the way a connection ends stay visible.

For self_test.py and the modules of its tests; Python's standard library alone.
"""

import base64
import http.client
import json
import socket
import ssl
import struct
import subprocess
import time
import unittest
from dataclasses import dataclass
from typing import Any, ClassVar

PATIENCE_S = 10.0
QUIET_S = 0.15
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"


def pattern(name: str, first: int, count: int) -> bytes:
    """The bytes [first, first + count) of a pattern object, written from its definition in the README."""
    mask = (1 << 64) - 1
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & mask
    out = bytearray()
    for index in range(first // 8, (first + count + 7) // 8):
        z = (seed + index + 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        out += struct.pack("<Q", z ^ (z >> 31))
    return bytes(out[first % 8 : first % 8 + count])


class Origin:
    """One running octo-origin."""

    def __init__(self, program: str, *arguments: str) -> None:
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.ports: dict[str, Any] = json.loads(self.process.stdout.readline())

    def control(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["control"], timeout=PATIENCE_S)
        connection.request(method, path, body)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        return reply.status, text

    def script(self, script: dict[str, Any], query: str = "") -> None:
        status, text = self.control("PUT", "/script" + query, json.dumps(script))
        assert status == 200, text

    def serve(self, **reply: Any) -> None:
        """Makes this the reply of every path."""
        self.script({"default": reply})

    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.control("GET", "/report")[1]))

    def counter(self, name: str) -> int:
        return int(self.report()["counters"].get(name, 0))

    def wait_for_counter(self, name: str, wanted: int) -> int:
        """The counter once it has this value, or what it is when patience ends: for what a client's close causes."""
        end = time.monotonic() + PATIENCE_S
        while self.counter(name) != wanted and time.monotonic() < end:
            time.sleep(0.005)
        return self.counter(name)

    def stop(self) -> int:
        """Ends it the way a test's end does, by the end of its stdin."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        status = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        return status


@dataclass
class Reply:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for known, value in self.headers if known.lower() == name), None)


class Wire:
    """One connection. `pieces` are what single reads, or single TLS records, held."""

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        host: str = "localhost",
        session: ssl.SSLSession | None = None,
    ) -> None:
        self.socket = socket.create_connection((address, port), timeout=PATIENCE_S)
        self.pieces: list[bytes] = []
        self.buffer = b""
        self.ending = ""  # "fin", "rst", "notify" (a TLS close_notify), once it has come
        self.tls: ssl.SSLObject | None = None
        self.ciphertext = b""
        if context is not None:
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host, session=session)
            try:
                self._shake_hands(self.tls)
            except Exception:
                self.socket.close()
                raise

    def _shake_hands(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())
                data = self.socket.recv(65536)
                if not data:
                    raise ConnectionError("the connection ended within the handshake") from None
                self.incoming.write(data)
            finally:
                if self.outgoing.pending:
                    self.socket.sendall(self.outgoing.read())

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        if self.tls is None:
            self.socket.sendall(data)
        else:
            self.tls.write(data)
            self.socket.sendall(self.outgoing.read())

    def ask(self, path: str = "/object", *headers: str) -> None:
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    def receive(self, timeout_s: float = PATIENCE_S) -> bool:
        """Takes what comes next; False when the time is over or the connection has ended."""
        if self.ending:
            return False
        self.socket.settimeout(timeout_s)
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            self.ending = "rst"
            return False
        except TimeoutError:
            return False
        if not data:
            self.ending = "fin"
            return False
        if self.tls is None:
            self._take(data)
        else:
            self._take_records(self.tls, data)
        return not self.ending

    def _take(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.buffer += piece

    def _take_records(self, tls: ssl.SSLObject, data: bytes) -> None:
        self.ciphertext += data
        while len(self.ciphertext) >= 5:
            size = 5 + int.from_bytes(self.ciphertext[3:5], "big")
            if len(self.ciphertext) < size:
                return
            self.incoming.write(self.ciphertext[:size])
            self.ciphertext = self.ciphertext[size:]
            try:
                piece = tls.read(65536)
            except ssl.SSLWantReadError:
                continue  # A record without application data, such as a session ticket.
            if not piece:
                self.ending = "notify"
                return
            self._take(piece)

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            if not self.receive() and mark not in self.buffer:
                raise ConnectionError(f"ended ({self.ending or 'silence'}) with {self.buffer[-100:]!r}")
        at = self.buffer.index(mark) + len(mark)
        taken, self.buffer = self.buffer[:at], self.buffer[at:]
        return taken

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not self.receive() and len(self.buffer) < count:
                raise ConnectionError(f"ended ({self.ending or 'silence'}) after {len(self.buffer)} of {count} bytes")
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def rest(self) -> bytes:
        """Everything to the end of the connection; how that came is in `ending`."""
        while self.receive():
            pass
        taken, self.buffer = self.buffer, b""
        return taken

    def is_quiet(self) -> bool:
        """Nothing comes for a while, and the connection stays open."""
        return not self.receive(QUIET_S) and not self.ending

    def head(self) -> Reply:
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, reason = lines[0].split(" ", 2)
        assert version == "HTTP/1.1", lines[0]
        pairs = (line.split(": ", 1) for line in lines[1:] if line)
        return Reply(int(status), reason, [(name, value) for name, value in pairs], b"")

    def reply(self) -> Reply:
        reply = self.head()
        if reply.status in (204, 304):
            return reply
        if reply.header("transfer-encoding") == "chunked":
            while (size := int(self.until(b"\r\n"), 16)) != 0:
                reply.body += self.exactly(size)
                assert self.exactly(2) == b"\r\n"
            assert self.exactly(2) == b"\r\n"
        elif (length := reply.header("content-length")) is not None:
            reply.body = self.exactly(int(length))
        else:
            reply.body = self.rest()
        return reply

    def get(self, path: str = "/object", *headers: str) -> Reply:
        self.ask(path, *headers)
        return self.reply()


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


ADDRESSES = ("127.0.0.1", "127.0.0.2")
SIZE = 1024
BODY = pattern("object", 0, SIZE)  # What /object holds unless the script says otherwise.


class OriginCase(unittest.TestCase):
    """One origin for the tests of a class; each test begins with a script of its own."""

    program: ClassVar[str]
    origin: ClassVar[Origin]
    trusting: ClassVar[ssl.SSLContext]

    @classmethod
    def setUpClass(cls) -> None:
        cls.origin = Origin(cls.program, "--address", ",".join(ADDRESSES))
        cls.trusting = ssl.create_default_context(cafile=cls.origin.ports["ca_file"])

    @classmethod
    def tearDownClass(cls) -> None:
        status = cls.origin.stop()
        assert status == 0, f"the origin ended with {status}"

    def serve(self, fault: Any, **reply: Any) -> None:
        self.origin.serve(fault=fault, **reply)

    def wire(self, is_tls: bool = False) -> Wire:
        wire = Wire(self.origin.ports["https" if is_tls else "http"], self.trusting if is_tls else None)
        self.addCleanup(wire.socket.close)
        return wire

    def asked(self, is_tls: bool = False, *headers: str) -> Wire:
        wire = self.wire(is_tls)
        wire.ask("/object", *headers)
        return wire

    def expect_count(self, name: str, count: int = 1) -> None:
        self.assertEqual(self.origin.counter("injected." + name), count, name)

    def expect_usable(self, wire: Wire) -> None:
        """A second request on the connection gets a clean reply."""
        self.origin.script({})
        self.assertEqual(wire.get().body, BODY)
