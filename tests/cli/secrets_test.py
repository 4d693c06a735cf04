"""What signs a request is in nothing that the octofetch command writes, and in no command line.

`secrets_test.py OCTOFETCH OCTO_ORIGIN [TEST ...]`.
"""

import subprocess
import sys
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.cli.command_case import BUDGET, PATIENCE_S, SHORT, CommandCase, Ended
else:
    from command_case import BUDGET, PATIENCE_S, SHORT, CommandCase, Ended

ACCESS_KEY = "AKIDistinctive0"
SECRET = "s3cret/Distinctive+1"
TOKEN = "t0ken/Distinctive+2=="
HEADER = "h3ader-Distinctive-3"
# A word alone of each counts as well: a text may be cut, or quote what stands between two slashes.
SOUGHT = ("AKIDist", "s3cret", "Distinctive", "t0ken", "h3ader")
KEYS = ("whole", "missing", "cut", "refused", "elsewhere", "..")
PATHS = {
    "/bucket/whole": {"size": 50},
    "/bucket/missing": {"status": 404},
    "/bucket/cut": {"fault": {"type": "reset"}},
    "/bucket/refused": {"status": 400, "body": "<Error><Code>ExpiredToken</Code></Error>"},
    "/bucket/elsewhere": {"status": 301, "headers": [["x-amz-bucket-region", "eu-west-1"]]},
    "/bucket/late": {"delay_ms": 30_000, "body": "too late"},
}
SIGNATURE = {
    "region": "us-east-1",
    "access_key_id": ACCESS_KEY,
    "secret_access_key": SECRET,
    "session_token": TOKEN,
}


