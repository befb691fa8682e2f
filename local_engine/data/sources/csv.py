"""Tables in csv: comma, semicolon or tab, UTF-8, one header line, all in memory."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from local_engine.data import memory
from local_engine.data.sources.base import Opened, Request, one_line
from local_engine.data.sources.tables import memory_table
from local_engine.events import Note


def open_csv(request: Request) -> Opened:
    """A csv file.

    Raises:
        DataError: it is too large for the memory, or not a table in UTF-8.
    """
    _check_size(request)
    frame = _read(request)
    first = str(frame.columns[0]) if len(frame.columns) else ""
    if (
        first.startswith("Unnamed: 0")
        and first not in (request.target, request.id)
        and frame[first].tolist() == list(range(len(frame)))
    ):
        request.note(Note("the first column has no name and counts the rows; it is left out"))
        frame = frame.drop(columns=first)
    return Opened(memory_table(frame, request))


def _read(request: Request) -> Any:
    import pandas as pd

    try:
        return pd.read_csv(request.path, sep=_separator(request.path), encoding="utf-8-sig", low_memory=False)
    except UnicodeDecodeError as error:
        raise request.error(
            f"it is not UTF-8 text: byte {error.start}", hint=f"iconv -f latin1 -t utf-8 {request.path.name} > new.csv"
        ) from error
    except pd.errors.EmptyDataError as error:
        raise request.error("it is empty") from error
    except (pd.errors.ParserError, ValueError, OSError, EOFError) as error:
        raise request.error(f"it is not a csv table: {one_line(error)}") from error


def _separator(path: Path) -> str:
    """The separator that the header line has most of; a comma where it has none."""
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
        header = file.readline(1_000_000).decode("utf-8", "replace")
    outside = "".join(header.split('"')[::2])
    return max(",;\t", key=lambda mark: (outside.count(mark), mark == ","))


def _check_size(request: Request) -> None:
    size, free = request.path.stat().st_size, memory.available()
    if size <= free // 2:
        return
    name = request.path.name
    line = (
        f"import pyarrow.csv as c, pyarrow.parquet as p; r = c.open_csv('{name}'); "
        "w = p.ParquetWriter('data.parquet', r.schema); [w.write_batch(b) for b in r]; w.close()"
    )
    raise request.error(
        f"this csv file is {memory.show_bytes(size)}, more than half of the {memory.show_bytes(free)} of memory that is free",
        hint=f'parquet is streamed; convert it with: python -c "{line}"',
    )
