"""Runs the built octofetch program against octo-origin and checks what docs/command.md promises.

`command_test.py OCTOFETCH OCTO_ORIGIN [TEST ...]`.
"""

import base64
import json
import re
import signal
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.cli.command_case import BUDGET, PATIENCE_S, SHORT, CommandCase, Ended, frames
else:
    from command_case import BUDGET, PATIENCE_S, SHORT, CommandCase, Ended, frames

NEVER = {"delay_ms": 30_000, "body": "too late"}  # not within any budget here
BINARY = b"\x00\x01\x1b[2J\xff\r\n"
PLAIN = {
    "/base/a": {"body": "alpha", "headers": [["Content-Type", "text/plain"]]},
    "/base/b": {"body": "beta"},
    "/base/dir/c": {"body": "gamma"},
    "/base/empty": {"body": ""},
    "/base/binary": {"body_base64": base64.b64encode(BINARY).decode()},
    "/base/missing": {"status": 404},
    "/base/broken": {"status": 500},
    "/base/late": NEVER,
    "/base/tagged": {"body": "tagged", "etag": '"v1"'},
    "/base/counted": {"body": "0123456789"},
    "/base/big": {"size": 4_000_000},
}


class ScriptedCase(CommandCase):
    def setUp(self) -> None:
        super().setUp()
        self.origin.script(PLAIN)


class Bodies(ScriptedCase):
    def test_a_single_key_is_written_as_it_is(self) -> None:
        ended = self.get("binary", *BUDGET)
        self.assertEqual((ended.code, ended.out), (0, BINARY))
        self.assertIn("1 of 1 in time", ended.err)

    def test_several_keys_come_in_frames_in_their_order(self) -> None:
        ended = self.get("b", "binary", "missing", "empty", "a", *BUDGET)
        found = frames(ended.out)
        self.assertEqual(list(found), ["b", "binary", "missing", "empty", "a"])
        self.assertEqual(found["binary"], ("OK", BINARY))
        self.assertEqual(found["missing"], ("NOT_FOUND", b""))
        self.assertEqual(found["empty"], ("OK", b""))
        self.assertEqual(ended.code, 1)
        self.assertIn("missing 1\n", ended.err)

    def test_a_list_of_keys_is_framed_even_when_it_holds_one(self) -> None:
        self.assertEqual(frames(self.get("--keys-from", "-", *BUDGET, stdin=b"a\n").out), {"a": ("OK", b"alpha")})
        self.assertEqual(self.get("--keys-from", "-", *BUDGET, stdin=b"").code, 0)

    def test_key_lists_end_in_lines_or_nul(self) -> None:
        file = self.directory / "keys"
        file.write_bytes(b"a\n\ndir/c\nb")
        self.assertEqual(list(frames(self.get("--keys-from", str(file), *BUDGET).out)), ["a", "dir/c", "b"])
        ended = self.get("--keys-from", "-", "-0", *BUDGET, stdin=b"a\0x\ny\0")
        self.assertEqual(list(frames(ended.out)), ["a", "x\\x0ay"])

    def test_more_keys_than_a_client_queues_by_default_are_fetched(self) -> None:
        keys = b"".join(b"%d\n" % i for i in range(11_000))
        ended = self.get("--keys-from", "-", *BUDGET, stdin=keys)
        self.assertEqual(ended.code, 0, ended.err[-500:])
        self.assertEqual(ended.out.count(b" OK 1024\n"), 11_000)

    def test_quiet_says_nothing(self) -> None:
        self.assertEqual(self.get("a", "--quiet", *BUDGET).err, "")

    def test_requests_carry_what_was_asked_for(self) -> None:
        ended = self.get("counted", "--range", "2-4", "--header", "X-Mine: yes", *BUDGET)
        self.assertEqual((ended.code, ended.out), (0, b"234"))
        seen = {name.lower(): value for name, value in self.origin.last_requests()[0]["headers"]}
        self.assertEqual((seen["range"], seen["x-mine"]), ("bytes=2-4", "yes"))
        self.assertEqual(self.get("counted", "--range", "-3", *BUDGET).out, b"789")
        self.get("a", "--version-id", "v 1", *BUDGET)
        self.assertEqual(self.origin.last_requests()[0]["target"], "/base/a?versionId=v%201")

    def test_not_modified_is_no_failure(self) -> None:
        ended = self.get("tagged", "--if-none-match", '"v1"', *BUDGET)
        self.assertEqual((ended.code, ended.out), (0, b""))


