"""Rows of a bundle (see `data.bundle`): mapped from its files and read where they are wanted.

The same rows come in the same order as from the source that the bundle was made of, streamed ones too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from local_engine.data.inputs import Array, Inputs, Raw
from local_engine.data.sources.base import MemorySource, Source
from local_engine.data.sources.grouped import Group, in_groups, piece_rows, within
from local_engine.data.strings import Strings

ROWS = "rows.npy"
TEXTS = "texts"


class BundledSource(Source):
    """Rows on disk.

    Args:
        folder: of the bundle, absolute.
        inputs: what a row is.
        ids: of the rows.
        row_bytes: about how much a row takes in memory.
        groups: of rows by their positions in the source at home, where it streams by row group.
        positions: of the rows in that source; needed where there are groups.
    """

    def __init__(
        self,
        folder: Path,
        inputs: Inputs,
        ids: Array,
        row_bytes: int,
        groups: tuple[Group, ...] = (),
        positions: Array | None = None,
    ) -> None:
        self.inputs, self.ids, self.row_bytes, self.n = inputs, ids, row_bytes, len(ids)
        self._made_of = (folder, inputs, ids, row_bytes, groups, positions)
        self._groups = groups
        self._positions = np.arange(self.n) if positions is None else positions
        strings = [column for column in inputs.columns if column.is_string]
        self._texts = Strings(folder / TEXTS, max(1, len(strings))) if strings or inputs.kind == "text" else None
        self._rows = np.load(folder / ROWS, mmap_mode="r").view(np.ndarray) if (folder / ROWS).exists() else None

    def take(self, index: Array) -> Raw:
        """The rows at `index`."""
        if self.inputs.kind != "table":
            if self._texts is not None:
                return self._texts.take(index)[:, 0]
            assert self._rows is not None
            rows: Array = self._rows[index]
            return rows
        texts = None if self._texts is None else self._texts.take(index)
        numbers = None if self._rows is None else self._rows[index]
        stored: dict[str, Array] = {}
        number = text = 0
        for column in self.inputs.columns:
            if column.is_string:
                assert texts is not None
                stored[column.key], text = texts[:, text].copy(), text + 1
            else:
                assert numbers is not None
                stored[column.key], number = numbers[:, number].copy(), number + 1
        return stored

    def stream(self, index: Array, size: int, order: int | None) -> Iterator[tuple[Array, Raw]]:
        """As the source at home: by row group where that one is, else any row in any order."""
        if not self._groups or order is None:
            yield from super().stream(index, size, order)
            return
        positions = self._positions[index]

        def pieces(group: Group, together: int) -> Iterator[tuple[Array, Raw]]:
            rows, end = piece_rows(together, self.row_bytes), group.start + group.rows
            for start in range(group.start, end, rows):
                found = within(positions, start, min(rows, end - start))
                if len(found):
                    yield found, self.take(index[found])

        yield from in_groups(self._groups, positions, order, self.row_bytes, pieces)

    def held(self) -> MemorySource:
        """The same rows in memory; images and arrays stay mapped, which costs none until they are read."""
        stored = self._rows if self._rows is not None and self.inputs.kind != "table" else self.take(np.arange(self.n))
        source = MemorySource(self.inputs, stored, None, self.ids)
        source.row_bytes = self.row_bytes
        return source

    def __reduce__(self) -> tuple[type[BundledSource], tuple[object, ...]]:
        return BundledSource, self._made_of
