"""Rows as Vertex AI's AutoML takes them: the same rows as at home in one file, and none that is held out."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.package import automl_names, rows, vertex_import, vertex_rows
from cloud_nas.package.parcel import parcel
from local_engine.data import Dataset, load
from local_engine.definition import Data, Split

QUOTED = 'blue, "dark"'
COLOURS = ["red", QUOTED, "grün", ""]


@pytest.fixture
def table(tmp_path: Path) -> Dataset:
    """A table with names that no service takes, quotes, and missing cells of both kinds."""
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "_net income", "colour", "active", "grade"])
        for n in range(60):
            writer.writerow([n, n / 8 if n % 5 else "", COLOURS[n % 4], ["true", "false"][n % 2], ["yes", "no"][n % 2]])
    return load(Data(str(path), "grade", "id", Split(0.2, 0.1, 1)), "tabular-classification")


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_is_its_training_and_validation_rows_in_one_file_under_names_that_the_service_takes(
    table: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "sent").mkdir()
    vertex_rows.write(table, tmp_path / "sent", "grade")
    sent = _read(tmp_path / "sent" / "rows.csv")
    ids = [int(one) for part in (table.train, table.validation) for one in part.ids]
    assert table.test is not None and len(sent) == 60 - table.test.n == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", name) for name in sent[0])
    assert [row["colour"] for row in sent] == [COLOURS[n % 4] for n in ids]
    assert [row["net_income"] for row in sent] == ["" if n % 5 == 0 else repr(n / 8).removesuffix(".0") for n in ids]
    assert [row["active"] for row in sent] == [str(1 - n % 2) for n in ids]
    assert [row["grade"] for row in sent] == [["yes", "no"][n % 2] for n in ids]
    names = json.loads((tmp_path / "sent" / "names.json").read_text())
    assert names == {
        "columns": {"_net income": "net_income", "colour": "colour", "active": "active"},
        "target": "grade",
        "classes": {},
    }


def test_strings_are_quoted_numbers_are_not_and_what_is_missing_is_nothing(table: Dataset, tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    vertex_rows.write(table, tmp_path / "sent", "grade")
    lines = (tmp_path / "sent" / "rows.csv").read_text(encoding="utf-8").splitlines()[1:]
    whole = re.compile(r'(-?[0-9.]+)?,("(?:[^"]|"")+")?,"[01]","(?:yes|no)"')
    assert all(whole.fullmatch(line) for line in lines), lines


def test_rows_to_be_scored_have_a_number_and_no_target(table: Dataset, tmp_path: Path) -> None:
    assert table.test is not None
    vertex_rows.write_unlabelled(table.test, tmp_path / "scored", "grade")
    sent = _read(tmp_path / "scored" / "rows.csv")
    assert list(sent[0]) == [vertex_rows.ROW, "net_income", "colour", "active"]
    assert [row[vertex_rows.ROW] for row in sent] == [str(number) for number in range(table.test.n)]
    assert [row["colour"] for row in sent] == [COLOURS[int(n) % 4] for n in table.test.ids]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load(Data("builtin:digits", split=Split(0.2, 0.1, 1)), "image-classification")


def test_images_travel_with_labels_that_begin_with_a_letter(digits: Dataset, tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    vertex_rows.write(digits, tmp_path / "sent", None)
    assert digits.train.labels is not None and digits.validation.labels is not None and digits.classes is not None
    listed = [line.split(",") for line in (tmp_path / "sent" / "images.csv").read_text().splitlines()]
    assert [path for path, _ in listed] == [f"images/{number:08}.png" for number in range(digits.train.n + digits.validation.n)]
    assert all((tmp_path / "sent" / path).is_file() for path, _ in listed)
    assert [label for _, label in listed] == [f"c_{code}" for code in (*digits.train.labels, *digits.validation.labels)]
    names = json.loads((tmp_path / "sent" / "names.json").read_text())
    assert names["classes"] == {name: f"c_{number}" for number, name in enumerate(digits.classes)}


def test_the_list_of_images_names_where_they_are_uploaded_to_and_is_made_once(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "home"))
    sent = rows.pack(digits, Data("builtin:digits"), "vertex")
    found = vertex_import.pack(sent, "gs://my-bucket/data/abc/")
    (file,) = found.files
    lines = (found.folder / file.path).read_text().splitlines()
    assert file.path == "import.csv" and len(lines) == digits.train.n + digits.validation.n
    assert all(re.fullmatch(r"gs://my-bucket/data/abc/images/[0-9]{8}\.png,c_[0-9]", line) for line in lines)
    assert vertex_import.pack(sent, "gs://my-bucket/data/abc/").sha256 == found.sha256
    assert vertex_import.pack(sent, "gs://other/data/abc/").sha256 != found.sha256


def test_images_to_be_scored_are_numbered_in_their_order(digits: Dataset, tmp_path: Path) -> None:
    assert digits.test is not None
    vertex_rows.write_unlabelled(digits.test, tmp_path / "scored", None)
    assert [one.path for one in parcel(tmp_path / "scored").files] == [f"{number:08}.png" for number in range(digits.test.n)]


@given(st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=30))
def test_labels_lead_back_to_the_classes(classes: list[str]) -> None:
    sent = automl_names.labels(classes)
    assert list(sent) == classes and len(set(sent.values())) == len(classes)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", label) for label in sent.values())


def test_the_name_of_the_column_of_numbers_gives_way_to_a_column_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"{vertex_rows.ROW},y\n" + "".join(f"{n},{n % 3}\n" for n in range(30)))
    data = load(Data(str(path), "y", split=Split(0.2, 0.2, 1)), "tabular-regression")
    assert data.test is not None
    vertex_rows.write_unlabelled(data.test, tmp_path / "scored", "y")
    assert list(_read(tmp_path / "scored" / "rows.csv")[0]) == [f"{vertex_rows.ROW}x", vertex_rows.ROW]


def test_an_answer_of_a_regression_is_written_as_a_number(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n" + "".join(f"{n},{n / 4}\n" for n in range(30)))
    data = load(Data(str(path), "y", split=Split(0.2, 0.2, 1)), "tabular-regression")
    (tmp_path / "sent").mkdir()
    vertex_rows.write(data, tmp_path / "sent", "y")
    values = [float(row["y"]) for row in _read(tmp_path / "sent" / "rows.csv")]
    assert data.train.labels is not None and data.validation.labels is not None
    assert np.allclose(values, np.concatenate([data.train.labels, data.validation.labels]))
