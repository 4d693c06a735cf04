"""Checks on the wire that every fault of octo-origin does what README.md says, and that the report counts it.

Run by self_test.py, which starts the origin.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.origin.wire import BODY, POISON, SIZE, OriginCase, Wire, base64_text, pattern
else:
    from wire import BODY, POISON, SIZE, OriginCase, Wire, base64_text, pattern


class Endings(OriginCase):
    """Stalls, resets and closes, wherever a reply can be cut."""

    def test_a_stall_before_headers_sends_nothing_and_stays_open(self) -> None:
        self.serve({"type": "stall_before_headers"})
        self.assertTrue(self.asked().is_quiet())
        self.expect_count("stall_before_headers")

    def test_a_stall_in_headers_sends_so_many_bytes_of_them(self) -> None:
        self.serve({"type": "stall_in_headers", "after_bytes": 12})
        wire = self.asked()
        self.assertEqual(wire.exactly(12), b"HTTP/1.1 200")
        self.assertTrue(wire.is_quiet())
        self.expect_count("stall_in_headers")

    def test_a_stall_in_the_body_sends_so_many_bytes_of_it(self) -> None:
        for is_tls in (False, True):
            self.serve({"type": "stall_in_body", "after_bytes": 100})
            wire = self.asked(is_tls)
            self.assertEqual(wire.head().header("content-length"), str(SIZE))
            self.assertEqual(wire.exactly(100), BODY[:100])
            self.assertTrue(wire.is_quiet())
            self.expect_count("stall_in_body")

    def test_a_cut_counts_content_and_not_chunk_marks(self) -> None:
        self.serve({"type": "stall_in_body", "after_bytes": 300}, framing="chunked", chunk_bytes=256)
        wire = self.asked()
        wire.head()
        self.assertEqual(wire.exactly(5 + 256 + 2 + 5 + 44), b"100\r\n" + BODY[:256] + b"\r\n100\r\n" + BODY[256:300])
        self.assertTrue(wire.is_quiet())

    def test_reset_close_and_half_close_cut_where_they_are_told_to(self) -> None:
        endings = {"reset": "rst", "close": "fin", "half_close": "fin"}
        for fault, ending in endings.items():
            for is_tls in (False, True):
                for place in ("request", "headers", "body", "end"):
                    with self.subTest(fault=fault, is_tls=is_tls, place=place):
                        self.check_cut(fault, ending, is_tls, place)

    def check_cut(self, fault: str, ending: str, is_tls: bool, place: str) -> None:
        self.serve({"type": fault, "at": place})
        wire = self.asked(is_tls)
        got = wire.rest()
        self.assertEqual(wire.ending, ending)
        head, mark, body = got.partition(b"\r\n\r\n")
        self.assertEqual(body, {"request": b"", "headers": b"", "body": BODY[: SIZE // 2], "end": BODY}[place])
        self.assertEqual(head[:8], b"" if place == "request" else b"HTTP/1.1")
        self.assertEqual(bool(mark), place in ("body", "end"))
        self.expect_count(f"{fault}.{place}")
        self.assertEqual(self.origin.counter("replies.completed"), int(place == "end"))

    def test_a_large_body_is_delivered_up_to_the_reset(self) -> None:
        size = 4 << 20
        self.serve({"type": "reset", "at": "body", "after_bytes": size}, size=2 * size)
        wire = self.asked()
        wire.head()
        self.assertEqual(len(wire.rest()), size)
        self.assertEqual(wire.ending, "rst")

    def test_a_close_can_say_close_notify_first(self) -> None:
        self.serve({"type": "close", "at": "body", "close_notify": True})
        wire = self.asked(is_tls=True)
        wire.rest()
        self.assertEqual(wire.ending, "notify")

    def test_a_half_closed_connection_is_never_answered_again(self) -> None:
        self.serve({"type": "half_close"})
        wire = self.asked()
        self.assertEqual(wire.reply().body, BODY)
        wire.ask()
        wire.rest()
        self.assertEqual(wire.ending, "fin")
        self.assertEqual(self.origin.counter("requests.total"), 1)

    def test_tls_close_notify_comes_without_fin(self) -> None:
        self.serve({"type": "tls_close_notify"})
        wire = self.asked(is_tls=True)
        self.assertEqual(wire.reply().body, BODY)
        wire.rest()
        self.assertEqual(wire.ending, "notify")
        wire.ending = ""
        self.assertTrue(wire.is_quiet())
        self.expect_count("tls_close_notify.end")

    def test_an_idle_connection_is_closed_after_a_while(self) -> None:
        self.serve({"type": "idle_close", "after_ms": 250})
        for is_tls, ending in ((False, "fin"), (True, "notify")):
            wire = self.asked(is_tls)
            self.assertEqual(wire.reply().body, BODY)
            self.assertEqual(wire.get().body, BODY)
            self.assertEqual(wire.rest(), b"")
            self.assertEqual(wire.ending, ending)
        self.expect_count("idle_close", 2)


class Strays(OriginCase):
    """Bytes nobody asked for."""

    def test_a_stray_in_the_same_segment_shares_the_record_of_the_body(self) -> None:
        for size in (SIZE, 100_000):
            for is_tls in (False, True):
                self.serve({"type": "stray"}, size=size)
                wire = self.asked(is_tls)
                self.assertEqual(wire.reply().body, pattern("object", 0, size))
                self.assertEqual(wire.exactly(len(POISON)), POISON)
                if is_tls:
                    self.assertGreater(len(wire.pieces[-1]), len(POISON))
                    self.assertTrue(wire.pieces[-1].endswith(POISON))
                elif size == SIZE:
                    self.assertEqual(len(wire.pieces), 1)
                self.expect_count("stray.same_segment")

    def test_a_stray_in_the_body_record_is_one_record_after_the_headers(self) -> None:
        self.serve({"type": "stray", "where": "body_record", "payload": "extra"})
        wire = self.asked(is_tls=True)
        self.assertEqual(wire.reply().body, BODY)
        self.assertEqual(wire.exactly(5), b"extra")
        self.assertEqual(len(wire.pieces), 2)
        self.assertTrue(wire.pieces[0].endswith(b"\r\n\r\n"))
        self.assertEqual(wire.pieces[1], BODY + b"extra")
        self.expect_count("stray.body_record")

    def test_a_stray_while_idle_comes_later(self) -> None:
        payload = base64_text(b"\x00\xffbytes")
        self.serve({"type": "stray", "where": "while_idle", "after_ms": 400, "payload_base64": payload})
        wire = self.asked()
        self.assertEqual(wire.reply().body, BODY)
        self.expect_count("stray.while_idle", 0)
        self.assertEqual(wire.exactly(7), b"\x00\xffbytes")
        self.expect_count("stray.while_idle")
        self.expect_usable(wire)

    def test_a_request_in_time_prevents_a_stray_while_idle(self) -> None:
        self.serve({"type": "stray", "where": "while_idle", "after_ms": 5_000})
        wire = self.asked()
        wire.reply()
        self.assertEqual(wire.get().body, BODY)
        self.expect_count("stray.while_idle", 0)

    def test_an_idle_connection_can_end_in_every_way(self) -> None:
        for kind, is_tls, ending in (("fin", False, "fin"), ("rst", False, "rst"), ("close_notify", True, "notify")):
            self.serve({"type": "stray", "where": "while_idle", "after_ms": 10, "kind": kind})
            wire = self.asked(is_tls)
            self.assertEqual(wire.reply().body, BODY)
            self.assertEqual(wire.rest(), b"")
            self.assertEqual(wire.ending, ending)
            self.expect_count(f"stray.while_idle.{kind}")

    def test_a_stray_before_comes_when_the_next_request_begins(self) -> None:
        self.serve({"type": "stray_before"})
        wire = self.asked()
        self.assertEqual(wire.reply().body, BODY)
        self.assertTrue(wire.is_quiet())
        wire.send(b"GET /next")
        self.assertEqual(wire.exactly(len(POISON)), POISON)
        self.assertTrue(wire.is_quiet())
        wire.send(b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertEqual(wire.reply().body, pattern("next", 0, SIZE))
        self.expect_count("stray_before")


class Lengths(OriginCase):
    """Content-Length that lies."""

    def check_lengths(self, fault: dict[str, Any], *expected: str) -> Wire:
        self.serve(fault)
        wire = self.asked()
        head = wire.head()
        self.assertEqual([value for name, value in head.headers if name == "Content-Length"], list(expected))
        self.expect_count(fault["type"])
        return wire

    def test_a_short_length_is_followed_by_all_of_the_body(self) -> None:
        wire = self.check_lengths({"type": "length_short", "by": 24}, "1000")
        self.assertEqual(wire.exactly(SIZE), BODY)
        self.assertEqual(len(wire.pieces), 1)
        self.expect_usable(wire)

    def test_the_excess_of_a_short_length_can_come_later(self) -> None:
        wire = self.check_lengths({"type": "length_short", "by": 24, "split": True, "gap_ms": 250}, "1000")
        self.assertEqual(wire.exactly(SIZE), BODY)
        self.assertEqual(wire.pieces[-1], BODY[1000:])

    def test_a_long_length_ends_with_the_connection(self) -> None:
        wire = self.check_lengths({"type": "length_long", "by": 100}, "1124")
        self.assertEqual(wire.rest(), BODY)
        self.assertEqual(wire.ending, "fin")

    def test_lengths_that_contradict_or_are_no_lengths(self) -> None:
        self.check_lengths({"type": "length_duplicate"}, "1024", "1024")
        self.check_lengths({"type": "length_conflict", "by": 1}, "1024", "1025")
        self.check_lengths({"type": "length_negative"}, "-1024")
        wire = self.check_lengths({"type": "length_overflow"}, str(2**64 + SIZE))
        self.assertEqual(wire.exactly(SIZE), BODY)
        self.expect_usable(wire)

    def test_a_huge_length_has_a_body_that_stalls(self) -> None:
        wire = self.check_lengths({"type": "length_huge"}, str(1 << 40))
        self.assertEqual(wire.exactly(SIZE), BODY)
        self.assertTrue(wire.is_quiet())

    def test_length_and_chunked_come_together(self) -> None:
        wire = self.check_lengths({"type": "length_and_chunked", "by": 5}, "1029")
        self.assertEqual(wire.exactly(SIZE + 12), b"400\r\n" + BODY + b"\r\n0\r\n\r\n"[:7])


class Chunks(OriginCase):
    """Chunked coding that breaks its rules, and bodies without an end."""

    def chunked_body(self, fault: dict[str, Any]) -> Wire:
        self.serve(fault)
        wire = self.asked()
        self.assertEqual(wire.head().header("transfer-encoding"), "chunked")
        self.expect_count(fault["type"])
        return wire

    def test_a_bad_chunk_size_follows_a_good_chunk(self) -> None:
        wire = self.chunked_body({"type": "chunk_bad_size", "after_bytes": 16})
        self.assertEqual(wire.exactly(27), b"10\r\n" + BODY[:16] + b"\r\nxyz\r\n")

    def test_a_truncated_chunked_body_ends_without_its_last_chunk(self) -> None:
        wire = self.chunked_body({"type": "chunk_truncated"})
        self.assertEqual(wire.rest(), b"400\r\n" + BODY + b"\r\n")
        self.assertEqual(wire.ending, "fin")

    def test_chunks_can_go_on_for_ever(self) -> None:
        wire = self.chunked_body({"type": "chunk_endless", "bytes": 1000, "every_ms": 0})
        wire.exactly(5 + SIZE + 2)
        self.assertEqual(wire.exactly(1_007_000), (b"3e8\r\n" + b"e" * 1000 + b"\r\n") * 1000)

    def test_junk_can_follow_the_last_chunk(self) -> None:
        wire = self.chunked_body({"type": "chunk_junk_trailer", "payload": "junk\r\n"})
        wire.exactly(5 + SIZE + 2)
        self.assertEqual(wire.exactly(11), b"0\r\njunk\r\n\r\n")

    def test_a_body_without_length_can_go_on_for_ever(self) -> None:
        self.serve({"type": "body_endless", "bytes": 1000, "every_ms": 0})
        wire = self.asked()
        self.assertIsNone(wire.head().header("content-length"))
        self.assertEqual(wire.exactly(SIZE + 100_000), BODY + b"e" * 100_000)
        wire.socket.close()
        self.assertEqual(self.origin.wait_for_counter("replies.aborted_by_client", 1), 1)
        self.expect_count("body_endless")


class Heads(OriginCase):
    """What comes instead of, before or within the head."""

    def test_a_header_line_can_be_huge(self) -> None:
        self.serve({"type": "header_line_huge", "bytes": 300_001})
        reply = self.asked().reply()
        self.assertEqual(reply.header("x-huge"), "a" * 300_001)
        self.assertEqual(reply.body, BODY)
        self.expect_count("header_line_huge")

    def test_headers_can_be_many(self) -> None:
        self.serve({"type": "header_count_huge", "count": 20_000})
        reply = self.asked().reply()
        self.assertEqual(reply.headers.count(("X-Many", "1")), 20_000)
        self.assertEqual(reply.body, BODY)
        self.expect_count("header_count_huge")

    def test_informational_replies_come_first(self) -> None:
        for fault in ("informational", "informational_flood"):
            self.serve({"type": fault, "count": 40})
            wire = self.asked()
            self.assertEqual([wire.head().status for _ in range(40)], [103] * 40)
            self.assertEqual(wire.reply().body, BODY)
            self.expect_count(fault)

    def test_garbage_replaces_the_status_line(self) -> None:
        self.serve({"type": "garbage"})
        wire = self.asked()
        self.assertEqual(wire.until(b"\r\n"), b"\x01\xfe\x80 not http at all\r\n")
        self.expect_count("garbage")

    def test_a_banner_of_another_protocol(self) -> None:
        self.serve({"type": "banner"})
        wire = self.asked()
        self.assertTrue(wire.until(b"\r\n").startswith(b"SSH-2.0-"))
        self.assertTrue(wire.is_quiet())
        self.expect_count("banner")

    def test_a_body_without_a_head(self) -> None:
        self.serve({"type": "http09"})
        wire = self.asked()
        self.assertEqual(wire.rest(), BODY)
        self.assertEqual(wire.ending, "fin")
        self.expect_count("http09")


class Bodies(OriginCase):
    """Bodies that are slow, wrong, or of another range."""

    def test_a_drip_sends_a_few_bytes_at_a_time(self) -> None:
        for start, is_tls in (("body", True), ("headers", True), ("body", False)):
            self.serve({"type": "drip", "bytes": 8, "every_ms": 2, "from": start}, size=64)
            wire = self.asked(is_tls)
            self.assertEqual(wire.reply().body, BODY[:64])
            if is_tls:
                self.assertEqual([len(piece) for piece in wire.pieces[-8:]], [8] * 8)
                self.assertEqual(len(wire.pieces[0]) == 8, start == "headers")
            self.expect_count(f"drip.{start}")

    def test_faults_combine(self) -> None:
        self.serve([{"type": "drip", "bytes": 10, "every_ms": 1}, {"type": "reset", "at": "body", "after_bytes": 35}])
        wire = self.asked()
        wire.head()
        self.assertEqual(wire.rest(), BODY[:35])
        self.assertEqual(wire.ending, "rst")

    def test_a_corrupt_body_differs_in_one_byte(self) -> None:
        self.serve({"type": "corrupt", "after_bytes": 7})
        body = self.asked().reply().body
        self.assertEqual([i for i in range(SIZE) if body[i] != BODY[i]], [7])
        self.expect_count("corrupt")

    def test_ranges_can_be_wrong_in_every_way(self) -> None:
        part = BODY[10:20]
        expected: dict[str, tuple[int, str | None, bytes]] = {
            "range_wrong": (206, "bytes 11-20/1024", part),
            "range_missing": (206, None, part),
            "range_ignored": (200, None, BODY),
            "range_short": (206, "bytes 10-18/1024", part[:-1]),
        }
        for fault, answer in expected.items():
            self.serve({"type": fault})
            reply = self.asked(False, "Range: bytes=10-19").reply()
            self.assertEqual((reply.status, reply.header("content-range"), reply.body), answer, fault)
            self.expect_count(fault)
        self.serve({"type": "range_wrong"})
        self.assertEqual(self.asked().reply().body, BODY)
        self.expect_count("range_wrong", 0)

    def test_a_range_can_be_answered_in_parts(self) -> None:
        self.serve({"type": "multipart_ranges"})
        reply = self.asked(False, "Range: bytes=10-19").reply()
        self.assertEqual(reply.status, 206)
        self.assertTrue(str(reply.header("content-type")).startswith("multipart/byteranges; boundary="))
        self.assertIn(b"Content-Range: bytes 10-19/1024\r\n\r\n" + BODY[10:20] + b"\r\n--", reply.body)
        self.expect_count("multipart_ranges")

    def test_tls_may_update_keys_and_send_tickets(self) -> None:
        for fault in ("tls_key_update", "tls_tickets"):
            self.serve({"type": fault, "count": 5})
            wire = self.asked(is_tls=True)
            self.assertEqual(wire.reply().body, BODY)
            self.expect_count(fault)
            self.expect_usable(wire)

    def test_faults_can_be_for_some_connections_only(self) -> None:
        self.serve({"type": "reset", "at": "request"}, fault_on="reused")
        for _ in range(2):
            wire = self.asked()
            self.assertEqual(wire.reply().body, BODY)
            wire.ask()
            wire.rest()
            self.assertEqual(wire.ending, "rst")
        self.expect_count("reset.request", 2)
        self.serve({"type": "corrupt"}, fault_on="fresh", fault_address="127.0.0.2")
        for address, expected in (("127.0.0.1", [True, True]), ("127.0.0.2", [False, True])):
            with Wire(self.origin.ports["http"], address=address) as wire:
                self.assertEqual([wire.get().body == BODY for _ in range(2)], expected)

    def test_a_share_of_the_replies_has_the_fault_and_repeats_exactly(self) -> None:
        runs = []
        for _ in range(2):
            self.serve({"type": "corrupt"}, fault_share=0.25)
            with self.wire() as wire:
                runs.append([wire.get().body == BODY for _ in range(200)])
            self.expect_count("corrupt", runs[-1].count(False))
        self.assertEqual(runs[0], runs[1])
        self.assertTrue(20 < runs[0].count(False) < 80)
