"""A part of a data set: the rows that training, validation or test sees, in memory or streamed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from local_engine.data.digests import in_order, row_digests, sha256_of_rows
from local_engine.data.inputs import Array, Inputs, Raw, join, present, take
from local_engine.data.memory import WINDOW
from local_engine.data.sources.base import Source
from local_engine.data.sources.grouped import Group
from local_engine.errors import DataError


class Part:
    """Rows of a source.

    Attributes:
        n: how many rows.
        labels: int64 `(n,)` from 0 or float32 `(n,)`, in the order of the rows; None where they are not known.
        streamed: whether rows come from disk each time and are never all in memory.
        inputs: what a row is.
    """

    def __init__(self, source: Source, index: Array | None = None, labels: Array | None = None) -> None:
        """The rows of `source` at `index` (ascending; None: all) with their `labels`."""
        self._source = source
        self._index = np.arange(source.n) if index is None else index
        self.labels = labels
        self.n = len(self._index)
        self.inputs: Inputs = source.inputs
        self.streamed = source.streamed

    @property
    def ids(self) -> Array:
        """The names of the rows `(n,)`: the id column, or their positions in the source (int64)."""
        return self._index if self._source.ids is None else self._source.ids[self._index]

    @property
    def positions(self) -> Array:
        """The rows' positions in the source `(n,)`, int64, ascending."""
        return self._index

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that streamed rows are shuffled by; none where any row can be read by itself."""
        return self._source.groups

    @property
    def row_bytes(self) -> int:
        """About how many bytes a row takes."""
        return self._source.row_bytes

    def rows(self) -> Raw:
        """All rows as a model takes them.

        Raises:
            DataError: the part is streamed.
        """
        if self.streamed:
            raise DataError("these rows are streamed and not all in memory", hint="read them by batches()")
        return present(self._source.take(self._index), self.inputs)

    def batches(self, size: int, *, order: int | None = None) -> Iterator[tuple[Raw, Array | None]]:
        """Batches of `size` rows, the last with what is left, and their labels.

        Args:
            size: rows a batch.
            order: a seed: the rows come shuffled, as a function of it alone. In memory, and streamed from image folders and
                TFRecord, by one permutation; streamed from parquet, row groups in shuffled order and rows within a window.
                None: as stored.
        """
        for positions, stored in self._stored(size, order):
            yield present(stored, self.inputs), None if self.labels is None else self.labels[positions]

    def stored_batches(self, size: int) -> Iterator[Raw]:
        """Batches as the source stores them (numbers in float64), for statistics and digests."""
        for _, stored in self._stored(size, None):
            yield stored

    def row_digests(self) -> Array:
        """A digest of each row's features, uint8 `(n, 16)`, in the order of the rows."""
        size = max(1, min(65536, WINDOW // 16 // max(1, self.row_bytes)))
        return in_order((row_digests(stored) for stored in self.stored_batches(size)), self.n)

    def sha256(self) -> str:
        """The sha256 of the rows' features, as hexadecimal: independent of their order, ids and labels."""
        return sha256_of_rows(self.row_digests())

    def head(self, rows: int) -> Part:
        """The first so many rows."""
        return Part(self._source, self._index[:rows], None if self.labels is None else self.labels[:rows])

    def joined(self, other: Part) -> Part:
        """This part and another of the same source as one, in the source's order."""
        index = np.concatenate([self._index, other._index])
        ordered = np.argsort(index, kind="stable")
        labels = None if self.labels is None or other.labels is None else np.concatenate([self.labels, other.labels])[ordered]
        return Part(self._source, index[ordered], labels)

    def _stored(self, size: int, order: int | None) -> Iterator[tuple[Array, Raw]]:
        """Pieces of exactly `size` rows out of the pieces the source gives."""
        held: list[tuple[Array, Raw]] = []
        count = 0
        for positions, rows in self._source.stream(self._index, size, order):
            start = 0
            while count + len(positions) - start >= size:
                end = start + size - count
                whole = (positions[start:end], take(rows, slice(start, end)))
                yield _join([*held, whole])
                held, count, start = [], 0, end
            if start < len(positions):
                held.append((positions[start:].copy(), _copy(take(rows, slice(start, None)))))
                count += len(positions) - start
        if count:
            yield _join(held)


def _join(pieces: list[tuple[Array, Raw]]) -> tuple[Array, Raw]:
    """Pieces one after the other; a single one is not copied."""
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate([positions for positions, _ in pieces]), join([rows for _, rows in pieces])


def _copy(rows: Raw) -> Raw:
    """A copy, so that the few rows left over do not keep the whole piece alive."""
    return {key: values.copy() for key, values in rows.items()} if isinstance(rows, dict) else rows.copy()
