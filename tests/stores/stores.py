"""The stores that the tests run: how each is started and stopped, and what it cannot do.

They check signatures, each with code of its own: moto with botocore's signer, versitygw with that of AWS's SDK for Go,
rclone's gofakes3 with one that comes of MinIO.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import botocore.session  # type: ignore[import-not-found]

if TYPE_CHECKING:  # Modules beside a script have another name for a type checker that runs at the root.
    from tests.stores.certificates import CertificateFiles, make_certificates
    from tests.stores.signed import PATIENCE_S, Account, SignedClient
else:
    from certificates import CertificateFiles, make_certificates
    from signed import PATIENCE_S, Account, SignedClient

HERE = Path(__file__).resolve().parent
HOST = "store.test"  # resolves nowhere: dns.addresses says where it is


class Store:
    """One running store, with a port for http and one for https, and a folder of its own."""

    region: ClassVar[str] = "eu-west-1"
    # Labels of store_keys.py whose keys this store refuses to keep.
    loses: ClassVar[tuple[str, ...]] = ()
    # Why a test, or all of a class, would tell nothing of the library here.
    cannot: ClassVar[dict[str, str]] = {}
    code_of_unsigned: ClassVar[str | None] = "AccessDenied"

    account: Account

    def __init__(self, program: str) -> None:
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="octofetch-store-"))
        self.certificates: CertificateFiles = make_certificates(self.folder, HOST)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.ports: dict[str, int] = {}
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        raise NotImplementedError

    def make_public(self, bucket: str, key: bytes) -> None:
        """Lets everybody read it without a signature."""
        raise NotImplementedError

    def make_session(self) -> Account:
        """Temporary credentials: an access key whose requests need a token."""
        raise NotImplementedError

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
            process.wait(PATIENCE_S)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.ports[scheme]}"

    def client(self, account: Account | None = None) -> SignedClient:
        return SignedClient(self.url(), account or self.account, self.region)

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Ends with its standard input, so that none is left behind when a test is killed."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [self.program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self.processes.append(process)
        return process

    def run_announcing(self, *arguments: str) -> None:
        """Runs what prints its ports in a line of JSON."""
        process = self.run(*arguments)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the store did not start: {self.log()}"
        self.ports = json.loads(line)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]


class Moto(Store):
    loses = ("line feed", "line end at the end")  # the patterns of its routes end at a line feed
    cannot: ClassVar[dict[str, str]] = {
        "row_30_a_clock_that_is_wrong_is_told": "moto takes a signature of any time",
        "row_21_another_region_is_named": "moto takes the region that a request names",
        "a_token_of_nobody_is_signed_as_well": "moto refuses a token beside a permanent key; see Sessions",
        "a_public_bucket_needs_no_signature": "moto fails where it checks signatures and there is none",
    }
    code_of_unsigned = None  # its answer has no document

    def start(self) -> None:
        server = str(HERE / "moto_server.py")
        self.run_announcing(server, self.certificates.certificate, self.certificates.key, HOST)
        self.account = self.make_user()
        self.temporary = self.begin_session()
        self.check_signatures()

    def make_session(self) -> Account:
        return self.temporary

    def service(self, name: str) -> Any:
        # What moto is asked before it checks signatures may be signed by anybody.
        return botocore.session.get_session().create_client(
            name, self.region, endpoint_url=self.url(), aws_access_key_id="any", aws_secret_access_key="any"
        )

    def make_user(self) -> Account:
        iam = self.service("iam")
        allowed = {"Effect": "Allow", "Action": ["s3:*", "sts:AssumeRole"], "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [allowed]}
        iam.create_user(UserName="reader")
        iam.put_user_policy(UserName="reader", PolicyName="all", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
        iam.create_role(RoleName="reading", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName="reading", PolicyName="all", PolicyDocument=json.dumps(policy))
        return Account(key["AccessKeyId"], key["SecretAccessKey"])

    def begin_session(self) -> Account:
        role = "arn:aws:iam::123456789012:role/reading"
        given = self.service("sts").assume_role(RoleArn=role, RoleSessionName="reading")["Credentials"]
        return Account(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def check_signatures(self) -> None:
        """From the next request on, that is: what was asked until now needed none."""
        connection = self.client().connection()
        with contextlib.closing(connection):
            connection.request("POST", "/moto-api/reset-auth", b"0")
            assert connection.getresponse().status == 200


class Versity(Store):
    # A file system is behind it, where these are no names, or a folder has no bytes.
    loses = ("trailing slash", "a slash", "dot", "two dots", "two dots in front", "two dots at the end")
    cannot: ClassVar[dict[str, str]] = {
        "Sessions": "versitygw gives tokens to users of another identity provider alone",
        "a_token_of_nobody_is_signed_as_well": "versitygw refuses a token beside a permanent key",
    }
    account = Account("AKIDVERSITY", "secret/of+versity=1")

    def start(self) -> None:
        for name in ("data", "versions", "users"):
            (self.folder / name).mkdir()
        self.ports["http"] = self.run_gateway()
        self.ports["https"] = self.run_gateway("--cert", self.certificates.certificate, "--key", self.certificates.key)

    def run_gateway(self, *arguments: str) -> int:
        """It takes a port and does not choose one; another process may be quicker to take the one that is free."""
        for _ in range(5):
            port = free_port()
            process = self.run(
                "--port", f"127.0.0.1:{port}", "--region", self.region, "--keep-alive", "--quiet",
                "--access", self.account.access_key_id, "--secret", self.account.secret_access_key,
                "--virtual-domain", HOST, "--iam-dir", str(self.folder / "users"), *arguments,
                "posix", "--versioning-dir", str(self.folder / "versions"), str(self.folder / "data"),
            )  # fmt: skip
            if answers(process, port):
                return port
        raise AssertionError(f"versitygw did not start: {self.log()}")

    def make_public(self, bucket: str, key: bytes) -> None:
        resource = f"arn:aws:s3:::{bucket}/{key.decode()}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client().must("PUT", f"/{bucket}?policy=", policy.encode())


class Fake(Store):
    cannot: ClassVar[dict[str, str]] = {
        "Sessions": "gofakes3 knows no tokens",
        "row_21_another_region_is_named": "gofakes3 takes the region that a request names",
        "a_public_bucket_needs_no_signature": "gofakes3 has no public buckets",
    }
    account = Account("AKIDFAKE", "secret/of+fake=1")

    def start(self) -> None:
        account, files = self.account, self.certificates
        self.run_announcing(files.certificate, files.key, account.access_key_id, account.secret_access_key, HOST)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def answers(process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE_S):
            time.sleep(0.05)
            return process.poll() is None
        time.sleep(0.02)
    return False


STORES: dict[str, type[Store]] = {"moto": Moto, "versity": Versity, "fake": Fake}
