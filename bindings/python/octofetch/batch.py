"""A batch that was submitted: its results as they settle, or all of them once it is frozen."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from octofetch.deadline import wait_us
from octofetch.errors import ended
from octofetch.request import Get, Key
from octofetch.result import Result
from octofetch.results import BatchInfo, Explanation, Results
from octofetch.spans import Span
from octofetch.status import Status

FOREVER = 2**64 - 1


class Submitted(Explanation, Protocol):
    """What the library's batch offers, and that of `octofetch.testing`."""

    def __len__(self) -> int: ...
    def wait(self, wait_us: int, /) -> int: ...
    def results(self, result_type: type[Result], size_max: int, /) -> list[Result]: ...
    def take_settled(
        self, result_type: type[Result], size_max: int, wait_us: int, /
    ) -> tuple[int, list[tuple[int, Result]]]: ...
    def is_frozen(self) -> bool: ...
    def describe(self) -> tuple[int, int, int, int, int, int, int, int, int, int]: ...
    def cancel(self) -> None: ...


OnFrozen = Callable[[Results], None]


class Ongoing:
    """What a batch is with and without an event loop: its requests, what has arrived, and in the end its results."""

    def __init__(self, submitted: Submitted, requests: Sequence[Key | Get], size_max: int, on_frozen: OnFrozen) -> None:
        self._submitted = submitted
        self._requests = requests
        self._size_max = size_max
        self._on_frozen = on_frozen
        self._made: dict[int, Result] = {}
        self._arrived: list[Result] = []
        self._has_ended = False
        self._results: Results | None = None

    def __len__(self) -> int:
        return len(self._requests)

    def cancel(self) -> None:
        """Freezes the batch now; what has settled stays."""
        # What has results is frozen.
        if self._results is None:
            self._submitted.cancel()

    @property
    def frozen(self) -> bool:
        """Nothing of it will change any more, and `results` does not wait."""
        return self._results is not None or self._submitted.is_frozen()

    def _take(self, wait_us: int) -> bool:
        """Takes what has settled; false when the wait was over first. After the last one _has_ended is true."""
        status, settled = self._submitted.take_settled(Result, self._size_max, wait_us)
        for index, result in settled:
            self._made[index] = result
            self._arrived.append(result)
        self._has_ended = status == Status.END
        if status not in (Status.OK, Status.END, Status.AGAIN):
            raise ended(status)
        return status != Status.AGAIN

    def _collect(self) -> Results:
        """The results of a frozen batch, made once."""
        if self._results is None:
            made = self._made
            if len(made) == len(self):
                results = [made[index] for index in range(len(made))]
            else:
                results = self._submitted.results(Result, self._size_max)
                for index, result in made.items():
                    results[index] = result
            self._results = Results(results, BatchInfo(*self._submitted.describe()), self._submitted)
            self._on_frozen(self._results)
        return self._results


class Batch(Ongoing):
    """A batch under way. Iterating gives results as they settle; leaving the `with` block or the iteration cancels."""

    def results(self) -> Results:
        """Blocks until the batch is frozen, at the latest until its deadline, and tells what came of it."""
        if self._results is None:
            try:
                status = self._submitted.wait(FOREVER)
            except BaseException:
                # Ctrl-C, or the greenlet is killed.
                self.cancel()
                raise
            if status != Status.OK:
                raise ended(status)
        return self._collect()

    def wait(self, wait: Span) -> bool:
        """Blocks for at most `wait` seconds; whether the batch is frozen then."""
        status = self._submitted.wait(wait_us(wait, "wait"))
        if status not in (Status.OK, Status.AGAIN):
            raise ended(status)
        return status == Status.OK

    def __iter__(self) -> Iterator[Result]:
        position = 0
        try:
            while True:
                while position < len(self._arrived):
                    position += 1
                    yield self._arrived[position - 1]
                if self._has_ended:
                    break
                self._take(FOREVER)
            self._collect()
        finally:
            self.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()
