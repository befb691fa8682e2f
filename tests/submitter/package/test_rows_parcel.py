"""The rows' parcel: made once a data set and form, the same anywhere, and never with held-out rows in it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_nas.package.parcel import Parcel
from cloud_nas.package.rows import Form, pack
from local_engine.data import Dataset, load
from local_engine.definition import Data, Split

COUNT = 60


def written(folder: Path, change: Callable[[int, list[str]], list[str]] = lambda number, cells: cells) -> Path:
    """A table each of whose rows has a word that no other row has."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [change(number, [f"id{number}", f"word{number}x", str(number), "yn"[number % 2]]) for number in range(COUNT)]
    path = folder / "rows.csv"
    path.write_text("\n".join(",".join(row) for row in [["id", "word", "n", "y"], *rows]) + "\n")
    return path


def of(path: Path, **changes: object) -> tuple[Dataset, Data]:
    data = dataclasses.replace(Data(str(path), "y", "id", Split(0.2, 0.2)), **changes)  # type: ignore[arg-type]
    return load(data, "tabular-classification"), data


def packed(path: Path, form: Form, **changes: object) -> Parcel:
    return pack(*of(path, **changes), form)


FORMS: tuple[Form, ...] = ("bundle", "automl", "vertex")


@pytest.mark.parametrize("form", FORMS)
def test_held_out_rows_are_in_none_of_its_files(tmp_path: Path, form: Form) -> None:
    path = written(tmp_path)
    data, _ = of(path)
    assert data.test is not None and data.test.n == 12
    parcel = packed(path, form)
    content = b"".join((parcel.folder / one.path).read_bytes() for one in parcel.files)
    found = {number for number in range(COUNT) if f"word{number}x".encode() in content}
    assert found == {*data.train.positions.tolist(), *data.validation.positions.tolist()}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.1, 0.3), st.floats(0.04, 0.5), st.integers(0, 99))
def test_nor_are_they_whatever_the_split(tmp_path: Path, form: Form, validation: float, test: float, seed: int) -> None:
    data, about = of(written(tmp_path), split=Split(validation, test, seed))
    parcel = pack(data, about, form)
    content = b"".join((parcel.folder / one.path).read_bytes() for one in parcel.files)
    found = set(map(int, re.findall(rb"word(\d+)x", content)))
    assert data.test is not None and found == set(range(COUNT)) - set(data.test.positions.tolist())


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_the_same_parcel_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Form) -> None:
    first = packed(written(tmp_path / "a"), form)
    stamps = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    assert packed(written(tmp_path / "b"), form) == first
    assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")} == stamps, "made once"
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "another-home"))
    second = packed(written(tmp_path / "c"), form)
    assert second.folder != first.folder and second.files == first.files and second.sha256 == first.sha256


def test_what_the_rows_are_and_how_they_are_divided_makes_another(tmp_path: Path) -> None:
    before = packed(written(tmp_path / "a"), "bundle")
    cell = written(tmp_path / "b", lambda number, cells: ["id3", "word3x", "-1", "n"] if number == 3 else cells)
    name = written(tmp_path / "c", lambda number, cells: [f"other{cells[0]}", *cells[1:]])
    others = [
        packed(cell, "bundle"),
        packed(name, "bundle"),
        packed(written(tmp_path / "a"), "bundle", split=Split(0.2, 0.2, 2)),
        packed(written(tmp_path / "a"), "automl"),
    ]
    assert len({one.sha256 for one in [before, *others]}) == 5