class Files(ScriptedCase):
    def test_bodies_become_files_beneath_the_directory(self) -> None:
        out = self.directory / "new" / "out"
        ended = self.get("a", "dir/c", "binary", "-o", str(out), *BUDGET)
        self.assertEqual((ended.code, ended.out), (0, b""))
        self.assertEqual((out / "dir" / "c").read_bytes(), b"gamma")
        self.assertEqual((out / "binary").read_bytes(), BINARY)
        self.assertEqual(len(list(out.rglob("*"))), 4)

    def test_keys_that_would_leave_the_directory_are_refused_and_others_written(self) -> None:
        outside = self.directory / "outside"
        outside.mkdir()
        out = self.directory / "out"
        out.mkdir()
        (out / "dir").symlink_to(outside)
        keys = ["../outside/x", "/base/a", "x/../../y", "a//b", "dir/c", "b"]
        ended = self.get(*keys, "-o", str(out), "--set", "key.dot_segments=true", *BUDGET)
        self.assertEqual(ended.code, 1)
        self.assertEqual((out / "b").read_bytes(), b"beta")
        self.assertEqual(list(outside.iterdir()), [])
        self.assertEqual({path.name for path in out.iterdir()}, {"dir", "b"})
        self.assertIn("octofetch: dir/c: not written", ended.err)
        self.assertIn("octofetch: /base/a: not written", ended.err)

    def test_a_directory_that_cannot_be_made_is_a_configuration_error(self) -> None:
        (self.directory / "file").touch()
        self.assertEqual(self.get("a", "-o", str(self.directory / "file" / "out"), *BUDGET).code, 3)

    def test_json_tells_what_was_written(self) -> None:
        ended = self.get("b", "a//b", "-o", str(self.directory / "out"), "--json", *BUDGET)
        written = {entry["key"]: entry["written"] for entry in json.loads(ended.out)["results"]}
        self.assertEqual((ended.code, written), (1, {"b": True, "a//b": False}))


class JsonOutput(ScriptedCase):
    FIELDS: ClassVar[dict[str, type | tuple[type, ...]]] = {
        "index": int,
        "status": str,
        "settled": bool,
        "source": (str, type(None)),
        "http_status": (int, type(None)),
        "phase": str,
        "attempts": int,
        "reused": bool,
        "hedged": bool,
        "address": (str, type(None)),
        "message": (str, type(None)),
        "error_code": (str, type(None)),
        "request_id": (str, type(None)),
        "size": int,
        "bytes_received": int,
        "object_size": (int, type(None)),
        "timings_us": dict,
        "headers": dict,
    }
    SPANS = ("settled", "since", "queued", "resolving", "connecting", "securing", "waiting", "receiving")
    COUNTS = ("requests", "settled", "ok", "missing", "late", "failed", "budget_us", "frozen_us", "body_size")

    def check_entry(self, entry: dict[str, Any]) -> None:
        for name, kind in self.FIELDS.items():
            self.assertIsInstance(entry[name], kind, name)
        self.assertEqual(tuple(entry["timings_us"]), self.SPANS)
        self.assertTrue(("key" in entry) != ("key_base64" in entry))

    def test_one_document_holds_the_batch_and_every_key(self) -> None:
        ended = self.get("b", "missing", "late", "a", "--json", *SHORT)
        document = json.loads(ended.out)
        self.assertEqual((document["v"], ended.code), (1, 1))
        for name in self.COUNTS:
            self.assertIsInstance(document["batch"][name], int, name)
        counts = [document["batch"][name] for name in ("requests", "ok", "missing", "late", "failed")]
        self.assertEqual(counts, [4, 2, 1, 1, 0])
        self.assertEqual(document["batch"]["state"], "DEADLINE")
        for entry in document["results"]:
            self.check_entry(entry)
        statuses = [(entry["key"], entry["status"]) for entry in document["results"]]
        self.assertEqual(statuses, [("b", "OK"), ("missing", "NOT_FOUND"), ("late", "DEADLINE"), ("a", "OK")])
        late, alpha = document["results"][2:]
        self.assertEqual((late["settled"], late["phase"], late["http_status"]), (False, "waiting", None))
        self.assertEqual((alpha["size"], alpha["headers"]["content-type"]), (5, "text/plain"))
        self.assertNotIn("body_base64", alpha)

    def test_bodies_and_strange_keys_are_base64(self) -> None:
        ended = self.get(b"\xff\xfe", "binary", "--json", "--bodies", *BUDGET)
        first, second = json.loads(ended.out)["results"]
        self.assertEqual(base64.b64decode(first["key_base64"]), b"\xff\xfe")
        self.assertEqual(base64.b64decode(second["body_base64"]), BINARY)

    def test_lines_come_as_keys_settle_and_end_with_the_batch(self) -> None:
        process = self.start("late", "a", "--jsonl", "--budget", "20s")
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        self.assertEqual((first["v"], first["type"], first["key"], first["index"]), (1, "result", "a", 1))
        self.assertIsNone(process.poll(), "it is over before its last key")
        ended = self.interrupted(process, signal.SIGINT)
        last = [json.loads(line) for line in ended.out.splitlines()]
        self.assertEqual([line["type"] for line in last], ["result", "batch"])
        self.assertEqual((last[0]["key"], last[0]["status"]), ("late", "CANCELLED"))
        self.assertEqual((last[1]["requests"], last[1]["ok"]), (2, 1))
        for line in (first, last[0]):
            self.check_entry(line)


