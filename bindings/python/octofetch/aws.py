"""What the environment of AWS's tools says about an s3 client, below keywords and OCTOFETCH_S3_*."""

import os
from collections.abc import Collection, Iterator
from typing import NamedTuple

CREDENTIALS = ("access_key_id", "secret_access_key", "session_token")

_PLACE = {
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
}


class Default(NamedTuple):
    keyword: str
    text: str
    variable: str


def defaults(taken: Collection[str]) -> Iterator[Default]:
    """For options that are not `taken`."""
    for keyword, variables in _PLACE.items():
        if keyword not in taken:
            yield from _first_of(keyword, variables)
    # A key id belongs to its secret and its token: those of two places are never mixed.
    if not any(keyword in taken for keyword in (*CREDENTIALS, "unsigned")):
        for keyword in CREDENTIALS:
            yield from _first_of(keyword, (f"AWS_{keyword.upper()}",))


def _first_of(keyword: str, variables: tuple[str, ...]) -> Iterator[Default]:
    for variable in variables:
        text = os.environ.get(variable)
        if text:
            yield Default(keyword, text, variable)
            return
