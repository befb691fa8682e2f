"""Rows as AutoML takes them: the same rows as at home, under names that the service takes, and none that is held out."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.package import automl_names, automl_rows
from cloud_nas.package.png import write_png
from local_engine.data import load
from local_engine.definition import Data, Split


@given(st.lists(st.text(max_size=80), unique=True, max_size=30), st.none() | st.text(max_size=20))
def test_columns_are_called_what_the_service_takes_each_in_its_own_way(names: list[str], target: str | None) -> None:
    found = automl_names.columns(names, target)
    sent = [*found.columns.values(), found.target]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and "__" not in name for name in sent)
    assert len({name.lower() for name in sent}) == len(sent) == len(names) + 1
    assert list(found.columns) == names


@given(st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=30))
def test_a_folder_a_class_never_leads_elsewhere(classes: list[str]) -> None:
    found = automl_names.folders(classes)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) and not name.endswith(".") for name in found.values())
    assert len({name.lower() for name in found.values()}) == len(classes)


def test_a_plain_name_stays_as_it_is() -> None:
    assert automl_names.columns(["age", "net_income", "Net Income", "a__b"], "y").columns == {
        "age": "age",
        "net_income": "net_income",
        "Net Income": "Net_Income_2",
        "a__b": "a_b",
    }


QUOTED = '"blue, dark"'


def _table(folder: Path) -> Path:
    path = folder / "rows.csv"
    lines = ["id,net income,colour,grade"]
    lines += [f"{n},{n / 8 if n % 5 else ''},{['red', QUOTED, 'grün'][n % 3]},{['yes', 'no'][n % 2]}" for n in range(60)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_is_the_rows_of_training_and_validation_under_a_header(tmp_path: Path) -> None:
    data = load(Data(str(_table(tmp_path)), "grade", "id", Split(0.2, 0.1, 1)), "tabular-classification")
    automl_rows.write(data, tmp_path / "sent", "grade")
    sent = {}
    for part in ("train", "validation"):
        with (tmp_path / "sent" / part / "rows.csv").open(newline="", encoding="utf-8") as file:
            sent[part] = list(csv.DictReader(file))
    assert (len(sent["train"]), len(sent["validation"])) == (data.train.n, data.validation.n)
    for part, rows in (("train", sent["train"]), ("validation", sent["validation"])):
        ids = [int(number) for number in getattr(data, part).ids]
        assert [row["colour"] for row in rows] == [["red", "blue, dark", "grün"][n % 3] for n in ids]
        assert [row["net_income"] for row in rows] == ["" if n % 5 == 0 else repr(n / 8).removesuffix(".0") for n in ids]
        assert [row["grade"] for row in rows] == [["yes", "no"][n % 2] for n in ids]
    names = json.loads((tmp_path / "sent" / "names.json").read_text())
    assert names["columns"] == {"net income": "net_income", "colour": "colour"}


def test_rows_to_be_scored_have_neither_header_nor_target(tmp_path: Path) -> None:
    data = load(Data(str(_table(tmp_path)), "grade", "id", Split(0.2, 0.1, 1)), "tabular-classification")
    assert data.test is not None
    (path,) = automl_rows.write_unlabelled(data.test, tmp_path / "scored")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == data.test.n and all(len(row) == 2 for row in rows)


def test_images_are_a_folder_a_class(tmp_path: Path) -> None:
    data = load(Data("builtin:digits"), "image-classification")
    automl_rows.write(data, tmp_path / "sent", None)
    for part, rows in (("train", data.train), ("validation", data.validation)):
        found = sorted((tmp_path / "sent" / part).rglob("*.png"))
        assert len(found) == rows.n
        assert {path.parent.name for path in found} == {str(digit) for digit in range(10)}


@pytest.mark.parametrize("shape", [(5, 7), (4, 6, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_an_image_is_read_back_as_it_was(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    import tensorflow as tf

    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)
    write_png(tmp_path / "one.png", pixels)
    read = tf.io.decode_png((tmp_path / "one.png").read_bytes(), dtype=dtype).numpy()
    assert np.array_equal(read.reshape(shape), pixels)
