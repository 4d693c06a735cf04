"""Requests to a store under Signature Version 4, signed by botocore: how the tests put objects there.

The target goes on the wire as it is written here, which no S3 client promises for keys with odd bytes.
"""

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth  # type: ignore[import-not-found]
from botocore.awsrequest import AWSRequest  # type: ignore[import-not-found]
from botocore.credentials import Credentials  # type: ignore[import-not-found]

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Account:
    """Who asks."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """What S3 calls the error."""
        document = ElementTree.fromstring(self.body)
        return next((element.text or "" for element in document.iter() if element.tag.endswith("Code")), "")


def target_of(bucket: str, key: bytes) -> str:
    return f"/{bucket}/{quote(key, safe='/~')}"


class SignedClient:
    """Asks one store as one account."""

    def __init__(self, url: str, account: Account, region: str, trusted: str | None = None) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self.trusted = trusted
        credentials = Credentials(account.access_key_id, account.secret_access_key, account.session_token or None)
        self.signer = S3SigV4Auth(credentials, "s3", region)

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method, self.url + target, headers={"Host": self.host, **named}, data=body)
        self.signer.add_auth(request)
        connection = self.connection()
        try:
            connection.request(method, target, body, dict(request.headers.items()))
            reply = connection.getresponse()
            return Answer(reply.status, {n.lower(): v for n, v in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def connection(self) -> http.client.HTTPConnection:
        if self.trusted is None:
            return http.client.HTTPConnection(self.host, timeout=PATIENCE_S)
        context = ssl.create_default_context(cafile=self.trusted)
        return http.client.HTTPSConnection(self.host, timeout=PATIENCE_S, context=context)

    def make_bucket(self, bucket: str, region: str) -> None:
        place = f"<LocationConstraint>{region}</LocationConstraint>"
        self.must("PUT", f"/{bucket}", f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>".encode())

    def must(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        answer = self.ask(method, target, body, **headers)
        assert answer.status in (200, 204), answer
        return answer

    def put(self, bucket: str, key: bytes, body: bytes) -> Answer:
        return self.ask("PUT", target_of(bucket, key), body)