class ExitCodes(ScriptedCase):
    def test_the_outcome_of_keys_is_the_exit_code(self) -> None:
        for keys, code in (
            (["a", "b"], 0),
            (["a", "missing"], 1),
            (["broken"], 1),
            (["a", "broken", "late"], 1),
            (["a", "late"], 4),
            (["late"], 4),
            (["missing"], 5),
        ):
            self.assertEqual(self.get(*keys, *SHORT).code, code, keys)

    def test_a_network_that_fails_is_6(self) -> None:
        for port in ("refused", "https_self_signed"):
            ended = self.run_octofetch("get", self.url(port), "a", "b", *BUDGET)
            self.assertEqual(ended.code, 6, ended.err)
            self.assertIn("failed 2", ended.err)

    def test_usage_is_2_and_names_what_to_do(self) -> None:
        for arguments, hint in (
            (["a"], "--budget"),
            (["--budget", "300ms"], "--keys-from"),
            (["a", "--budget", "300"], "300ms"),
            (["a", "--budget", "300ms", "--range", "x"], "0-99"),
            (["a", "--budget", "300ms", "--set", "headers=Authorization: secret"], "OCTOFETCH_HEADERS"),
            (["a", "--budget", "300ms", "--header", "Host: evil"], "host"),
            (["--keys-from", "/nowhere", "--budget", "300ms"], "/nowhere"),
        ):
            ended = self.get(*arguments)
            self.assertEqual((ended.code, ended.out), (2, b""), ended.err)
            self.assertIn(hint.lower(), ended.err.lower())

    def test_more_keys_than_a_batch_holds_are_a_usage_error(self) -> None:
        ended = self.get("--keys-from", "-", *BUDGET, stdin=b"k\n" * 16_385)
        self.assertEqual(ended.code, 2)
        self.assertIn("16,384", ended.err)

    def test_configuration_is_3(self) -> None:
        ended = self.get("a", *BUDGET, "--set", "conections.max=3")
        self.assertEqual(ended.code, 3)
        self.assertIn("connections.max", ended.err)
        self.assertEqual(self.run_octofetch("get", "gopher://x", "a", *BUDGET).code, 3)

    def test_no_arguments_are_a_usage_error_and_help_is_not(self) -> None:
        self.assertEqual(self.run_octofetch().code, 2)
        helped = self.run_octofetch("get", "--help")
        self.assertEqual(helped.code, 0)
        for code in ("0", "1", "2", "3", "4", "5", "6", "130"):
            self.assertRegex(helped.out.decode(), rf"(?m)^ +{code} ")


