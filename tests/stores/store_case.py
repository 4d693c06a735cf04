"""A test with a running store, and the octofetch command to fetch from it; for store_test.py."""

import base64
import json
import os
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.stores.signed import Account
    from tests.stores.stores import HOST, STORES, Store
else:
    from signed import Account
    from stores import HOST, STORES, Store


BUCKET = "bucket"
BUDGET = "20s"  # never reached unless something hangs


@dataclass(frozen=True)
class Fetched:
    """What the command says of one key, and all that it said, for a failed test to show."""

    entry: dict[str, Any]
    said: str

    def __getattr__(self, name: str) -> Any:
        return self.entry[name]

    @property
    def body(self) -> bytes:
        return base64.b64decode(self.entry.get("body_base64", ""))

    @property
    def outcome(self) -> tuple[str, str | None]:
        return self.entry["status"], self.entry["error_code"]


class StoreCase(unittest.TestCase):
    """All tests of a class share a store."""

    store_name: ClassVar[str]
    store_program: ClassVar[str]
    octofetch: ClassVar[str]
    clock_shift: ClassVar[str]
    store: ClassVar[Store]

    @classmethod
    def setUpClass(cls) -> None:
        cls.store = STORES[cls.store_name](cls.store_program)
        cls.addClassCleanup(cls.store.stop)
        cls.store.client().make_bucket(BUCKET, cls.store.region)

    def setUp(self) -> None:
        for name in (self._testMethodName.removeprefix("test_"), type(self).__name__):
            if name in self.store.cannot:
                self.skipTest(self.store.cannot[name])

    def put(self, key: bytes, body: bytes, bucket: str = BUCKET) -> dict[str, str]:
        """The headers of the answer."""
        answer = self.store.client().put(bucket, key, body)
        self.assertEqual(answer.status, 200, answer)
        return answer.headers

    def variables(self, account: Account | None) -> dict[str, str]:
        account = account or self.store.account
        variables = {
            "AWS_ACCESS_KEY_ID": account.access_key_id,
            "AWS_SECRET_ACCESS_KEY": account.secret_access_key,
            "AWS_SESSION_TOKEN": account.session_token,
            "AWS_REGION": self.store.region,
            "AWS_ENDPOINT_URL": self.store.url(),
        }
        passed_on = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        return {"LANG": "C.UTF-8", **passed_on, **variables}

    def run_octofetch(
        self,
        keys: list[bytes],
        *arguments: str,
        url: str = f"s3://{BUCKET}",
        account: Account | None = None,
        **variables: str,
    ) -> subprocess.CompletedProcess[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "keys").write_bytes(b"".join(key + b"\0" for key in keys))
            command = [self.octofetch, "get", url, "--budget", BUDGET, "--json", "--bodies", "--verbose"]
            return subprocess.run(
                [*command, "--keys-from", f"{folder}/keys", "-0", *arguments],
                capture_output=True,
                env={**self.variables(account), **variables},
                timeout=60,
                check=False,
            )

    def fetch(self, keys: list[bytes], *arguments: str, **named: Any) -> list[Fetched]:
        ended = self.run_octofetch(keys, *arguments, **named)
        said = ended.stderr.decode()
        self.assertTrue(ended.stdout, said)
        entries = json.loads(ended.stdout)["results"]
        self.assertEqual(len(entries), len(keys), said)
        return [Fetched(entry, said) for entry in entries]

    def fetch_one(self, key: bytes, *arguments: str, **named: Any) -> Fetched:
        return self.fetch([key], *arguments, **named)[0]

    def named_host(self, scheme: str) -> dict[str, str]:
        """Variables that have the store asked by its name, under which buckets have names of their own."""
        return {
            "AWS_ENDPOINT_URL": self.store.url(scheme, HOST),
            "OCTOFETCH_DNS_ADDRESSES": "127.0.0.1",
            "OCTOFETCH_S3_PLAIN_HTTP": "true",
            "OCTOFETCH_TLS_CA_FILE": self.store.certificates.root,
        }
