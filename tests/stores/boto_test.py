"""octofetch.from_boto3 with the real boto3, against moto: boto_test.py MOTO_PYTHON.

run.py starts it, under the Python that has boto3; PYTHONPATH has the package.
"""

import datetime
import os
import sys
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import boto3  # type: ignore[import-not-found]
import botocore  # type: ignore[import-not-found]
import botocore.session  # type: ignore[import-not-found]
import octofetch  # type: ignore[import-not-found]
from botocore.config import Config  # type: ignore[import-not-found]

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.stores.stores import Moto
else:
    from stores import Moto

BUCKET = "thumbnails"
PATIENCE_S = 20.0
KEYS = ["a.jpg", "deep/er/b c.jpg", "odd/ü+%20&=?#.jpg", "empty"]


def body_of(key: str) -> bytes:
    return b"" if key == "empty" else key.encode() * 100


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def shut_out_the_environment(folder: Path) -> None:
    """Neither variables nor files of this machine's user say anything."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "OCTOFETCH_"))]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = str(folder / "config")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(folder / "credentials")


class FromBoto(unittest.TestCase):
    python: ClassVar[str]
    store: ClassVar[Moto]

    @classmethod
    def setUpClass(cls) -> None:
        cls.store = Moto(cls.python)
        cls.addClassCleanup(cls.store.stop)
        shut_out_the_environment(cls.store.folder)
        cls.store.client().make_bucket(BUCKET, cls.store.region)
        s3 = cls.boto_client()
        for key in KEYS:
            s3.put_object(Bucket=BUCKET, Key=f"sets/{key}", Body=body_of(key))

    @classmethod
    def boto_arguments(cls, scheme: str = "http", **more: Any) -> dict[str, Any]:
        account = cls.store.account
        arguments = {
            "region_name": cls.store.region,
            "endpoint_url": cls.store.url(scheme),
            "aws_access_key_id": account.access_key_id,
            "aws_secret_access_key": account.secret_access_key,
        }
        return arguments | more

    @classmethod
    def boto_client(cls, scheme: str = "http", **more: Any) -> Any:
        return boto3.client("s3", **cls.boto_arguments(scheme, **more))

    def from_boto3(self, s3: Any, **options: Any) -> Any:
        client = octofetch.from_boto3(s3, **({"bucket": BUCKET} | options))
        self.addCleanup(client.close, 0)
        return client

    def check(self, client: Any) -> None:
        """It fetches the very objects that boto3 reads."""
        results = client.fetch(KEYS, budget=PATIENCE_S)
        self.assertEqual(results.bodies(), {key: body_of(key) for key in KEYS})

    def test_it_reads_what_boto3_reads(self) -> None:
        s3 = self.boto_client()
        client = self.from_boto3(s3, prefix="sets")
        self.check(client)
        for key in KEYS:
            read = s3.get_object(Bucket=BUCKET, Key=f"sets/{key}")
            result = client.fetch([key], budget=PATIENCE_S)[0]
            self.assertEqual((result.body, result.headers["etag"]), (read["Body"].read(), read["ETag"]))
        with self.assertRaises(octofetch.NotFound):
            client.get("missing", budget=PATIENCE_S)

    def test_the_bundle_of_verify_is_trusted(self) -> None:
        root = self.store.certificates.root
        client = self.from_boto3(self.boto_client("https", verify=root), prefix="sets")
        self.assertEqual(client.describe()["tls_ca_file"], (root, "keyword"))
        self.check(client)
        folder = self.store.folder / "roots"
        folder.mkdir()
        (folder / "0123abcd.0").symlink_to(root)
        self.check(self.from_boto3(self.boto_client("https", verify=str(folder)), prefix="sets"))

    def test_trust_in_everybody_is_not_copied(self) -> None:
        distrusting = self.boto_client("https", verify=False)
        with self.assertRaisesRegex(octofetch.OptionError, "trusts every certificate, which octofetch never does"):
            octofetch.from_boto3(distrusting, bucket=BUCKET)
        # Without TLS it says nothing.
        self.check(self.from_boto3(self.boto_client(verify=False), prefix="sets"))

    def test_sessions_and_resources_will_do(self) -> None:
        arguments = self.boto_arguments()
        os.environ["AWS_ENDPOINT_URL"] = arguments.pop("endpoint_url")
        self.addCleanup(os.environ.pop, "AWS_ENDPOINT_URL")
        session = boto3.Session(**arguments)
        self.check(self.from_boto3(session, prefix="sets"))
        self.check(self.from_boto3(session.resource("s3"), prefix="sets"))
        core = botocore.session.get_session()
        core.set_credentials(arguments["aws_access_key_id"], arguments["aws_secret_access_key"])
        core.set_config_variable("region", self.store.region)
        self.check(self.from_boto3(core, prefix="sets"))

    def test_who_does_not_sign_with_boto3_does_not_sign_here(self) -> None:
        client = self.from_boto3(self.boto_client(config=Config(signature_version=botocore.UNSIGNED)), prefix="sets")
        self.assertEqual(client.describe()["unsigned"].value, "true")
        self.assertEqual(client.fetch(["a.jpg"], budget=PATIENCE_S)[0].status, octofetch.Status.FORBIDDEN)

    def test_credentials_of_a_role_are_renewed_by_boto3_in_the_background(self) -> None:
        account = self.store.account
        (self.store.folder / "credentials").write_text(
            f"[base]\naws_access_key_id={account.access_key_id}\naws_secret_access_key={account.secret_access_key}\n"
        )
        (self.store.folder / "config").write_text(
            "[profile reading]\nrole_arn=arn:aws:iam::123456789012:role/reading\nsource_profile=base\n"
            f"region={self.store.region}\nendpoint_url={self.store.url()}\n"
        )
        s3 = boto3.Session(profile_name="reading").client("s3")
        client = self.from_boto3(s3, prefix="sets")
        first = client.describe()["access_key_id"]
        self.assertEqual((first.value[:4], first.source), ("ASIA", "credentials"))
        self.assertEqual(client.describe()["session_token"].value, "***")
        self.check(client)
        # An hour later: botocore takes them for ending, and the origin has refused them.
        held = s3._request_signer._credentials
        held._refresh_using.__self__._cache.clear()
        held._expiry_time = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=2)
        client._refresher._asked_at -= 3600
        client._refresher.request()
        self.assertTrue(eventually(lambda: client.describe()["access_key_id"] != first))
        self.check(client)
        self.assertEqual(client.describe()["access_key_id"].value, held.get_frozen_credentials().access_key)

    def test_what_is_given_here_comes_first(self) -> None:
        s3 = self.boto_client(aws_access_key_id="wrong")
        account = self.store.account
        given = octofetch.Credentials(account.access_key_id, account.secret_access_key)
        client = self.from_boto3(s3, prefix="sets", credentials=given, name="mine", connections_max=3)
        self.check(client)
        self.assertEqual(client.describe()["connections_max"], ("3", "keyword"))
        self.assertEqual(client.name, "mine")


class Place(unittest.TestCase):
    """Where the bucket is, of boto3 clients that nobody asks anything."""

    def opened(self, region: str | None, config: Config | None = None, **more: Any) -> dict[str, Any]:
        s3 = boto3.client(
            "s3", region_name=region, config=config, aws_access_key_id="id", aws_secret_access_key="secret", **more
        )
        with octofetch.from_boto3(s3, bucket=BUCKET) as client:
            described: dict[str, Any] = {name: one.value for name, one in client.describe().items()}
        return described

    def test_the_region_is_copied(self) -> None:
        for region in ("eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1"):
            with self.subTest(region):
                described = self.opened(region)
                self.assertEqual((described["region"], described["endpoint"]), (region, ""))
                self.assertEqual((described["addressing"], described["dual_stack"]), ("auto", "false"))
        self.assertEqual(self.opened(None)["region"], "us-east-1")

    def test_other_hosts_are_endpoints(self) -> None:
        described = self.opened("eu-west-1", endpoint_url="http://127.0.0.1:1/")
        self.assertEqual(described["endpoint"].rstrip("/"), "http://127.0.0.1:1")
        fips = self.opened("us-west-2", Config(use_fips_endpoint=True))
        self.assertEqual(fips["endpoint"], "https://s3-fips.us-west-2.amazonaws.com")

    def test_addressing_and_dual_stack_are_copied(self) -> None:
        for style in ("auto", "path", "virtual"):
            self.assertEqual(self.opened("eu-west-1", Config(s3={"addressing_style": style}))["addressing"], style)
        described = self.opened("eu-west-1", Config(s3={"use_dualstack_endpoint": True}))
        self.assertEqual((described["dual_stack"], described["endpoint"]), ("true", ""))

    def test_a_variable_for_the_endpoint_does_not_count_where_boto3_was_told_to_ignore_it(self) -> None:
        os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
        self.addCleanup(os.environ.pop, "AWS_ENDPOINT_URL")
        self.assertEqual(self.opened("eu-west-1")["endpoint"], "http://127.0.0.1:1")
        ignoring = self.opened("eu-west-1", Config(ignore_configured_endpoint_urls=True))
        self.assertEqual(ignoring["endpoint"], "")

    def test_what_cannot_be_copied_is_refused_in_words(self) -> None:
        with self.assertRaisesRegex(octofetch.OptionError, "transfer acceleration"):
            self.opened("eu-west-1", Config(s3={"use_accelerate_endpoint": True}))
        with self.assertRaisesRegex(TypeError, "not a client of sqs"):
            octofetch.from_boto3(boto3.client("sqs", region_name="eu-west-1"), bucket=BUCKET)
        with self.assertRaisesRegex(TypeError, "not dict"):
            octofetch.from_boto3({}, bucket=BUCKET)
        with self.assertRaisesRegex(octofetch.CredentialsError, "has no credentials"):
            octofetch.from_boto3(boto3.client("s3", region_name="eu-west-1"), bucket=BUCKET)


if __name__ == "__main__":
    FromBoto.python = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
