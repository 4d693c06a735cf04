"""A certificate of the store under test, and its root: made anew for each run, good for a day."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509  # type: ignore[import-not-found]
from cryptography.hazmat.primitives import hashes, serialization  # type: ignore[import-not-found]
from cryptography.hazmat.primitives.asymmetric import ec  # type: ignore[import-not-found]
from cryptography.x509.oid import NameOID  # type: ignore[import-not-found]


@dataclass(frozen=True)
class CertificateFiles:
    root: str
    certificate: str
    key: str


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def begun(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name_of(subject)).issuer_name(name_of(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))


def make_certificates(folder: Path, host: str) -> CertificateFiles:
    """Of 127.0.0.1, `host` and each bucket below it."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = begun("root", "root", root_key)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    names = [
        x509.DNSName(host),
        x509.DNSName(f"*.{host}"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    leaf = begun(host, "root", key).add_extension(x509.SubjectAlternativeName(names), critical=False)
    files = CertificateFiles(*(str(folder / name) for name in ("root.pem", "certificate.pem", "key.pem")))
    pem = serialization.Encoding.PEM
    Path(files.root).write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    Path(files.certificate).write_bytes(leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    Path(files.key).write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files
