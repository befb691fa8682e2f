"""Tables in parquet: a file or a folder of files with one schema, in memory or streamed by row group.

Streamed rows come shuffled thus: row groups in seeded order, up to four open at once, and rows shuffled within a window over them
of half of `memory.WINDOW` bytes. An open row group takes as much memory as its pages: about 2 MB a column, or all of it where it
is smaller. As many are open as fit in `memory.WINDOW`, and at least one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from local_engine.data import memory
from local_engine.data.inputs import Array, Inputs, Raw, join, take
from local_engine.data.sources.base import Opened, Request, Source, one_line
from local_engine.data.sources.grouped import Group, in_groups, piece_rows, within
from local_engine.data.sources.tables import Look, check_names, look, memory_table, row_bytes, stored_columns

_READ_BUFFER = 1 << 16
_PAGES = 2 << 20  # a page of values and one of a dictionary, as pyarrow writes them


@dataclass(frozen=True)
class _Group(Group):
    """A row group: its rows, which file, and which of its groups."""

    path: Path
    number: int


def open_parquet(request: Request) -> Opened:
    """A parquet file or folder.

    Raises:
        DataError: a file is damaged, or the files of a folder differ in their columns.
    """
    files = _files(request)
    names, groups, size = _layout(files, request)
    check_names(names, request)
    if size <= memory.stream_over():
        import pandas as pd

        frames = list(_frames(groups, names, request, rows=1 << 17))
        if not frames:
            raise request.error("it has no rows")
        return Opened(memory_table(pd.concat(frames, ignore_index=True), request))
    wide = max(8 * len(names), 1)
    found = look(_frames(groups, names, request, rows=max(256, memory.WINDOW // 16 // wide)), names, request)
    return Opened(ParquetSource(found, groups, request))


class ParquetSource(Source):
    """Rows that come from parquet each time."""

    def __init__(self, found: Look, groups: list[_Group], request: Request) -> None:
        self.inputs: Inputs = found.inputs
        self.n, self.target, self.ids = found.n, found.target, found.ids
        self.row_bytes = row_bytes(found.inputs)
        self._groups, self._request = groups, request

    @property
    def groups(self) -> tuple[Group, ...]:
        """The row groups, in order."""
        return tuple(Group(group.start, group.rows, group.bytes) for group in self._groups)

    def take(self, index: Array) -> Raw:
        """The rows at `index`; reads the row groups they are in."""
        ordered = np.argsort(index, kind="stable")
        pieces = list(self.stream(index[ordered], len(index), None))
        back = np.empty(len(index), np.int64)
        back[ordered] = np.concatenate([positions for positions, _ in pieces])
        return take(join([rows for _, rows in pieces]), back)

    def stream(self, index: Array, size: int, order: int | None) -> Iterator[tuple[Array, Raw]]:
        """Pieces of a window each; see the module."""
        if order is None:
            for group in self._groups:
                yield from self._rows(group, index, 1)
            return
        yield from in_groups(
            self._groups, index, order, self.row_bytes, lambda group, together: self._rows(group, index, together)
        )

    def _rows(self, group: _Group, index: Array, together: int) -> Iterator[tuple[Array, Raw]]:
        """The rows of a group that are in `index`, in pieces of a sixteenth of the window over all groups open `together`."""
        names = [column.name for column in self.inputs.columns]
        start = group.start
        if not len(within(index, start, group.rows)):
            return
        rows = piece_rows(together, self.row_bytes)
        for frame in _frames([group], names, self._request, rows=rows):
            positions = within(index, start, len(frame))
            if len(positions):
                wanted = frame if len(positions) == len(frame) else frame.iloc[index[positions] - start]
                yield positions, stored_columns(wanted, self.inputs, self._request)
            start += len(frame)


def _files(request: Request) -> list[Path]:
    if request.path.is_file():
        return [request.path]
    return [path for path in sorted(request.path.rglob("*")) if path.suffix.lower() in (".parquet", ".pq") and path.is_file()]


def _layout(files: list[Path], request: Request) -> tuple[list[str], list[_Group], int]:
    """The columns, the row groups in order, and the decoded size in bytes by the files' own account."""
    names: list[str] = []
    schema = None
    groups: list[_Group] = []
    start = size = 0
    for path in files:
        with _reading(path, request) as file:
            if schema is None:
                schema = file.schema_arrow
                names = list(schema.names)
            elif not file.schema_arrow.equals(schema):
                raise request.at(path).error(f"its columns or their types are not those of {files[0].name}", choices=tuple(names))
            for number in range(file.num_row_groups):
                about = file.metadata.row_group(number)
                groups.append(_Group(start, about.num_rows, min(about.total_byte_size, len(names) * _PAGES), path, number))
                start += about.num_rows
                size += max(about.total_byte_size, 8 * about.num_rows * len(names))
    return names, groups, size


def _reading(path: Path, request: Request) -> Any:
    try:
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=_READ_BUFFER)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise request.at(path).error(f"it is damaged or not parquet: {one_line(error)}") from error


def _frames(groups: list[_Group], names: list[str], request: Request, *, rows: int) -> Iterator[Any]:
    """The rows of some groups as pandas frames of at most `rows`."""
    for group in groups:
        with _reading(group.path, request) as file:
            try:
                for batch in file.iter_batches(rows, row_groups=[group.number], columns=names, use_threads=False):
                    yield _plain(pa.Table.from_batches([batch])).to_pandas(date_as_object=False, split_blocks=True)
            except (pa.ArrowException, OSError) as error:
                raise request.at(group.path).error(f"it is damaged: {one_line(error)}") from error
        pa.default_memory_pool().release_unused()


def _plain(table: Any) -> Any:
    """The table without pandas' own metadata (an index is no column), decimals as floats, nested columns as they are."""
    for position, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.float64()))
    return table.replace_schema_metadata(None)
