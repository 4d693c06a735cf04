"""What came of a batch: a result for every request, in their order. After the freeze nothing of it changes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, Protocol, TypeVar, overload

from octofetch import _core
from octofetch.attempts import Attempt, Attempted, named
from octofetch.errors import BatchError, ended
from octofetch.request import Key
from octofetch.result import US_PER_S, Result
from octofetch.status import LATE, Status

LINE, JSON, SVG = range(3)

Answer = TypeVar("Answer")


class Explanation(Protocol):
    """Who can say what happened: the library's batch, or what was kept of it."""

    def explain(self, kind: int, /) -> str: ...
    def attempts(self) -> Sequence[tuple[Any, ...]] | None: ...


class KeptExplanation:
    """The explanations of a batch that is somewhere else, as after pickling."""

    def __init__(self, texts: Mapping[int, str], attempts: Sequence[tuple[Any, ...]] | None) -> None:
        self._texts = texts
        self._attempts = attempts

    def explain(self, kind: int, /) -> str:
        return self._texts[kind]

    def attempts(self) -> Sequence[tuple[Any, ...]] | None:
        return self._attempts


class BatchInfo(NamedTuple):
    """The numbers of octo_batch_info, as `octofetch._core.Batch.describe` gives them."""

    state: int
    settled_count: int
    ok_count: int
    missing_count: int
    late_count: int
    failed_count: int
    budget_us: int
    frozen_us: int
    pickup_lag_us: int
    body_size: int


class Timeline(str):
    """An SVG image, which notebooks show."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


class Results(Sequence[Result]):
    """The results of a batch, by position (`results[3]`) and by key (`results["a.jpg"]`; of duplicates the first).

    Each is in exactly one of `succeeded`, `missing`, `late` and `failed`.
    """

    __slots__ = ("_by_key", "_explanation", "_info", "_results")

    def __init__(self, results: Sequence[Result], info: BatchInfo, explanation: Explanation) -> None:
        self._results = tuple(results)
        self._info = info
        self._explanation = explanation
        self._by_key: dict[Key, Result] | None = None

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @overload
    def __getitem__(self, index: int | Key) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, index: int | slice | Key) -> Result | tuple[Result, ...]:
        if isinstance(index, str | bytes):
            return self._keyed()[index]
        return self._results[index]

    def __contains__(self, item: object) -> bool:
        return item in self._keyed() if isinstance(item, str | bytes) else item in self._results

    def get(self, key: Key) -> Result | None:
        """The result of a key, or None where it was not asked for."""
        return self._keyed().get(key)

    def _keyed(self) -> dict[Key, Result]:
        if self._by_key is None:
            by_key: dict[Key, Result] = {}
            for result in self._results:
                by_key.setdefault(result.key, result)
            self._by_key = by_key
        return self._by_key

    @property
    def succeeded(self) -> tuple[Result, ...]:
        return tuple(result for result in self._results if result.ok)

    @property
    def missing(self) -> tuple[Result, ...]:
        """The origin has no such object."""
        return tuple(result for result in self._results if result.status == Status.NOT_FOUND)

    @property
    def late(self) -> tuple[Result, ...]:
        """Not there at the deadline, or not started because they could not have been."""
        return tuple(result for result in self._results if result.status in LATE)

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self._results if is_failure(result))

    @property
    def complete(self) -> bool:
        """The origin has answered for every key: nothing is late and nothing has failed."""
        return self._info.late_count == 0 and self._info.failed_count == 0

    @property
    def state(self) -> Status:
        """How the batch froze: OK when every request had settled, else DEADLINE, CANCELLED or CLOSED."""
        return Status(self._info.state)

    @property
    def info(self) -> BatchInfo:
        """All numbers of octo_batch_info, in its units."""
        return self._info

    @property
    def elapsed(self) -> float:
        """Seconds from submit to the freeze."""
        return self._info.frozen_us / US_PER_S

    @property
    def pickup_lag(self) -> float:
        """Seconds from the freeze until somebody looked: how late the host was."""
        return self._info.pickup_lag_us / US_PER_S

    def bodies(self, default: bytes | None = None) -> dict[Key, bytes]:
        """The body of each key, in their order, with `default` for those that have none.

        Without a default a key that has none raises BatchError.
        """
        if default is None:
            self.raise_for_errors()
            return {key: result.body for key, result in self._keyed().items()}
        return {key: result.body_or(default) for key, result in self._keyed().items()}

    def raise_for_errors(self) -> None:
        """Raises BatchError, with an error for each result that is not ok, if there is any."""
        if self._info.ok_count != len(self._results):
            raise BatchError.of(self)

    def explain(self) -> str:
        """One line: "97 of 100 in 300 ms; late 3: waiting 2 (192.0.2.7:443), queued 1"."""
        return told(self._explanation.explain, LINE)

    def timeline(self) -> Timeline:
        """A picture with one bar for each key, split in phases."""
        return Timeline(told(self._explanation.explain, SVG))

    def to_json(self) -> str:
        """The whole story as one JSON document."""
        return told(self._explanation.explain, JSON)

    def attempts(self) -> tuple[Attempt, ...]:
        """Each exchange on the wire, in the order they started, of a batch fetched with `keep_attempts=True`."""
        plain = told(self._explanation.attempts)
        if plain is None:
            raise ValueError("attempts(): none were kept; fetch with keep_attempts=True")
        keys = [result.key for result in self._results]
        return tuple(named(Attempted._make(one), keys) for one in plain)

    def server_timing(self, name: str = "octofetch") -> str:
        """The value of a Server-Timing header."""
        return f'{name};dur={self._info.frozen_us / 1000:.1f};desc="{self._info.ok_count} of {len(self._results)}"'

    def __bool__(self) -> NoReturn:
        raise TypeError("the truth of Results is not defined; ask for .complete, or len()")

    def __eq__(self, other: object) -> bool:
        return self._results == other._results if isinstance(other, Results) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._results)

    def __reduce__(self) -> tuple[type["Results"], tuple[tuple[Result, ...], BatchInfo, KeptExplanation]]:
        texts = {kind: told(self._explanation.explain, kind) for kind in (LINE, JSON, SVG)}
        kept = KeptExplanation(texts, told(self._explanation.attempts))
        return Results, (self._results, self._info, kept)

    def __repr__(self) -> str:
        counts = Counter(str(result.status) for result in self._results)
        return f"<Results of {len(self)}: {', '.join(f'{count} {name}' for name, count in counts.items())}>"


def is_failure(result: Result) -> bool:
    return not result.ok and result.status != Status.NOT_FOUND and result.status not in LATE


def told(ask: Callable[..., Answer], *arguments: int) -> Answer:
    """What a batch tells, which in a child of fork is the parent's alone."""
    try:
        return ask(*arguments)
    except _core.RefusedError as refused:
        raise ended(refused.args[0]) from None
