"""CA roots: which ones a client trusts, what says so, and what it is told when there are none."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from octofetch import Client, OptionError, Status, WarmError, roots
from origin import Origin

BUDGET_S = 20
VARIABLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")

OpenClient = Callable[..., Client]


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable is set, and neither the interpreter nor the system has roots, nor is certifi there."""
    import ssl

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    nothing = ssl.DefaultVerifyPaths("", "", "", "/nowhere/file", "", "/nowhere/directory")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing)
    monkeypatch.setattr(roots, "WELL_KNOWN_FILES", ())
    monkeypatch.setitem(sys.modules, "certifi", None)


@pytest.fixture
def directory(origin: Origin, tmp_path: Path) -> Path:
    """As `openssl rehash` leaves it."""
    made = tmp_path / "roots"
    made.mkdir()
    (made / "0123abcd.0").write_bytes(Path(origin.ca_file).read_bytes())
    return made


def trusts(client: Client) -> bool:
    return client.fetch(["a"], budget=BUDGET_S).complete


def test_an_option_comes_first(
    open_client: OpenClient, origin: Origin, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "/nowhere")
    file = open_client("https", tls_ca_file=Path(origin.ca_file))
    assert trusts(file)
    assert file.describe()["tls_ca_file"] == (origin.ca_file, "keyword")
    assert file.describe()["tls_ca_directory"] == ("", "default")
    assert trusts(open_client("https", tls_ca_directory=directory))
    text = open_client("https", tls_ca_pem=Path(origin.ca_file).read_text())
    assert trusts(text)
    assert text.describe()["tls_ca_pem"].source == "keyword"
    monkeypatch.setenv("OCTOFETCH_TLS_CA_FILE", origin.ca_file)
    assert open_client("https").describe()["tls_ca_file"].source == "OCTOFETCH_TLS_CA_FILE"


def test_the_variables_count_in_their_order(
    open_client: OpenClient, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in reversed(VARIABLES):
        if name != "SSL_CERT_DIR":
            monkeypatch.setenv(name, origin.ca_file)
            client = open_client("https")
            assert trusts(client)
            assert client.describe()["tls_ca_file"] == (origin.ca_file, name)
    # An empty one is as good as none.
    monkeypatch.setenv("AWS_CA_BUNDLE", "")
    assert open_client("https").describe()["tls_ca_file"].source == "SSL_CERT_FILE"


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
def test_a_variable_may_name_a_directory(
    open_client: OpenClient, directory: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(directory))
    client = open_client("https")
    assert trusts(client)
    assert client.describe()["tls_ca_directory"] == (str(directory), name)


def test_the_file_and_the_directory_of_openssl_count_together(
    open_client: OpenClient, origin: Origin, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", origin.ca_file)
    monkeypatch.setenv("SSL_CERT_DIR", f"/nowhere:{directory}")
    described = open_client("https").describe()
    assert described["tls_ca_file"].source == "SSL_CERT_FILE"
    assert described["tls_ca_directory"] == (f"/nowhere:{directory}", "SSL_CERT_DIR")


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_names_nothing_of_use_is_refused_by_name(
    origin: Origin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    empty = tmp_path / "empty"
    if name == "SSL_CERT_DIR":
        empty.mkdir()
    else:
        empty.write_bytes(b"")
    for path in ("/nowhere/ca.pem", str(empty)):
        monkeypatch.setenv(name, path)
        with pytest.raises(OptionError, match=f"^{name}: tls.ca_(file|directory): '{path}' "):
            Client(origin.url("https"))


def test_a_file_that_never_ends_is_refused(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/zero")
    with pytest.raises(OptionError, match=r"^SSL_CERT_FILE: tls.ca_file: '/dev/zero' is not a regular file"):
        Client(origin.url("https"))


def test_then_the_interpreter_is_asked(
    open_client: OpenClient, origin: Origin, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl

    paths = ssl.DefaultVerifyPaths("", "", "", "/nowhere", "", str(directory))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.setattr(roots, "WELL_KNOWN_FILES", (origin.ca_file,))
    client = open_client("https")
    assert trusts(client)
    assert client.describe()["tls_ca_directory"] == (str(directory), "ssl.get_default_verify_paths()")
    # What it names and is not there, or has nothing, is passed over.
    (directory / "0123abcd.0").unlink()
    assert open_client("https").describe()["tls_ca_file"] == (origin.ca_file, "well-known file")


def test_then_well_known_files_and_then_certifi(
    open_client: OpenClient, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    certifi = ModuleType("certifi")
    cast("Any", certifi).where = lambda: origin.ca_file
    monkeypatch.setitem(sys.modules, "certifi", certifi)
    client = open_client("https")
    assert trusts(client)
    assert client.describe()["tls_ca_file"] == (origin.ca_file, "certifi")
    monkeypatch.setattr(roots, "WELL_KNOWN_FILES", ("/nowhere", origin.ca_file))
    assert open_client("https").describe()["tls_ca_file"].source == "well-known file"


def test_plain_http_looks_for_no_roots(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert open_client("http").describe()["tls_ca_file"] == ("", "default")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with Client("s3://bucket", endpoint="http://127.0.0.1:1") as client:
        assert client.describe()["tls_ca_file"] == ("", "default")
    with pytest.raises(OptionError, match=r"^SSL_CERT_FILE: "):
        Client("s3://bucket", region="eu-central-1")


def test_an_untrusted_origin_is_told_beside_the_roots_in_use(
    open_client: OpenClient, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", origin.ca_file)
    client = open_client("https_self_signed")
    result = client.fetch(["a"], budget=BUDGET_S)[0]
    assert result.status == Status.TLS_FAILED
    assert f"trusted are the roots of tls.ca_file '{origin.ca_file}'" in result.message
    with pytest.raises(WarmError, match="the roots are named by SSL_CERT_FILE; name those of the origin") as failed:
        client.warm(1, BUDGET_S)
    assert failed.value.status == Status.TLS_FAILED
    assert origin.ca_file in str(failed.value)


@pytest.mark.parametrize(
    ("listener", "options", "budget", "status", "said"),
    [
        ("refused", {}, BUDGET_S, Status.CONNECT_FAILED, "check that the origin listens at that address"),
        ("silent", {}, 0.3, Status.DEADLINE, "check that the origin answers at all"),
    ],
)
def test_warming_names_what_to_mend(
    open_client: OpenClient, listener: str, options: dict[str, Any], budget: float, status: Status, said: str
) -> None:
    with pytest.raises(WarmError, match=said) as failed:
        open_client(listener, **options).warm(1, budget)
    assert failed.value.status == status


def test_warming_names_what_to_mend_of_names_and_credentials() -> None:
    with Client("http://nowhere.invalid") as client, pytest.raises(WarmError, match="machine can look it up") as failed:
        client.warm(1, BUDGET_S)
    assert failed.value.status == Status.RESOLVE_FAILED
    with (
        Client("s3://bucket", endpoint="http://127.0.0.1:1", region="eu-central-1") as client,
        pytest.raises(WarmError, match="pass credentials=") as failed,
    ):
        client.warm(1, BUDGET_S)
    assert failed.value.status == Status.NO_CREDENTIALS