class Environment(ScriptedCase):
    def test_variables_set_options_below_the_command_line(self) -> None:
        self.assertEqual(self.get("a", OCTOFETCH_BUDGET="8s").code, 0)
        ended = self.get("a", *BUDGET, OCTOFETCH_CONNECTIONS_MAX="many")
        self.assertEqual(ended.code, 3)
        self.assertIn("OCTOFETCH_CONNECTIONS_MAX", ended.err)
        self.get("a", *BUDGET, OCTOFETCH_USER_AGENT="from-environment")
        self.assertIn(["User-Agent", "from-environment"], self.origin.last_requests()[0]["headers"])
        self.get("a", *BUDGET, "--set", "user_agent=from-argument", OCTOFETCH_USER_AGENT="from-environment")
        self.assertIn(["User-Agent", "from-argument"], self.origin.last_requests()[0]["headers"])

    def test_variables_of_the_aws_tools_sign_requests_of_s3(self) -> None:
        signature = {"region": "eu-test-1", "access_key_id": "AKIDTHEIRS", "secret_access_key": "theirs"}
        self.origin.script({"/*": {"size": 8}}, signature=signature)
        theirs = {
            "AWS_ACCESS_KEY_ID": "AKIDTHEIRS",
            "AWS_SECRET_ACCESS_KEY": "theirs",
            "AWS_DEFAULT_REGION": "eu-test-1",
            "AWS_ENDPOINT_URL": self.url(base=""),
        }

        def get(*arguments: str, url: str = "s3://bucket", **variables: str) -> Ended:
            return self.run_octofetch("get", url, "a", "-q", *BUDGET, *arguments, stdin=b"", **theirs, **variables)

        self.assertEqual(get().code, 0)
        self.assertEqual(get(url=self.url()).code, 1)
        # The first name counts, and ours come before theirs.
        self.assertEqual(get(AWS_REGION="us-east-1").code, 1)
        self.assertEqual(get("--set", "s3.region=us-east-1").code, 1)
        self.assertEqual(get(OCTOFETCH_S3_REGION="us-east-1").code, 1)
        # A key id of ours is never given a secret of theirs.
        ended = get("--set", "s3.access_key_id=AKIDTHEIRS")
        self.assertEqual(ended.code, 3)
        self.assertIn("secret access key is empty", ended.err)
        self.assertEqual(get("--set", "s3.unsigned=true").code, 1)

    def test_colour_follows_the_variables_and_the_option(self) -> None:
        cases: tuple[tuple[list[str], dict[str, str], bool], ...] = (
            ([], {}, False),
            ([], {"FORCE_COLOR": "1"}, True),
            ([], {"CLICOLOR_FORCE": "1"}, True),
            ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            (["--color", "always"], {"NO_COLOR": "1"}, True),
            (["--color=never"], {"FORCE_COLOR": "1"}, False),
        )
        for arguments, variables, is_coloured in cases:
            words = ("get", self.url(), "a", "b", "--timeline", *arguments, *BUDGET)
            ended = self.run_octofetch(*words, stdin=b"", **variables)
            self.assertEqual("\x1b[" in ended.err, is_coloured, (arguments, variables))


class Timelines(ScriptedCase):
    def test_bars_are_drawn_on_stderr_or_on_a_free_stdout(self) -> None:
        ended = self.get("a", "late", "--timeline", *SHORT)
        self.assertRegex(ended.err, r"(?m)^late  .*░░░░│ DEADLINE waiting$")
        self.assertRegex(ended.err, r"(?m)^a     .*│ OK ")
        self.assertRegex(ended.err, r"░ waiting .*│ deadline")
        ended = self.get("a", "late", "--timeline", *SHORT, "-o", str(self.directory), LANG="C")
        self.assertRegex(ended.out.decode("ascii"), r"(?m)^late  .*wwww\| DEADLINE waiting$")
        self.assertNotIn("wwww", ended.err)

    def test_many_keys_show_the_slowest_and_those_that_failed(self) -> None:
        keys = b"".join(b"key-%d\n" % i for i in range(60)) + b"missing\n"
        ended = self.get("--keys-from", "-", "--timeline", "-o", str(self.directory), *BUDGET, stdin=keys)
        self.assertIn("21 of 61 keys are not shown", ended.out.decode())
        self.assertRegex(ended.out.decode(), r"(?m)^missing .* NOT_FOUND ")
        ended = self.get(
            "--keys-from", "-", "--timeline", "--timeline-rows=all", "-o", str(self.directory), *BUDGET, stdin=keys
        )
        self.assertEqual(len(re.findall(r"(?m)^key-", ended.out.decode())), 60)

    def test_a_picture_is_written_to_a_file(self) -> None:
        file = self.directory / "timeline.svg"
        self.assertEqual(self.get("a", "missing", f"--timeline={file}", *BUDGET).code, 1)
        self.assertTrue(ElementTree.fromstring(file.read_text(encoding="utf-8")).tag.endswith("svg"))


