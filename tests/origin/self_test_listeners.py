"""Checks what a client meets on each port of octo-origin, and how the program starts and ends.

Run by self_test.py.
"""

import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.origin.wire import ADDRESSES, BODY, PATIENCE_S, POISON, Origin, OriginCase, Wire
else:
    from wire import ADDRESSES, BODY, PATIENCE_S, POISON, Origin, OriginCase, Wire


class Listeners(OriginCase):
    """What a client meets on each port."""

    def setUp(self) -> None:
        self.origin.script({})

    def verify_error(self, name: str) -> str:
        with self.assertRaises(ssl.SSLCertVerificationError) as raised:
            Wire(self.origin.ports[name], self.trusting)
        return raised.exception.verify_message

    def test_certificates_are_good_or_bad_as_their_names_say(self) -> None:
        for host in ("localhost", "origin.test", "a.origin.test", "127.0.0.1", "127.0.0.4", "::1"):
            Wire(self.origin.ports["https"], self.trusting, host=host).socket.close()
        self.assertIn("expired", self.verify_error("https_expired"))
        self.assertIn("self-signed", self.verify_error("https_self_signed").replace("self signed", "self-signed"))
        self.assertIn("Hostname mismatch", self.verify_error("https_wrong_host"))
        self.assertEqual(self.origin.counter("tls.handshakes"), 6)
        self.assertEqual(self.origin.wait_for_counter("tls.handshakes_failed", 3), 3)

    def test_handshakes_stall_end_or_alert(self) -> None:
        with self.assertRaisesRegex(ConnectionError, "within the handshake"):
            Wire(self.origin.ports["tls_eof"], self.trusting)
        with self.assertRaisesRegex(ssl.SSLError, "(?i)handshake.failure"):
            Wire(self.origin.ports["tls_alert"], self.trusting)
        hello, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with self.assertRaises(ssl.SSLWantReadError):
            self.trusting.wrap_bio(hello, outgoing, server_hostname="localhost").do_handshake()
        with Wire(self.origin.ports["tls_stall"]) as wire:
            wire.send(outgoing.read())
            self.assertTrue(wire.is_quiet())
        for name in ("tls_eof", "tls_alert", "tls_stall"):
            self.assertEqual(self.origin.counter("injected." + name), 1)

    def test_silent_refused_and_black_hole(self) -> None:
        for address in ADDRESSES:
            with Wire(self.origin.ports["silent"], address=address) as wire:
                wire.ask()
                self.assertTrue(wire.is_quiet())
            with self.assertRaises(ConnectionRefusedError):
                Wire(self.origin.ports["refused"], address=address)
            with self.assertRaises(TimeoutError):
                socket.create_connection((address, self.origin.ports["black_hole"]), timeout=0.3)
        self.assertEqual(self.origin.wait_for_counter("connections.open", 0), 0)

    def test_a_listener_closes_and_opens_again_on_its_port(self) -> None:
        old = self.wire()
        for _ in range(2):
            self.assertEqual(self.origin.control("POST", "/close?name=http")[0], 200)
            for address in ADDRESSES:
                with self.assertRaises(ConnectionRefusedError):
                    Wire(self.origin.ports["http"], address=address)
            self.assertEqual(old.get().body, BODY)
            self.assertEqual(self.origin.control("POST", "/open?name=http")[0], 200)
            self.assertEqual(self.wire().get().body, BODY)
        self.origin.control("POST", "/close?name=http&address=127.0.0.2")
        self.assertEqual(self.wire().get().body, BODY)
        with self.assertRaises(ConnectionRefusedError):
            Wire(self.origin.ports["http"], address="127.0.0.2")
        self.origin.control("POST", "/open?name=http")

    def test_connections_can_be_dropped(self) -> None:
        wires = [self.wire(), self.wire(is_tls=True), Wire(self.origin.ports["silent"])]
        self.origin.wait_for_counter("connections.open", 3)
        self.origin.control("POST", "/drop")
        for wire in wires:
            wire.rest()
            self.assertEqual(wire.ending, "rst")
            wire.socket.close()
        self.assertEqual(self.origin.counter("connections.open"), 0)

    def accepted(self, is_tls: bool = False, **fault: Any) -> Wire:
        self.origin.script({"accept": {"https" if is_tls else "http": fault}})
        return self.wire(is_tls)

    def test_accepted_connections_meet_their_faults(self) -> None:
        for kind, ending in (("reset", "rst"), ("close", "fin")):
            try:
                wire = self.accepted(type=kind)
                wire.rest()
                self.assertEqual(wire.ending, ending)
            except ConnectionResetError:
                self.assertEqual(kind, "reset")  # It may come before connect() has returned.
            self.assertEqual(self.origin.counter(f"injected.{kind}.accept"), 1)
        self.assertTrue(self.accepted(type="banner").until(b"\r\n").startswith(b"SSH-"))
        for is_tls in (False, True):
            wire = self.accepted(is_tls, type="stray")
            self.assertEqual(wire.exactly(len(POISON)), POISON)
            self.assertEqual(wire.get().body, BODY)
        wire = self.accepted(type="stall")
        wire.ask()
        self.assertTrue(wire.is_quiet())
        begun = time.monotonic()
        self.accepted(is_tls=True, type="delay", ms=50).get()
        self.assertGreaterEqual(time.monotonic() - begun, 0.05)

    def test_a_fault_at_accept_can_be_for_some_connections_only(self) -> None:
        self.origin.script({"accept": {"http": {"type": "close", "count": 2, "address": "127.0.0.1"}}})
        endings = []
        for address in ("127.0.0.2", "127.0.0.1", "127.0.0.1", "127.0.0.1"):
            with Wire(self.origin.ports["http"], address=address) as wire:
                endings.append(wire.is_quiet())
        self.assertEqual(endings, [True, False, False, True])

    def test_thousands_of_connections_are_served_at_once(self) -> None:
        self.origin.serve(delay_ms=300)
        count = 1000
        wires = [self.wire() for _ in range(count)]
        for i, wire in enumerate(wires):
            wire.ask(f"/{i}")
        self.assertEqual(self.origin.wait_for_counter("requests.total", count), count)
        for i, wire in enumerate(wires):
            self.assertEqual(wire.reply().status, 200, i)
        self.assertEqual(self.origin.wait_for_counter("connections.open", count), count)


