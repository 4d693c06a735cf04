"""The library's signer beside botocore's, for requests of all kinds: signature_test.py SIGNATURE_PROBE [SEED].

Both are given the same requests, credentials and time; what they would send must be the same, byte for byte.
"""

import datetime
import json
import random
import subprocess
import sys
import unittest
from typing import TYPE_CHECKING, Any, ClassVar
from unittest import mock
from urllib.parse import quote

import botocore.auth  # type: ignore[import-not-found]
from botocore.awsrequest import AWSRequest  # type: ignore[import-not-found]
from botocore.credentials import Credentials  # type: ignore[import-not-found]

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.stores.store_keys import KEYS
else:
    from store_keys import KEYS

REQUESTS = 1000
SCHEME = "https://"
UNRESERVED = "-_.~"
LAST_SECOND = 253_402_300_799  # of the year 9999
PRINTABLE = [chr(code) for code in range(0x21, 0x7F)]
ALPHABET = [*map(chr, range(1, 0x80)), *"\u00e4\u0308\u20ac\u05e9\U0001f4f7\ufffd"]


def encoded(text: str | bytes, safe: str = "") -> str:
    return quote(text, safe=UNRESERVED + safe)


class Requests:
    """Makes requests at random, with everything that has ever been signed wrong among them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, alphabet: list[str], least: int, most: int) -> str:
        return "".join(self.random.choices(alphabet, k=self.random.randint(least, most)))

    def key(self) -> bytes:
        if self.random.random() < 0.3:
            return self.random.choice(list(KEYS.values()))
        if self.random.random() < 0.2:
            return self.random.randbytes(self.random.randint(1, 40))
        return self.text([*ALPHABET, "/", "."], 1, 40).encode()

    def query(self) -> list[tuple[str, str]]:
        names = [self.text(ALPHABET, 1, 6) for _ in range(self.random.randint(0, 4))]
        names += self.random.choices(["versionId", "a", "a-b", "a.b", "A", "x-id", "partNumber"], k=2)
        return [(name, self.text(ALPHABET, 0, 12)) for name in names[: self.random.randint(0, len(names))]]

    def headers(self) -> list[tuple[str, str]]:
        """Of different names, in letters of any case, some with blanks in numbers."""
        names = self.random.sample(["X-Amz-Meta-B", "x-amz-meta-a", "x-amz-request-payer", "X-AMZ-EXPECTED-OWNER"], k=2)
        values = ["", " a  b ", '"a   b"', "a, b,c", "a:b;c=d", self.text([*PRINTABLE, " "], 0, 20)]
        return [(name, self.random.choice(values)) for name in names[: self.random.randint(0, 2)]]

    def host(self) -> str:
        hosts = [
            "bucket.s3.eu-central-1.amazonaws.com",
            "127.0.0.1:9000",
            "[::1]:9000",
            "store.test",
            "store.test:8443",
        ]
        return self.random.choice(hosts)

    def time(self) -> int:
        at_edges = self.random.choice([0, 951_782_400, 1_709_164_799, 4_102_444_800, LAST_SECOND])
        return self.random.choice([at_edges, self.random.randint(0, LAST_SECOND)])

    def make(self) -> dict[str, Any]:
        token = self.text(PRINTABLE, 1, 600) if self.random.random() < 0.5 else ""
        return {
            "method": self.random.choice(["GET", "HEAD"]),
            "host": self.host(),
            "path": "/" + encoded(self.key(), "/"),
            "query": self.query(),
            "headers": self.headers(),
            "access_key_id": "AKID" + self.text(list("ABC019"), 1, 16),
            "secret_access_key": self.text([*map(chr, range(0x30, 0x7B)), "/", "+", "="], 1, 60),
            "session_token": token,
            "region": self.random.choice(["us-east-1", "eu-central-1", "us-gov-west-1", "auto", "cn-north-1"]),
            "now": self.time(),
        }


def for_the_library(request: dict[str, Any]) -> dict[str, Any]:
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in request["query"])
    headers = [f"{name}: {value}" if value else f"{name};" for name, value in request["headers"]]
    return {**request, "target": request["path"] + (f"?{query}" if query else ""), "headers": headers}


def by_botocore(request: dict[str, Any]) -> dict[str, str]:
    """The headers that signing adds."""
    ordered = sorted((encoded(name), encoded(value)) for name, value in request["query"])
    query = "&".join(f"{name}={value}" for name, value in ordered)
    url = SCHEME + request["host"] + request["path"] + (f"?{query}" if query else "")
    given = {**dict(request["headers"]), "Host": request["host"]}
    asked = AWSRequest(request["method"], url, headers=given)
    # Else botocore leaves the body out of what it signs, as TLS would vouch for it.
    asked.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": True})
    credentials = Credentials(request["access_key_id"], request["secret_access_key"], request["session_token"] or None)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=request["now"])
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        botocore.auth.S3SigV4Auth(credentials, "s3", request["region"]).add_auth(asked)
    names = {name.lower() for name in given}
    return {name.lower(): value for name, value in asked.headers.items() if name.lower() not in names}


class Signatures(unittest.TestCase):
    probe: ClassVar[str]
    seed: ClassVar[int]

    def by_the_library(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(for_the_library(request)) + "\n" for request in requests)
        ended = subprocess.run([self.probe], input=lines, capture_output=True, text=True, timeout=60, check=True)
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def test_what_is_sent_is_what_botocore_would_send(self) -> None:
        made = Requests(self.seed)
        requests = [made.make() for _ in range(REQUESTS)]
        answers = self.by_the_library(requests)
        self.assertEqual(len(answers), REQUESTS)
        for number, (request, answer) in enumerate(zip(requests, answers, strict=True)):
            with self.subTest(number=number, seed=self.seed):
                lines = dict(line.split(": ", 1) for line in answer.get("lines", []))
                ours = {name.lower(): value for name, value in lines.items()}
                self.assertEqual(ours, by_botocore(request), (request, answer))

    def test_a_query_is_signed_alike_however_it_is_written(self) -> None:
        """A store may read "%7e" as "~" or a bare "/" as "%2F" before it checks; the library sends what it signs."""
        base = {**Requests(1).make(), "path": "/key", "headers": [], "session_token": ""}
        written = {"a=~%2F%20%2B&b=": ["a=%7e/%20%2b&b", "b=&a=%7E%2f%20%2B", "&&a=~/%20%2B&&b=&"]}
        for canonical, variants in written.items():
            asked = [
                {**for_the_library({**base, "query": []}), "target": f"/key?{one}"} for one in [canonical, *variants]
            ]
            lines = "".join(json.dumps(one) + "\n" for one in asked)
            ended = subprocess.run([self.probe], input=lines, capture_output=True, text=True, timeout=60, check=True)
            answers = [json.loads(line) for line in ended.stdout.splitlines()]
            self.assertEqual({answer["query"] for answer in answers}, {canonical})
            self.assertEqual(len({answer["lines"][0] for answer in answers}), 1)


if __name__ == "__main__":
    Signatures.probe = sys.argv[1]
    Signatures.seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {Signatures.seed}", flush=True)
    unittest.main(argv=sys.argv[:1])
