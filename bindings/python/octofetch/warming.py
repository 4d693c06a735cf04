"""What to do where `Client.warm` finds that connections cannot be opened."""

from octofetch.status import Status

_ADVICE = {
    Status.RESOLVE_FAILED: "check the host's name, and that this machine can look it up; or name dns_addresses",
    Status.CONNECT_FAILED: "check that the origin listens at that address and port, and that no firewall is between",
    Status.CONNECTION_LOST: "check that what listens there speaks HTTP, and TLS where the address begins with https",
    Status.PROTOCOL_ERROR: "check that what listens there speaks HTTP, and TLS where the address begins with https",
    Status.LOCAL_RESOURCE: "raise the limit, or lower connections_max",
    Status.DEADLINE: "check that the origin answers at all; if it is far or busy, give warm() a larger budget",
    Status.CLOSED: "open another client",
}


def advice(status: Status, trusted: str) -> str:
    """One sentence without its end; empty where the library's own says all. `trusted` is where the roots are from."""
    if status == Status.TLS_FAILED:
        return f"the roots are named by {trusted}; name those of the origin in tls_ca_file" if trusted else ""
    if status == Status.NO_CREDENTIALS:
        return (
            "pass credentials=, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; public buckets take unsigned=True"
        )
    return _ADVICE.get(status, "")
