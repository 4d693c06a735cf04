"""The client for `await`: the same engine and the same arguments, in any loop of asyncio or trio."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Never, Self

from octofetch.batch import OnFrozen, Ongoing, Submitted
from octofetch.client import Client, requests_of
from octofetch.deadline import Deadline, wait_us
from octofetch.loop_queue import AwaitedQueue, Event
from octofetch.loops import queue_of_running_loop
from octofetch.request import Get, Headers, Key
from octofetch.result import Result
from octofetch.results import Results
from octofetch.spans import US_PER_S, Span


class AsyncClient:
    """`client.aio`. It belongs to no loop: each loop that awaits has a queue of its own."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fetch(
        self,
        keys: Iterable[Key | Get],
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        keep_attempts: bool = False,
        **unknown: Never,
    ) -> Results:
        """Waits until all are there, at the latest until the deadline. Cancelling the task cancels the batch."""
        async with self._submit(keys, budget, deadline, headers, keep_attempts, unknown, is_stream=False) as batch:
            return await batch.results()

    def submit(
        self,
        keys: Iterable[Key | Get],
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        keep_attempts: bool = False,
        **unknown: Never,
    ) -> "AsyncBatch":
        """Starts fetching at once. Must be called in a running loop, which is where the batch is awaited."""
        return self._submit(keys, budget, deadline, headers, keep_attempts, unknown, is_stream=True)

    async def get(
        self,
        key: Key | Get,
        *,
        budget: Span | None = None,
        deadline: Deadline | None = None,
        headers: Headers | None = None,
        **unknown: Never,
    ) -> bytes:
        """The body of one key; where there is none, the error is raised."""
        async with self._submit([key], budget, deadline, headers, False, unknown, is_stream=False) as batch:
            return (await batch.results())[0].body

    def _submit(
        self,
        keys: Iterable[Key | Get],
        budget: Span | None,
        deadline: Deadline | None,
        headers: Headers | None,
        keep_attempts: bool,
        unknown: Mapping[str, object],
        is_stream: bool,
    ) -> "AsyncBatch":
        requests = requests_of(keys)
        queue = queue_of_running_loop()
        arrived = queue.make_event()
        tag = queue.expect(arrived.set)
        client = self._client
        try:
            submitted = client.start(
                requests, budget, deadline, headers, keep_attempts, unknown, queue.queue, tag, is_stream
            )
        except BaseException:
            queue.forget(tag)
            raise
        return AsyncBatch(submitted, requests, client._size_max, client.note, queue, tag, arrived)

    async def aclose(self) -> None:
        """Closes the client, in a thread, as running batches are waited for."""
        await queue_of_running_loop().in_thread(self._client.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncClient {self._client.name}>"


class AsyncBatch(Ongoing):
    """A batch under way. Leaving `async with`, the iteration or an awaiting task early cancels it at once."""

    def __init__(
        self,
        submitted: Submitted,
        requests: Sequence[Key | Get],
        size_max: int,
        on_frozen: OnFrozen,
        queue: AwaitedQueue,
        tag: int,
        event: Event,
    ) -> None:
        super().__init__(submitted, requests, size_max, on_frozen)
        self._queue = queue
        self._tag = tag
        self._event = event
        self._has_waited = False

    async def results(self) -> Results:
        """Waits until the batch is frozen, at the latest until its deadline, and tells what came of it."""
        self._check_loop()
        try:
            await self._until_frozen()
        except BaseException:
            # The task is cancelled, by asyncio or trio, or its coroutine is closed.
            self.cancel()
            raise
        return self._collect()

    async def wait(self, wait: Span) -> bool:
        """Waits for at most `wait` seconds; whether the batch is frozen then."""
        self._check_loop()
        await self._queue.within(wait_us(wait, "wait") / US_PER_S, self._until_frozen)
        return self.frozen

    def __aiter__(self) -> AsyncIterator[Result]:
        self._check_loop()
        return _Arrivals(self)

    async def take(self, position: int) -> Result | None:
        """The result that arrived as number `position`, or None behind the last. For the iteration."""
        while position >= len(self._arrived):
            if self._has_ended:
                self._collect()
                return None
            self._event.clear()
            if not self._take(0):
                await self._next_event()
        return self._arrived[position]

    def _check_loop(self) -> None:
        """In another loop nobody would be woken, unless nobody has to wait any more."""
        if queue_of_running_loop() is not self._queue and not self.frozen:
            raise RuntimeError("the batch was submitted in another event loop; await it there")

    async def _until_frozen(self) -> None:
        while not self.frozen:
            # The freeze is announced after it, and the announcement taken on this thread: it is still to come.
            self._event.clear()
            await self._next_event()

    async def _next_event(self) -> None:
        self._has_waited = True
        await self._event.wait()

    def _collect(self) -> Results:
        if not self._has_waited and queue_of_running_loop() is self._queue:
            # The announcement keeps the memory of the batch, and a task that never has to wait never lets the loop
            # take it: with a budget of 0, or with all keys in the cache.
            self._queue.drain()
        return super()._collect()

    def cancel(self) -> None:
        super().cancel()
        self._queue.forget(self._tag)
        # Whoever waits in another task looks again, and finds the batch frozen.
        self._event.set()

    def __del__(self) -> None:
        self._queue.forget(self._tag)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()


class _Arrivals(AsyncIterator[Result]):
    """One iteration over a batch. A loop that is left drops it, and with it the batch is cancelled."""

    def __init__(self, batch: AsyncBatch) -> None:
        self._batch = batch
        self._position = 0

    async def __anext__(self) -> Result:
        try:
            result = await self._batch.take(self._position)
        except BaseException:
            self._batch.cancel()
            raise
        if result is None:
            raise StopAsyncIteration
        self._position += 1
        return result

    def __del__(self) -> None:
        self._batch.cancel()
