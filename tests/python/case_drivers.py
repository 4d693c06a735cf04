"""How a behaviour case reaches the library: blocking, or awaited in a loop. The steps are the same for both.

The blocking driver's methods are coroutines that never wait in a loop, so that one runner serves both.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from typing import Any

import trio
from octofetch import AsyncBatch, Batch, Client, Deadline, Get, Result, Results

Key = str | bytes | Get


class Driver(ABC):
    """What differs between the two ways; batches are opaque to the runner."""

    @abstractmethod
    def run(self, case: Coroutine[Any, Any, None]) -> None: ...
    def keys(self, keys: list[Key]) -> list[Key]:
        """As this way of fetching gives them to the library."""
        return keys

    @abstractmethod
    def submit(
        self,
        client: Client,
        keys: Sequence[Key],
        budget: float | None,
        deadline: Deadline | None,
        headers: Mapping[str, str],
    ) -> Batch | AsyncBatch: ...
    @abstractmethod
    async def results(self, batch: Any) -> Results: ...
    @abstractmethod
    async def wait(self, batch: Any, wait: float) -> bool: ...
    @abstractmethod
    def arrivals(self, batch: Any) -> Any: ...
    @abstractmethod
    async def next(self, arrivals: Any) -> Result | None: ...
    @abstractmethod
    async def pause(self, seconds: float) -> None: ...


class Blocking(Driver):
    """`client.fetch`, `client.submit` and `Batch`."""

    def run(self, case: Coroutine[Any, Any, None]) -> None:
        try:
            case.send(None)
        except StopIteration:
            return
        raise AssertionError("a blocking case waited in a loop")

    def submit(
        self,
        client: Client,
        keys: Sequence[Key],
        budget: float | None,
        deadline: Deadline | None,
        headers: Mapping[str, str],
    ) -> Batch:
        return client.submit(keys, budget=budget, deadline=deadline, headers=headers, keep_attempts=True)

    async def results(self, batch: Batch) -> Results:
        return batch.results()

    async def wait(self, batch: Batch, wait: float) -> bool:
        return batch.wait(wait)

    def arrivals(self, batch: Batch) -> Iterator[Result]:
        return iter(batch)

    async def next(self, arrivals: Iterator[Result]) -> Result | None:
        return next(arrivals, None)

    async def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class Awaiting(Driver):
    """`client.aio`, in a loop of its own for each case. Keys are texts where they can be."""

    def run(self, case: Coroutine[Any, Any, None]) -> None:
        asyncio.run(case)

    def keys(self, keys: list[Key]) -> list[Key]:
        return [as_text(key) for key in keys]

    def submit(
        self,
        client: Client,
        keys: Sequence[Key],
        budget: float | None,
        deadline: Deadline | None,
        headers: Mapping[str, str],
    ) -> AsyncBatch:
        return client.aio.submit(keys, budget=budget, deadline=deadline, headers=headers, keep_attempts=True)

    async def results(self, batch: AsyncBatch) -> Results:
        return await batch.results()

    async def wait(self, batch: AsyncBatch, wait: float) -> bool:
        return await batch.wait(wait)

    def arrivals(self, batch: AsyncBatch) -> AsyncIterator[Result]:
        return aiter(batch)

    async def next(self, arrivals: AsyncIterator[Result]) -> Result | None:
        return await anext(arrivals, None)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class AwaitingInTrio(Awaiting):
    """`client.aio`, in a run of trio of its own for each case."""

    def run(self, case: Coroutine[Any, Any, None]) -> None:
        trio.run(lambda: case)

    async def pause(self, seconds: float) -> None:
        await trio.sleep(seconds)


def as_text(key: Key) -> Key:
    if not isinstance(key, bytes):
        return key
    try:
        return key.decode()
    except UnicodeDecodeError:
        return key
