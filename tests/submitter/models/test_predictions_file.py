"""Predictions on disk: what is written is read back, and a file that is something else is never believed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_nas.errors import CloudNasError, FailedError, NotFoundError, UsageError
from cloud_nas.models.predictions import About, Predictions, read, write

ABOUT = About("tabular-classification", "r" * 64, "m" * 64, "accuracy", "maximize", ("yes", "no", "p_yes"), "test")
REGRESSION = About("tabular-regression", "r" * 64, "m" * 64, "rmse", "minimize")


def classified(n: int = 4, **changes: Any) -> Predictions:
    chances = np.full((n, 3), 1 / 3)
    names = np.asarray([ABOUT.classes[i % 3] for i in range(n)], dtype=object)  # type: ignore[index]
    whole = Predictions(ABOUT, np.arange(n), names, chances, names[::-1].copy())
    return dataclasses.replace(whole, **changes)


def same(one: Predictions, other: Predictions) -> bool:
    columns, others = one.columns(), other.columns()
    return (
        one.about == other.about
        and list(columns) == list(others)
        and all(np.array_equal(columns[name].astype(object), others[name].astype(object)) for name in columns)
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    asked = classified()
    assert same(read(write(asked, tmp_path / "p.parquet")), asked)
    unlabelled = classified(label=None, row_id=np.asarray(["a", "b", "ä", ""], dtype=object))
    assert same(read(write(unlabelled, tmp_path / "p.parquet")), unlabelled)
    assert same(read(write(classified(0), tmp_path / "p.parquet")), classified(0))


@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_numbers_come_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    asked = Predictions(REGRESSION, np.arange(len(values)), np.asarray(values, dtype=np.float64))
    assert same(read(write(asked, tmp_path_factory.mktemp("p") / "p.parquet")), asked)


def test_a_csv_is_for_looking_at(tmp_path: Path) -> None:
    path = write(classified(), tmp_path / "p.csv")
    assert path.read_text().splitlines()[0] == '"row_id","prediction","label","p_yes","p_no","p_p_yes"'
    with pytest.raises(FailedError):
        read(path)


def test_other_endings_and_folders_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.parquet or \.csv"):
        write(classified(), tmp_path / "p.xlsx")
    with pytest.raises(NotFoundError):
        read(tmp_path / "nowhere.parquet")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write(classified(), tmp_path / "file" / "p.parquet")


def about(**changes: Any) -> dict[bytes, bytes]:
    return {b"cloud-nas": json.dumps(dataclasses.asdict(ABOUT) | changes).encode()}


def columns(**changes: Any) -> dict[str, Any]:
    third = [1 / 3, 1 / 3]
    whole = {"row_id": [0, 1], "prediction": ["yes", "no"], "p_yes": third, "p_no": third, "p_p_yes": third}
    return {name: values for name, values in (whole | changes).items() if values is not None}


HOSTILE: dict[str, tuple[dict[str, Any], dict[bytes, bytes] | None]] = {
    "no metadata": (columns(), None),
    "not json": (columns(), {b"cloud-nas": b"{"}),
    "not utf-8": (columns(), {b"cloud-nas": b"\xff\xfe"}),
    "a list": (columns(), {b"cloud-nas": b"[1]"}),
    "deep": (columns(), {b"cloud-nas": b"[" * 100_000}),
    "unknown key": (columns(), about(evil=1)),
    "newer": (columns(), about(schema=99)),
    "schema is text": (columns(), about(schema="1")),
    "classes are a number": (columns(), about(classes=3)),
    "classes are numbers": (columns(), about(classes=[1, 2, 3])),
    "sha is a number": (columns(), about(rows_sha256=3)),
    "column missing": (columns(p_yes=None), about()),
    "column too many": (columns(p_evil=[1, 2]), about()),
    "nulls": (columns(prediction=["yes", None]), about()),
    "same row twice": (columns(row_id=[1, 1]), about()),
    "unknown class": (columns(prediction=["yes", "maybe"]), about()),
    "unknown label": (columns(label=["yes", "maybe"]), about()),
    "prediction is a number": (columns(prediction=[1, 2]), about()),
    "probability above one": (columns(p_yes=[2.0, 0.0]), about()),
    "probability below zero": (columns(p_yes=[-1.0, 0.0]), about()),
    "probability is not a number": (columns(p_yes=[float("nan"), 0.0]), about()),
    "probability is text": (columns(p_yes=["a", "b"]), about()),
    "nested": (columns(p_yes=[[1], [2]]), about()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_predictions_is_refused(tmp_path: Path, name: str) -> None:
    values, metadata = HOSTILE[name]
    pq.write_table(pa.table(values).replace_schema_metadata(metadata), tmp_path / "p.parquet")
    with pytest.raises(CloudNasError):
        read(tmp_path / "p.parquet")


def test_a_file_cut_or_flipped_anywhere_gives_a_clean_error_or_the_same_shape(tmp_path: Path) -> None:
    path = write(classified(), tmp_path / "p.parquet")
    whole = path.read_bytes()
    for place in range(0, len(whole), 13):
        path.write_bytes(whole[:place])
        with pytest.raises(FailedError):
            read(path)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            found = read(path)
        except FailedError:
            continue
        assert found.n == 4