class Terminals(ScriptedCase):
    def test_progress_is_shown_and_erased_again(self) -> None:
        shown = self.run_on_terminal("a", "late", "-o", str(self.directory), *SHORT).out.decode()
        self.assertRegex(shown, r"\r\[.*\] 1/2 .* left\x1b\[K")
        progress, _, summary = shown.rpartition("\r\x1b[K")
        self.assertIn("1/2", progress)
        self.assertIn("1 of 2", summary)
        self.assertNotIn("left", summary)

    def test_progress_is_left_out_where_it_would_be_in_the_way(self) -> None:
        for arguments, variables in (
            (["--quiet"], {}),
            (["--no-progress"], {}),
            ([], {"CI": "true"}),
            ([], {"TERM": "dumb"}),
        ):
            ended = self.run_on_terminal(
                "a", "late", "-o", str(self.directory), "--budget", "300ms", *arguments, **variables
            )
            self.assertNotIn(b" left", ended.out, (arguments, variables))
        self.assertNotIn(" left", self.get("a", "late", "--budget", "300ms").err)

    def test_a_binary_body_is_kept_from_a_terminal(self) -> None:
        ended = self.run_on_terminal("binary", *BUDGET)
        self.assertEqual(ended.code, 1)
        self.assertNotIn(b"\x1b[2J", ended.out)
        self.assertIn(b"-o -", ended.out)
        self.assertIn(b"\x1b[2J", self.run_on_terminal("binary", "-o", "-", *BUDGET).out)
        self.assertIn(b"alpha", self.run_on_terminal("a", *BUDGET).out)

    def test_control_bytes_of_keys_and_servers_never_reach_a_terminal(self) -> None:
        evil = "\x1b[2J\x07evil"
        self.origin.script({"/*": {"status": 500, "reason": "\x1b[2J", "headers": [["X-Request-Id", "a\x1b[2Jb"]]}})
        for arguments in (["--timeline"], ["--json"], ["--jsonl"], ["-v", "-o", str(self.directory)]):
            ended = self.run_on_terminal(evil, "other", *arguments, *BUDGET)
            self.assertNotIn(b"\x1b[2J", ended.out, arguments)
            self.assertNotIn(b"\x07", ended.out, arguments)


class Endings(ScriptedCase):
    def test_an_interrupt_keeps_what_has_come(self) -> None:
        process = self.start("a", "late", "-o", str(self.directory), "--budget", "20s")
        self.wait_for_request("/base/late")
        begun = time.monotonic()
        ended = self.interrupted(process, signal.SIGINT)
        self.assertEqual(ended.code, 130, ended.err)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertIn("cancelled", ended.err)
        self.assertIn("of 2 in time", ended.err)
        self.assertEqual([path.name for path in self.directory.iterdir() if path.name != "a"], [])

    def test_a_termination_is_143(self) -> None:
        process = self.start("late", "--budget", "20s")
        self.wait_for_request("/base/late")
        self.assertEqual(self.interrupted(process, signal.SIGTERM).code, 143)

    def test_a_reader_that_goes_away_ends_it_quietly(self) -> None:
        process = self.start("big", "a", "late", "--jsonl", "--bodies", "--budget", "20s")
        assert process.stdout is not None
        process.stdout.read(1)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE_S), 141)
        assert process.stderr is not None
        self.assertNotIn(b"octofetch:", process.stderr.read())
        process.stderr.close()

    def test_a_full_disk_is_told(self) -> None:
        with open("/dev/full", "wb") as full:  # noqa: PTH123
            command = [self.program, "get", self.url(), "a", *BUDGET]
            ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=self.environment(), check=False)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"octofetch: stdout: ", ended.stderr)


class Tables(CommandCase):
    def test_options_are_listed_in_three_forms(self) -> None:
        rows = json.loads(self.run_octofetch("options", "--json").out)["options"]
        names = [row["name"] for row in rows]
        self.assertIn("connections.max", names)
        text = self.run_octofetch("options").out.decode()
        page = self.run_octofetch("options", "--markdown").out.decode()
        self.assertTrue(page.startswith("# Options\n"))
        for name in names:
            self.assertIn(f"{name}  (", text)
            self.assertIn(f"| `{name}` |", page)

    def test_statuses_are_listed_with_their_exit_codes(self) -> None:
        page = self.run_octofetch("statuses", "--markdown").out.decode()
        self.assertRegex(page, r"(?m)^\| `NOT_FOUND` \| 2 \| 5 \| ")
        self.assertRegex(page, r"(?m)^\| `DEADLINE` \| 22 \| 4 \| ")
        self.assertRegex(self.run_octofetch("statuses").out.decode(), r"(?m)^NOT_FOUND +5  ")

    def test_the_version_names_the_libraries(self) -> None:
        self.assertRegex(self.run_octofetch("--version").out.decode(), r"^octofetch \d+\.\d+\.\d+ libcurl ")


if __name__ == "__main__":
    CommandCase.program, CommandCase.origin_program = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