class Life(OriginCase):
    """How the program starts and ends."""

    def run_wrongly(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, *arguments], stdin=subprocess.PIPE, capture_output=True, timeout=PATIENCE_S
        )
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        return done.stderr.decode()

    def test_it_ends_with_its_stdin_and_on_signals_and_leaves_no_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for number in (None, signal.SIGTERM, signal.SIGINT):
                origin = Origin(self.program, "--directory", folder)
                self.assertEqual([str(path) for path in Path(folder).iterdir()], [origin.ports["ca_file"]])
                if number is not None:
                    origin.process.send_signal(number)
                    origin.process.wait(PATIENCE_S)
                self.assertEqual(origin.stop(), 0)
                self.assertEqual(list(Path(folder).iterdir()), [])

    def test_it_begins_with_a_script_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "script.json"
            script.write_text('{"default": {"body": "from the file"}}')
            origin = Origin(self.program, "--script", str(script), "--address", "127.0.0.3")
            with Wire(origin.ports["http"], address="127.0.0.3") as wire:
                self.assertEqual(wire.get().body, b"from the file")
            self.assertEqual(origin.stop(), 0)
            script.write_text('{"default": {"sise": 1}}')
            self.assertRegex(self.run_wrongly("--script", str(script)), "octo-origin: default.sise: ")

    def test_mistakes_on_the_command_line_are_explained(self) -> None:
        for arguments, complaint in (
            (("--adress", "x"), "'--adress' is not an option"),
            (("--script",), "--script: a value must follow"),
            (("--script", "/nowhere/x"), "--script: cannot read"),
            (("--address", "10.0.0.1"), "not a loopback address"),
            (("--directory", "/nowhere"), "--directory: cannot write"),
        ):
            self.assertRegex(self.run_wrongly(*arguments), re.escape(complaint))
