"""Fetches many small objects from S3 or HTTP by a deadline: what came by then, and for every other key the reason.

    from octofetch import Client

    thumbs = Client("https://images.example/thumbs", name="thumbs")
    results = thumbs.fetch(["a.jpg", "b.jpg"], budget=0.3)
    results["a.jpg"].body_or(PLACEHOLDER)

`thumbs.aio` is the same for asyncio. docs/python has the whole.
"""

import logging

from octofetch import interpreters

interpreters.refuse_subinterpreters()

# ruff: noqa: E402 - the extension may be loaded only now
from octofetch import _core, process
from octofetch.aio import AsyncBatch, AsyncClient
from octofetch.attempts import Attempt
from octofetch.batch import Batch
from octofetch.boto import from_boto3
from octofetch.client import Client
from octofetch.credentials import Credentials
from octofetch.deadline import Deadline, page_deadline
from octofetch.errors import (
    BadResponse,
    BatchError,
    CallError,
    Cancelled,
    ClosedError,
    CredentialsError,
    DeadlineExceeded,
    DecodeError,
    Error,
    FetchError,
    Forbidden,
    InvalidKey,
    LimitExceeded,
    NotFound,
    NotModified,
    OptionError,
    OriginError,
    Shed,
    Throttled,
    Unreachable,
    WarmError,
)
from octofetch.process import shutdown
from octofetch.request import Get, Range
from octofetch.result import Result, Timings
from octofetch.results import Results
from octofetch.status import Status

interpreters.refuse_without_lock()

__all__ = [
    "AsyncBatch",
    "AsyncClient",
    "Attempt",
    "BadResponse",
    "Batch",
    "BatchError",
    "CallError",
    "Cancelled",
    "Client",
    "ClosedError",
    "Credentials",
    "CredentialsError",
    "Deadline",
    "DeadlineExceeded",
    "DecodeError",
    "Error",
    "FetchError",
    "Forbidden",
    "Get",
    "InvalidKey",
    "LimitExceeded",
    "NotFound",
    "NotModified",
    "OptionError",
    "OriginError",
    "Range",
    "Result",
    "Results",
    "Shed",
    "Status",
    "Throttled",
    "Timings",
    "Unreachable",
    "WarmError",
    "build_information",
    "from_boto3",
    "page_deadline",
    "shutdown",
]

__version__ = _core.version()


def build_information() -> str:
    """One line that names the versions of the libraries in use."""
    return _core.build_information()


logging.getLogger("octofetch").addHandler(logging.NullHandler())
process.install()
