"""A first look at the data, without reading its rows: is it there, which columns has a table, has it a test part of its own."""

from __future__ import annotations

import csv
import gzip
import zipfile
from pathlib import Path, PurePath

BUILTINS = ("digits", "iris", "wine", "breast_cancer", "diabetes")
"""The data sets that scikit-learn ships and `builtin:NAME` names."""

_SEPARATED = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_PARQUET = (".parquet", ".pq")
_LONGEST_HEADER = 1_000_000


def is_table(path: PurePath) -> bool:
    """Whether the file's name is that of a table, whose column to predict has to be named."""
    return path.name.lower().endswith(_SEPARATED + _PARQUET)


def columns_of(path: Path) -> list[str] | None:
    """The columns of a csv or parquet file; None where they cannot be told here."""
    name = path.name.lower()
    try:
        if name.endswith(_SEPARATED):
            return _csv_columns(path)
        if name.endswith(_PARQUET):
            return _parquet_columns(path)
    except (OSError, ValueError, csv.Error, EOFError):
        return None
    return None


def has_own_test_part(path: Path) -> bool:
    """Whether the source comes divided: MNIST's idx files, or an npz with `x_test`."""
    try:
        if path.is_dir():
            names = {entry.name.lower() for entry in path.iterdir()}
            return any(name.startswith(("t10k-images", "test-images")) for name in names)
        if path.suffix.lower() == ".npz":
            with zipfile.ZipFile(path) as archive:
                return "x_test.npy" in archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError):
        return False
    return False


def _csv_columns(path: Path) -> list[str] | None:
    """The first row, with the separator that the file seems to use."""
    with path.open("rb") as opened:
        text_file = gzip.GzipFile(fileobj=opened) if path.name.lower().endswith(".gz") else opened
        first = text_file.readline(_LONGEST_HEADER)
    text = first.decode("utf-8-sig").rstrip("\r\n")
    if not text:
        return None
    unquoted = "".join(text.split('"')[::2])
    separator = max(",;\t", key=lambda mark: (unquoted.count(mark), mark == ","))
    return next(csv.reader([text], delimiter=separator), [])


def _parquet_columns(path: Path) -> list[str] | None:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        return None
    # A folder of parquet files, or a file that is none, is for whoever loads the rows.
    return [str(name) for name in parquet.read_schema(path).names] if path.is_file() else None