class Secrets(CommandCase):
    def setUp(self) -> None:
        super().setUp()
        self.origin.script(PATHS, signature=SIGNATURE)

    def by_aws(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_ENDPOINT_URL": self.url(base=""),
        }

    def by_options(self) -> dict[str, str]:
        return {
            "OCTOFETCH_S3_ACCESS_KEY_ID": ACCESS_KEY,
            "OCTOFETCH_S3_SECRET_ACCESS_KEY": SECRET,
            "OCTOFETCH_S3_SESSION_TOKEN": TOKEN,
            "OCTOFETCH_S3_ENDPOINT": self.url(base=""),
            "OCTOFETCH_HEADERS": f"X-Amz-Meta-Key: {HEADER}",
        }

    def get_from_s3(self, *arguments: str, **variables: str) -> Ended:
        return self.run_octofetch("get", "s3://bucket", *arguments, stdin=b"", **variables)

    def assert_silent(self, text: str, of: Any) -> None:
        for sought in SOUGHT:
            self.assertNotIn(sought, text, of)

    def assert_silent_end(self, ended: Ended, of: Any) -> None:
        self.assert_silent(ended.out.decode(errors="replace") + ended.err, of)

    def test_row_80_no_output_of_any_form_has_them(self) -> None:
        picture = self.directory / "timeline.svg"
        for arguments in (
            (),
            ("--verbose",),
            ("--json", "--bodies"),
            ("--jsonl", "--verbose"),
            ("--verbose", "--timeline", "--timeline-rows", "all", f"--timeline={picture}"),
            ("-o", str(self.directory / "files"), "--json"),
        ):
            for variables in (self.by_aws(), self.by_options()):
                ended = self.get_from_s3(*KEYS, *BUDGET, *arguments, **variables)
                self.assertEqual(ended.code, 1, ended.err)
                self.assert_silent_end(ended, arguments)
        self.assert_silent(picture.read_text(), "the picture")
        sent = str(self.origin.last_requests())
        self.assertTrue(ACCESS_KEY in sent and TOKEN in sent and SECRET not in sent)

    def test_row_80_nor_has_a_terminal(self) -> None:
        variables = {"OCTOFETCH_HEADERS": f"X-Amz-Meta-Key: {HEADER}"}
        shown = self.run_on_terminal("--timeline", "--verbose", *KEYS, *BUDGET, **variables)
        self.assert_silent_end(shown, "a terminal")

    def test_row_80_what_fails_on_the_way_does_not_repeat_them(self) -> None:
        secure = "https" + self.url(base="")[4:]
        for endpoint in ("http://127.0.0.1:1", secure, "http://nowhere.invalid"):
            for arguments in (("--json",), ("--verbose",)):
                variables = {**self.by_aws(), "AWS_ENDPOINT_URL": endpoint, "OCTOFETCH_S3_PLAIN_HTTP": "true"}
                self.assert_silent_end(self.get_from_s3(*KEYS, *SHORT, *arguments, **variables), endpoint)

    def test_row_80_a_setting_that_is_refused_is_not_repeated(self) -> None:
        for variables in (
            {"AWS_SECRET_ACCESS_KEY": SECRET + " "},
            {"AWS_SECRET_ACCESS_KEY": SECRET * 100},
            {"AWS_SESSION_TOKEN": TOKEN + "\n"},
            {"AWS_SESSION_TOKEN": TOKEN * 1000},
            {"AWS_ACCESS_KEY_ID": f"{ACCESS_KEY}/{SECRET}"},
            {"AWS_ACCESS_KEY_ID": f"{ACCESS_KEY}\u00e9"},
            {"AWS_ENDPOINT_URL": f"https://{ACCESS_KEY}:{SECRET}@host"},
            {"AWS_ENDPOINT_URL_S3": f"{ACCESS_KEY}:{SECRET}@host"},
            {"AWS_REGION": "no region"},
            {"OCTOFETCH_HEADERS": f"Authorization: {SECRET}"},
            {"OCTOFETCH_HEADERS": f"Authorization {SECRET}"},
            {"OCTOFETCH_HEADERS": f"x-amz-security-token: {TOKEN}"},
            {"OCTOFETCH_S3_SECRET_ACCESS_KEY": f"{SECRET} ", "OCTOFETCH_S3_ACCESS_KEY_ID": ACCESS_KEY},
            {"OCTOFETCH_S3_UNSIGNED": "no"},
            {"OCTOFETCH_BUDGET": "soon"},
        ):
            with self.subTest(list(variables)):
                ended = self.get_from_s3("whole", *BUDGET, **{**self.by_aws(), **variables})
                self.assertEqual((ended.code, ended.out), (3, b""), ended.err)
                self.assert_silent_end(ended, variables)

    def test_row_80_credentials_in_a_url_are_refused_and_not_repeated(self) -> None:
        for scheme in ("s3", "https", "http", "ftp"):
            url = f"{scheme}://{ACCESS_KEY}:{SECRET}@bucket/prefix"
            ended = self.run_octofetch("get", url, "whole", *BUDGET, stdin=b"", AWS_REGION="us-east-1")
            self.assertEqual((ended.code, ended.out), (3, b""), ended.err)
            self.assert_silent_end(ended, url)

    def test_row_80_secrets_are_not_taken_from_a_command_line(self) -> None:
        """Every user of the machine can read it; the refusal names the variable instead."""
        for name, value in (
            ("s3.secret_access_key", SECRET),
            ("s3.session_token", TOKEN),
            ("headers", f"Authorization: {HEADER}"),
        ):
            ended = self.get_from_s3("whole", *BUDGET, "--set", f"{name}={value}")
            self.assertEqual((ended.code, ended.out), (2, b""), ended.err)
            self.assertIn("OCTOFETCH_" + name.upper().replace(".", "_"), ended.err)
            self.assert_silent_end(ended, name)

    def test_row_80_a_header_that_is_none_is_not_repeated(self) -> None:
        ended = self.get_from_s3("whole", *BUDGET, "--header", f"Authorization {HEADER}")
        self.assertEqual(ended.code, 2, ended.err)
        self.assert_silent_end(ended, "--header")

    def test_row_80_no_command_line_has_them_while_it_runs(self) -> None:
        command = [self.program, "get", "s3://bucket", "late", *BUDGET]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(**self.by_options())
        )
        self.wait_for_request("/bucket/late")
        self.assert_silent(Path(f"/proc/{process.pid}/cmdline").read_text(), "the command line")
        self.assertIn(SECRET, Path(f"/proc/{process.pid}/environ").read_text(), "that others cannot read")
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assert_silent(out.decode() + err.decode(), "what it writes when it is ended")


if __name__ == "__main__":
    CommandCase.program, CommandCase.origin_program = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
