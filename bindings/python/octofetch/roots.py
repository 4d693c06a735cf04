"""Which CA roots a client trusts where no option names them: the environment's, else those of Python or the system.

The library reads no environment, and a wheel cannot know where the system it lands on keeps its roots. So they are
looked for when a client is opened that needs them. Whether they can be used, the library says.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# In this order; the first two of OpenSSL count together, as they do for OpenSSL.
_BUNDLE_OF_AWS = "AWS_CA_BUNDLE"
_FILE_OF_OPENSSL, _DIRECTORY_OF_OPENSSL = "SSL_CERT_FILE", "SSL_CERT_DIR"
_BUNDLE_OF_REQUESTS = "REQUESTS_CA_BUNDLE"

WELL_KNOWN_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora and its kin
    "/etc/pki/tls/certs/ca-bundle.crt",  # older ones
    "/var/lib/ca-certificates/ca-bundle.pem",  # SUSE
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",  # Alpine, macOS, the BSDs
)

INTERPRETER = "ssl.get_default_verify_paths()"
WELL_KNOWN = "well-known file"
CERTIFI = "certifi"


class Roots(NamedTuple):
    """A path for tls_ca_file and one for tls_ca_directory, either of which may be empty, and who named them."""

    file: str
    directory: str
    file_source: str
    directory_source: str


def find_roots() -> Roots | None:
    """The first that there are. A variable that is set is taken as it is, so that a wrong path is an error."""
    return next(_candidates(), None)


def _candidates() -> Iterator[Roots]:
    yield from _of_variable(_BUNDLE_OF_AWS)
    file, directory = os.environ.get(_FILE_OF_OPENSSL, ""), os.environ.get(_DIRECTORY_OF_OPENSSL, "")
    if file or directory:
        yield Roots(file, directory, _FILE_OF_OPENSSL, _DIRECTORY_OF_OPENSSL)
    yield from _of_variable(_BUNDLE_OF_REQUESTS)
    yield from _of_interpreter()
    for path in WELL_KNOWN_FILES:
        if _is_file(path):
            yield _roots_of_file(path, WELL_KNOWN)
    yield from _of_certifi()


def _of_variable(name: str) -> Iterator[Roots]:
    path = os.environ.get(name, "")
    if path:
        yield Roots("", path, name, name) if Path(path).is_dir() else _roots_of_file(path, name)


def _of_interpreter() -> Iterator[Roots]:
    try:
        import ssl
    except ImportError:  # a Python that was built without
        return
    paths = ssl.get_default_verify_paths()
    file = paths.openssl_cafile if _is_file(paths.openssl_cafile) else ""
    directory = paths.openssl_capath if _has_hashed_names(paths.openssl_capath) else ""
    if file or directory:
        yield Roots(file, directory, INTERPRETER, INTERPRETER)


def _of_certifi() -> Iterator[Roots]:
    try:
        import certifi
    except ImportError:
        return
    yield _roots_of_file(certifi.where(), CERTIFI)


def _roots_of_file(path: str, source: str) -> Roots:
    return Roots(path, "", source, source)


def _is_file(path: str) -> bool:
    return Path(path).is_file() and Path(path).stat().st_size > 0


def _has_hashed_names(path: str) -> bool:
    try:
        with os.scandir(path) as entries:
            return any(re.fullmatch(r"[0-9a-f]{8}\.\d+", entry.name) for entry in entries)
    except OSError:
        return False
