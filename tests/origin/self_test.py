"""Starts octo-origin and checks over raw sockets that it keeps the promises of its README.md.

`self_test.py PROGRAM [TEST ...]`. The faults are in self_test_faults.py, ports and life in self_test_listeners.py,
the raw client in wire.py.
"""

import http.client
import json
import ssl
import sys
import threading
import time
import unittest
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.origin.self_test_faults import Bodies, Chunks, Endings, Heads, Lengths, Strays
    from tests.origin.self_test_listeners import Life, Listeners
    from tests.origin.wire import BODY, PATIENCE_S, SIZE, OriginCase, Wire, base64_text, pattern
else:
    from self_test_faults import Bodies, Chunks, Endings, Heads, Lengths, Strays
    from self_test_listeners import Life, Listeners
    from wire import BODY, PATIENCE_S, SIZE, OriginCase, Wire, base64_text, pattern

__all__ = ["Bodies", "Chunks", "Endings", "Heads", "Lengths", "Life", "Listeners", "Strays"]


class Replies(OriginCase):
    """Clean replies."""

    def test_a_path_without_script_gets_a_kibibyte_of_its_pattern(self) -> None:
        self.origin.script({})
        for is_tls in (False, True):
            wire = self.wire(is_tls)
            for path in ("/object", "/a%20b/%C3%A4?query=1", "//twice", "/"):
                name = {"/object": "object", "/": "", "//twice": "/twice"}.get(path, "a b/ä")
                reply = wire.get(path)
                self.assertEqual((reply.status, reply.reason), (200, "OK"))
                self.assertEqual(reply.body, pattern(name, 0, SIZE))
            self.assertEqual(len(wire.pieces), 4)

    def test_the_script_says_status_headers_and_body(self) -> None:
        raw = bytes(range(256))
        self.origin.script(
            {
                "paths": {
                    "/text": {"body": "hi", "status": 404, "headers": [["X-A", "1"], ["X-A", "2"]]},
                    "/raw": {"body_base64": base64_text(raw), "reason": "Fine"},
                    "/none": {"status": 204},
                    "/with%20space": {"size": 3},
                }
            }
        )
        wire = self.wire()
        reply = wire.get("/text")
        self.assertEqual((reply.status, reply.reason, reply.body), (404, "Not Found", b"hi"))
        self.assertEqual([value for name, value in reply.headers if name == "X-A"], ["1", "2"])
        reply = wire.get("/raw")
        self.assertEqual((reply.reason, reply.body), ("Fine", raw))
        self.assertEqual(wire.get("/none").status, 204)
        self.assertEqual(wire.get("/with%20space").body, pattern("with space", 0, 3))

    def test_bodies_of_every_size_and_framing_are_whole(self) -> None:
        for framing in ("length", "chunked", "close"):
            for size in (0, 1, 16_384, 16_385, 1_000_000):
                for is_tls in (False, True):
                    self.origin.serve(size=size, framing=framing)
                    wire = self.wire(is_tls)
                    self.assertEqual(wire.get().body, pattern("object", 0, size), (framing, size))
                    if framing == "close":
                        self.assertEqual(wire.ending, "notify" if is_tls else "fin")

    def test_single_ranges_are_served(self) -> None:
        self.origin.serve(etag='"v"')
        wire = self.wire()
        for text, first, last in (("0-0", 0, 0), ("3-10", 3, 10), ("1000-", 1000, 1023), ("-5", 1019, 1023)):
            for is_big in (False, True):
                asked = text.replace("1000-", "1000-99999") if is_big else text
                reply = wire.get("/object", f"Range: bytes={asked}")
                self.assertEqual((reply.status, reply.body), (206, BODY[first : last + 1]))
                self.assertEqual(reply.header("content-range"), f"bytes {first}-{last}/1024")
        for unsatisfiable in ("1024-", "-0"):
            reply = wire.get("/object", f"Range: bytes={unsatisfiable}")
            self.assertEqual((reply.status, reply.header("content-range")), (416, "bytes */1024"))
        for ignored in ("5-3", "0-1,4-5", "x"):
            self.assertEqual(wire.get("/object", f"Range: bytes={ignored}").status, 200)
        self.assertEqual(wire.get("/object", "Range: bytes=0-0", 'If-Range: "other"').status, 200)
        self.assertEqual(self.origin.counter("requests.with_header.range"), 14)

    def test_conditions_are_kept(self) -> None:
        self.origin.serve(etag='"v1"')
        wire = self.wire()
        for tags, status in (('"v1"', 304), ('"v0", W/"v1"', 304), ("*", 304), ('"v2"', 200)):
            reply = wire.get("/object", f"If-None-Match: {tags}")
            self.assertEqual((reply.status, reply.header("etag")), (status, '"v1"'))
            self.assertEqual(wire.buffer, b"")
        self.assertEqual(wire.get("/object", 'If-Match: "v2"').status, 412)
        self.assertEqual(wire.get("/object", 'If-Match: "v1"').status, 200)
        self.assertEqual(self.origin.counter("requests.with_header.if-none-match"), 4)
        self.origin.serve(etag=True)
        made = wire.get().header("etag")
        self.assertEqual(wire.get("/object", f"If-None-Match: {made}").status, 304)

    def test_head_is_answered_like_get_without_a_body(self) -> None:
        for framing, name in (("length", "content-length"), ("chunked", "transfer-encoding")):
            self.origin.serve(framing=framing)
            wire = self.wire()
            wire.send(b"HEAD /object HTTP/1.1\r\nHost: x\r\n\r\n")
            head = wire.head()
            self.assertEqual(head.status, 200)
            self.assertIsNotNone(head.header(name))
            self.assertEqual(wire.get().body, BODY)

    def test_lists_advance_path_by_path_or_together(self) -> None:
        statuses = [{"status": 503}, {"status": 500}, {}]
        self.origin.script(
            {"paths": {"/own/*": statuses, "/all/*": {"replies": statuses, "each": "entry"}, "/own/x": {"status": 404}}}
        )
        wire = self.wire()
        self.assertEqual([wire.get("/own/a").status for _ in range(4)], [503, 500, 200, 200])
        self.assertEqual([wire.get("/own/b").status for _ in range(3)], [503, 500, 200])
        self.assertEqual([wire.get(f"/all/{i}").status for i in range(4)], [503, 500, 200, 200])
        self.assertEqual(wire.get("/own/x").status, 404)
        self.origin.control("POST", "/reset")
        self.assertEqual(wire.get("/own/a").status, 503)
        self.assertEqual(wire.get("/all/a").status, 503)

    def test_a_last_reply_says_so_and_closes(self) -> None:
        self.origin.serve(connection_close=True, date_offset_s=-3600)
        wire = self.wire()
        reply = wire.get()
        self.assertEqual(reply.header("connection"), "close")
        self.assertRegex(str(reply.header("date")), r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        wire.rest()
        self.assertEqual(wire.ending, "fin")
        self.origin.script({})
        wire = self.wire()
        wire.get("/object", "Connection: close")
        wire.rest()
        self.assertEqual(wire.ending, "fin")

    def test_pipelined_requests_are_answered_in_order(self) -> None:
        self.origin.serve(delay_ms=2)
        wire = self.wire()
        wire.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(20)))
        for i in range(20):
            self.assertEqual(wire.reply().body, pattern(str(i), 0, SIZE))

    def test_requests_that_are_none_are_refused(self) -> None:
        self.origin.script({})
        for request, status in (
            (b"GET /a b HTTP/1.1\r\n\r\n", 400),
            (b"GET /a HTTP/1.1\r\nX: a\rb\r\n\r\n", 400),
            (b"GET /a HTTP/1.1\r\nX : a\r\n\r\n", 400),
            (b"GET /a HTTP/2.0\r\n\r\n", 400),
            (b"POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
            (b"GET /a HTTP/1.1\r\nX: " + b"a" * 70_000, 431),
        ):
            wire = self.wire()
            wire.send(request)
            self.assertEqual(wire.reply().status, status)
        self.assertEqual(self.origin.counter("requests.malformed"), 5)


class Latencies(OriginCase):
    """When replies come. Lower bounds are exact; upper bounds are only there to tell seconds from milliseconds."""

    def seconds(self, path: str = "/object") -> float:
        with self.wire() as wire:
            begun = time.monotonic()
            wire.get(path)
            return time.monotonic() - begun

    def test_latencies_and_delays_add_up_and_slow_down_multiplies(self) -> None:
        self.origin.script({"latency": {"type": "fixed", "ms": 30}, "paths": {"/own": {"latency": {"type": "none"}}}})
        self.assertGreaterEqual(self.seconds(), 0.03)
        self.assertLess(self.seconds("/own"), 2)
        self.origin.serve(delay_ms=20, latency={"type": "fixed", "ms": 20})
        self.assertGreaterEqual(self.seconds(), 0.04)
        self.assertEqual(self.origin.control("PUT", "/slow_down?factor=3")[0], 200)
        self.assertGreaterEqual(self.seconds(), 0.12)
        self.origin.script({"latency": {"type": "fixed", "ms": 10}, "slow_down": {"factor": 5}})
        self.assertGreaterEqual(self.seconds(), 0.05)

    def test_service_times_are_written_down_for_scripts_that_wish_it(self) -> None:
        self.origin.script({"service_times": True, "latency": {"type": "fixed", "ms": 30}})
        before_ns = time.monotonic_ns()
        self.seconds("/a%20b")
        self.origin.control("PUT", "/slow_down?factor=2")
        self.seconds("/b")
        lines = [line.split() for line in self.origin.control("GET", "/service_times")[1].splitlines()]
        self.assertEqual([line[1:] for line in lines], [["30.000000", "200", "/a%20b"], ["60.000000", "200", "/b"]])
        instants = [before_ns, *(int(line[0]) for line in lines), time.monotonic_ns()]
        self.assertEqual(instants, sorted(instants))
        self.origin.script({})
        self.seconds()
        self.assertEqual(self.origin.control("GET", "/service_times")[1], "")

    def test_the_rate_changes_without_a_reset(self) -> None:
        self.origin.script({"rate_max": {"per_second": 1e9}})
        with self.wire() as wire:
            self.assertEqual([wire.get().status for _ in range(5)], [200] * 5)
            self.assertEqual(self.origin.control("PUT", "/rate_max?per_second=0.001&burst=2")[0], 200)
            self.assertEqual([wire.get().status for _ in range(4)], [200, 200, 503, 503])
            self.assertEqual(self.origin.control("PUT", "/rate_max?per_second=1e6")[0], 200)
            self.assertEqual(wire.get().status, 200)
        self.assertEqual(self.origin.counter("requests.total"), 10)
        self.origin.script({})
        self.assertRegex(self.origin.control("PUT", "/rate_max?per_second=1")[1], "^rate_max: the script has none")

    def test_lognormal_latencies_have_their_median_and_tail(self) -> None:
        tail = {"share": 0.1, "min_ms": 400, "max_ms": 450}
        self.origin.script({"latency": {"type": "lognormal", "median_ms": 20, "p95_ms": 60, "tail": tail}})
        spans: list[float] = []

        def ask(first: int) -> None:
            for i in range(first, first + 10):
                spans.append(self.seconds(f"/{i}"))

        threads = [threading.Thread(target=ask, args=(10 * i,)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spans.sort()
        self.assertGreater(spans[len(spans) // 2], 0.015)
        self.assertTrue(5 <= sum(span >= 0.4 for span in spans) <= 45)

    def test_above_the_rate_the_status_comes_at_once(self) -> None:
        self.origin.script(
            {
                "latency": {"type": "fixed", "ms": 1},
                "rate_max": {"per_second": 0.01, "burst": 3, "status": 429, "headers": [["Retry-After", "1"]]},
            }
        )
        wire = self.wire()
        replies = [wire.get() for _ in range(5)]
        self.assertEqual([reply.status for reply in replies], [200, 200, 200, 429, 429])
        self.assertEqual(replies[-1].header("retry-after"), "1")
        self.assertEqual(self.origin.counter("requests.over_rate"), 2)
        self.origin.script({"rate_max": {"per_second": 0.01, "burst": 1}})
        wire = self.wire()
        self.assertEqual([wire.get().status for _ in range(2)], [200, 503])


class Reports(OriginCase):
    """What the origin says it saw."""

    def test_the_report_shows_requests_as_they_were(self) -> None:
        self.origin.script({})
        wire = self.wire()
        wire.get("/a%20%62?q=%41", "X-Mine: \xe9", "Authorization: secret")
        wire.get("/other")
        wire.get("/a%20b?q=2")
        report = self.origin.report()
        counters, last = report["counters"], report["last_requests"]
        self.assertEqual(counters["requests.path./a%20b"], 2)
        self.assertEqual(counters["requests.with_header.authorization"], 1)
        self.assertEqual([seen["path"] for seen in last], ["/a%20b", "/other"])
        self.assertEqual((last[0]["target"], last[0]["count"]), ("/a%20b?q=2", 2))
        self.assertEqual((last[0]["listener"], last[0]["nth_on_connection"]), ("http", 3))
        wire.get("/third", "X-Mine: \xe9")
        self.assertIn(["X-Mine", "\xe9"], self.origin.report()["last_requests"][0]["headers"])

    def test_the_text_report_has_the_same_counters(self) -> None:
        self.origin.script({})
        wire = self.wire()
        sent = len(wire.get().body)
        lines = self.origin.control("GET", "/report.txt")[1].splitlines()
        text = dict(line.split(" ") for line in lines)
        self.assertEqual({name: int(value) for name, value in text.items()}, self.origin.report()["counters"])
        self.assertGreater(int(text["bytes.sent"]), sent)

    def test_connections_and_replies_are_counted(self) -> None:
        self.origin.control("POST", "/drop")
        self.origin.script({})
        wires = [self.wire(is_tls) for is_tls in (False, True, True)]
        for wire in wires:
            wire.get()
        counters = self.origin.report()["counters"]
        expected = {"connections.accepted": 3, "connections.accepted.http": 1, "connections.accepted.https": 2,
                    "connections.accepted_at.127.0.0.1": 3, "connections.open": 3, "tls.handshakes": 2,
                    "requests.total": 3, "replies.completed": 3}  # fmt: skip
        self.assertEqual({name: counters[name] for name in expected}, expected)
        wires[0].socket.close()
        self.assertEqual(self.origin.wait_for_counter("connections.open", 2), 2)
        self.assertEqual(self.origin.counter("connections.closed_by_client"), 1)

    def test_a_client_that_gives_up_is_counted(self) -> None:
        self.origin.serve(delay_ms=30_000)
        self.asked().socket.close()
        self.assertEqual(self.origin.wait_for_counter("replies.aborted_by_client", 1), 1)
        self.assertEqual(self.origin.counter("requests.total"), 1)

    def test_tls_sessions_resume(self) -> None:
        self.origin.script({})
        context = ssl.create_default_context(cafile=self.origin.ports["ca_file"])
        with Wire(self.origin.ports["https"], context) as wire:
            wire.get()
            assert wire.tls is not None
            session = wire.tls.session
        with Wire(self.origin.ports["https"], context, session=session) as wire:
            wire.get()
        self.assertEqual(self.origin.counter("tls.resumed"), 1)

    def test_only_the_last_thousand_paths_are_shown(self) -> None:
        self.origin.script({})
        wire = self.wire()
        for first in range(0, 1100, 100):
            wire.send(b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % i for i in range(first, first + 100)))
            for _ in range(100):
                wire.reply()
        report = self.origin.report()
        self.assertEqual([seen["path"] for seen in report["last_requests"]], [f"/{i}" for i in range(1099, 99, -1)])
        self.assertEqual(report["counters"]["requests.path./0"], 1)


class Scripts(OriginCase):
    """Mistakes in a script are named, not ignored."""

    def test_a_malformed_script_is_refused_with_the_field(self) -> None:
        self.origin.serve(status=404)
        for script, complaint in (
            ("{", "^script: not JSON"),
            ("[]", "^script: must be a JSON object"),
            ('{"pahts": {}}', "^pahts: this field is not known"),
            ('{"default": {"size": -1}}', "^default.size: -1 is not a whole number"),
            ('{"default": {"status": 99}}', r"^default.status: 99"),
            ('{"default": {"body": "a", "size": 1}}', "^default.size"),
            ('{"default": {"body_base64": "???"}}', "^default.body_base64: .* is not base64"),
            ('{"paths": {"x": {}}}', "^paths.x: a path begins with /"),
            ('{"paths": {"/x": []}}', "^paths./x: the list is empty"),
            ('{"paths": {"/x": [{}, {"etag": 3}]}}', r"^paths./x\[1\].etag"),
            ('{"default": {"fault": {"type": "resett"}}}', "^default.fault.type: 'resett' is not a fault"),
            ('{"default": {"fault": {"type": "reset", "by": 1}}}', "^default.fault.by: this field is not known"),
            ('{"default": {"fault": {"type": "reset", "at": "x"}}}', "^default.fault.at: 'x' is not known"),
            ('{"default": {"fault": [{"type": "reset"}, {"type": "close"}]}}', r"^default.fault\[1\].type: close and"),
            ('{"latency": {"type": "fixed"}}', "^latency.ms: a fixed latency needs it"),
            ('{"latency": {"type": "lognormal", "median_ms": 9, "p95_ms": 1}}', "^latency.p95_ms"),
            ('{"accept": {"control": {"type": "reset"}}}', "^accept.control: this field is not known"),
        ):
            status, text = self.origin.control("PUT", "/script", script)
            self.assertEqual(status, 400, script)
            self.assertRegex(text, complaint)
        self.assertEqual(self.wire().get().status, 404, "a refused script changed something")

    def test_a_new_script_keeps_connections_unless_told_to_drop_them(self) -> None:
        wire = self.wire()
        self.origin.script({})
        wire.get()
        self.origin.serve(status=404)
        self.assertEqual(self.origin.counter("requests.total"), 0)
        self.assertEqual(wire.get().status, 404)
        self.origin.script({}, "?drop=1")
        wire.rest()
        self.assertEqual(wire.ending, "rst")

    def test_unknown_control_requests_are_refused(self) -> None:
        for method, path in (("GET", "/nothing"), ("POST", "/script"), ("GET", "/drop")):
            self.assertEqual(self.origin.control(method, path)[0], 404)
        for method, path in (
            ("PUT", "/slow_down?factor=x"),
            ("PUT", "/rate_max?per_second=0"),
            ("PUT", "/rate_max?per_second=1&burst=x"),
            ("POST", "/close?name=control"),
            ("POST", "/open?name=x"),
        ):
            self.assertEqual(self.origin.control(method, path)[0], 400)

    def test_control_keeps_its_connections_and_takes_large_scripts(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.origin.ports["control"], timeout=PATIENCE_S)
        paths = {f"/{i}": {"size": i, "headers": [["X-Pad", "x" * 200]]} for i in range(3000)}
        for _ in range(3):
            connection.request("PUT", "/script", json.dumps({"paths": paths}), {"Expect": "100-continue"})
            self.assertEqual(connection.getresponse().read(), b"script in use\n")
        connection.close()
        self.assertEqual(len(self.wire().get("/2999").body), 2999)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("self_test.py: name the program: self_test.py build/tests/origin/octo-origin")
    OriginCase.program = sys.argv.pop(1)
    unittest.main()
