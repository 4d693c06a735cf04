"""A client for the bucket that a boto3 client reads: its region, endpoint, addressing and credentials.

boto3 is no dependency: whoever calls this has it. What is read are attributes of botocore's clients, some of them
private, since botocore has no other way to tell; a test holds them to the real one.
"""

import logging
import os
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import urlsplit

from octofetch.client import Client
from octofetch.credentials import Credentials, Provider
from octofetch.errors import CredentialsError, OptionError
from octofetch.options import ClientOptions
from octofetch.status import Status

logger = logging.getLogger("octofetch")

_DUAL_STACK = ".dualstack."
# What botocore calls the region of a client that was given none.
_NO_REGION = "aws-global"


def from_boto3(
    s3: Any,
    *,
    bucket: str,
    prefix: str = "",
    credentials: Provider | Credentials | None = None,
    **options: Unpack[ClientOptions],
) -> Client:
    """Opens a client for `bucket` as `s3` reads it: a client of S3, a resource, or a session, of boto3 or botocore.

    Region, endpoint, addressing, the CA bundle of `verify` and credentials are copied, the latter as a provider that
    asks botocore, which renews them. What is given here as well comes first.
    """
    source = _s3_client_of(s3)
    copied = _place_of(source) | _trust_of(source)
    copied.update(options)
    is_signed_otherwise = credentials is not None or "access_key_id" in options or options.get("unsigned", False)
    if not is_signed_otherwise:
        if _is_unsigned(source) and "unsigned" not in options:
            copied["unsigned"] = True
        else:
            credentials = _provider_of(source)
    if source.meta.config.proxies:
        logger.warning("%s: the boto3 client goes through a proxy, octofetch does not", bucket)
    return Client(f"s3://{bucket}/{prefix}", credentials=credentials, **copied)


def _s3_client_of(s3: Any) -> Any:
    if hasattr(s3, "create_client"):  # a session of botocore
        s3 = s3.create_client("s3")
    elif callable(getattr(s3, "client", None)):  # a session of boto3
        s3 = s3.client("s3")
    elif hasattr(getattr(s3, "meta", None), "client"):  # a resource
        s3 = s3.meta.client
    service = getattr(getattr(getattr(s3, "meta", None), "service_model", None), "service_name", None)
    if service != "s3":
        raise TypeError(
            f"from_boto3 takes an S3 client, an S3 resource or a session of boto3, not {_named(s3, service)}"
        )
    return s3


def _named(s3: Any, service: str | None) -> str:
    return f"a client of {service}" if service else type(s3).__name__


def _place_of(source: Any) -> ClientOptions:
    region = source.meta.region_name
    s3 = source.meta.config.s3 or {}
    if s3.get("use_accelerate_endpoint"):
        raise OptionError(
            "s3: the boto3 client uses transfer acceleration, which octofetch does not", Status.UNSUPPORTED
        )
    place = ClientOptions(addressing=s3.get("addressing_style") or "auto")
    if region and region != _NO_REGION:
        place["region"] = region
    elif region:
        place["region"] = "us-east-1"
    host = urlsplit(source.meta.endpoint_url).hostname or ""
    # Amazon's own are left to the library, which then can put the bucket into the host; empty, not absent, so that no
    # variable counts.
    place["endpoint"] = "" if _is_of_amazon(host, region) else source.meta.endpoint_url
    if not place["endpoint"]:
        place["dual_stack"] = _DUAL_STACK in f".{host}"
    return place


def _is_of_amazon(host: str, region: str | None) -> bool:
    """A plain host name of S3: "s3.amazonaws.com", "s3.REGION…" or "s3.dualstack.REGION…"; not those of FIPS."""
    names = [f"s3.{region}.", f"s3.dualstack.{region}."]
    is_plain = host == "s3.amazonaws.com" or any(host.startswith(name) for name in names)
    return is_plain and host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"))


def _trust_of(source: Any) -> ClientOptions:
    verify = getattr(getattr(source._endpoint, "http_session", None), "_verify", True)
    if verify is False and source.meta.endpoint_url.startswith("https:"):
        raise OptionError(
            "verify: the boto3 client trusts every certificate, which octofetch never does; "
            "give the boto3 client verify='/path/of/roots.pem'",
            Status.UNSUPPORTED,
        )
    if not isinstance(verify, str | os.PathLike):
        return {}
    path = os.fspath(verify)
    return {"tls_ca_directory": path} if Path(path).is_dir() else {"tls_ca_file": path}


def _is_unsigned(source: Any) -> bool:
    # botocore.UNSIGNED, told by its type, as botocore is not imported here.
    return type(source.meta.config.signature_version).__name__ == "UNSIGNED"


def _provider_of(source: Any) -> Provider:
    held = source._request_signer._credentials
    if held is None:
        raise CredentialsError(
            "the boto3 client has no credentials; configure it, or pass credentials=", Status.NO_CREDENTIALS
        )

    def provide() -> Credentials:
        held.get_frozen_credentials()  # renews them where they are near their end
        # Read before the set that is handed over, so that it is at most too early.
        expires_at = getattr(held, "_expiry_time", None)
        frozen = held.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token, expires_at)

    return provide
