"""What every source is: rows of one kind that can be read again and again, in memory or from disk.

A source gives rows *as stored*: images and arrays as they are; of a table a dict of columns `(n,)` by key, float64 for numbers,
booleans and dates (missing: NaN), str objects for categories and texts (missing: the empty one). `inputs.present` makes of them
what a model takes. A source never changes while it is open, and reading it is a function of its arguments alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from local_engine.data.inputs import Array, Inputs, Raw, count_rows, take
from local_engine.data.shuffle import permutation
from local_engine.data.sources.grouped import Group
from local_engine.data.target import Target
from local_engine.definition import Task
from local_engine.errors import DataError
from local_engine.events import Note


class Source(ABC):
    """Rows, their targets and their ids.

    Attributes:
        inputs: what a row is.
        n: how many rows.
        target: what is to be predicted, or None where the source does not say.
        ids: names of rows, or None where their position names them.
        streamed: whether rows come from disk each time.
        row_bytes: about how much memory a row takes.
    """

    inputs: Inputs
    n: int
    target: Target | None = None
    ids: Array | None = None
    streamed: bool = True
    row_bytes: int = 1

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that rows come shuffled by, where the source streams by groups."""
        return ()

    @abstractmethod
    def take(self, index: Array) -> Raw:
        """The rows at `index` as stored, in its order, all in memory."""

    def stream(self, index: Array, size: int, order: int | None) -> Iterator[tuple[Array, Raw]]:
        """The rows at `index` (ascending), in pieces of about `size`, with their positions in `index`.

        `order` is a seed to shuffle by, None keeps them as stored. Every position comes once; the same arguments give the same
        pieces. This one is for sources that can read any row; others read ahead within `memory.WINDOW`.
        """
        positions = None if order is None else permutation(len(index), order)
        for start in range(0, len(index), size):
            end = min(start + size, len(index))
            chosen = positions[start:end] if positions is not None else np.arange(start, end)
            yield chosen, self.take(index[chosen])


class MemorySource(Source):
    """Rows held in memory."""

    streamed = False

    def __init__(self, inputs: Inputs, stored: Raw, target: Target | None = None, ids: Array | None = None) -> None:
        self.inputs, self.target, self.ids = inputs, target, ids
        self.n = count_rows(stored)
        self._stored = stored

    def take(self, index: Array) -> Raw:
        """The rows at `index`, copied."""
        return take(self._stored, index)


@dataclass(frozen=True)
class Opened:
    """A source as its files have it: `rows`, and a test part of its own where it has one."""

    rows: Source
    test: Source | None = None


@dataclass(frozen=True)
class Request:
    """What is asked of a format.

    Attributes:
        path: the file or folder (a name behind `builtin:`).
        task: what is to be learnt, which decides what a row is; None where `inputs` says it.
        target: the target's column, or None for what the format has of itself.
        id: the column that names rows, or None.
        inputs: what a row must be (a test file, rows to predict), or None to find out.
        note: called with what the user should know.
        field: the key of the spec that names this source, for errors.
    """

    path: Path
    task: Task | None
    target: str | None = None
    id: str | None = None
    inputs: Inputs | None = None
    note: Callable[[Note], None] = lambda note: None
    field: str = "data.source"

    @property
    def needs_target(self) -> bool:
        """Whether rows without a target are of no use: in training, not in prediction."""
        return self.inputs is None or self.field == "data.split.test"

    def at(self, path: Path) -> Request:
        """The same request of another path."""
        return replace(self, path=path)

    def error(
        self, message: str, *, hint: str | None = None, choices: tuple[str, ...] = (), field: str | None = None
    ) -> DataError:
        """An error about this source."""
        return DataError(message, hint=hint, where=str(self.path), field=field or self.field, choices=choices)


def one_line(error: BaseException) -> str:
    """What a library says, in one line without a full stop."""
    return " ".join(str(error).split()).rstrip(".")[:300] or type(error).__name__
