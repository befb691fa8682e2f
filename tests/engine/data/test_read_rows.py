"""Raw rows are read again from what a manifest says of a model's inputs, in any format that holds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.data import Inputs, Part, load, read_rows
from local_engine.definition import Data, Split
from local_engine.errors import DataError


def again(inputs: Inputs) -> Inputs:
    return Inputs.from_json(json.loads(json.dumps(inputs.to_json())))


def same_rows(first: Part, second: Part) -> bool:
    return first.sha256() == second.sha256() and np.array_equal(first.row_digests(), second.row_digests())


@pytest.fixture
def trained(tmp_path: Path, table: Any) -> Any:
    table.to_csv(tmp_path / "t.csv", index=False)
    return load(Data(str(tmp_path / "t.csv"), target="y", id="row"), "tabular-classification")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables(tmp_path: Path, table: Any, trained: Any, suffix: str) -> None:
    held_out = table.set_index("row").loc[trained.test.ids].reset_index()
    held_out = held_out[held_out.columns[::-1]].assign(more=1)  # in another order, with a column too many
    path = tmp_path / f"new.{suffix}"
    held_out.to_csv(path, index=False) if suffix == "csv" else held_out.to_parquet(path)
    part = read_rows(str(path), again(trained.inputs), classes=trained.classes, target="y", id="row")
    assert same_rows(part, trained.test)
    assert part.ids.tolist() == trained.test.ids.tolist() and np.array_equal(part.labels, trained.test.labels)
    assert [column.name for column in part.inputs.columns] == ["age", "height (cm)", "member", "city", "since", "price"]


def test_tables_without_labels_or_ids(tmp_path: Path, table: Any, trained: Any) -> None:
    table.drop(columns=["y", "row"]).head(3).to_csv(tmp_path / "new.csv", index=False)
    part = read_rows(str(tmp_path / "new.csv"), trained.inputs, classes=trained.classes, target="y")
    assert part.labels is None and part.ids.tolist() == [0, 1, 2]
    table.head(3).assign(y=None).to_csv(tmp_path / "new.csv", index=False)
    assert read_rows(str(tmp_path / "new.csv"), trained.inputs, classes=trained.classes, target="y").labels is None


def test_a_column_that_is_missing_or_of_another_kind(tmp_path: Path, table: Any, trained: Any) -> None:
    table.drop(columns=["city", "since"]).to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(DataError, match="columns 'city', 'since' are missing") as caught:
        read_rows(str(tmp_path / "new.csv"), trained.inputs)
    assert "age" in caught.value.choices
    table.assign(age="old").to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(DataError, match="column 'age': 'old' is not a number"):
        read_rows(str(tmp_path / "new.csv"), trained.inputs)
    table.assign(since="yesterday").to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(DataError, match="'yesterday' is not a date"):
        read_rows(str(tmp_path / "new.csv"), trained.inputs)
    table.assign(y="d").to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(DataError, match="none of the 3 classes"):
        read_rows(str(tmp_path / "new.csv"), trained.inputs, classes=trained.classes, target="y")


def test_a_column_of_categories_that_now_looks_like_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("c,y\n" + "".join(f"{'x' if row % 3 == 0 else row % 5},{row % 2}\n" for row in range(60)))
    dataset = load(Data(str(tmp_path / "t.csv"), target="y"), "tabular-classification")
    (tmp_path / "new.csv").write_text("c\n1\n4\n\n2\n")
    part = read_rows(str(tmp_path / "new.csv"), dataset.inputs)
    assert part.rows()["c"].ravel().tolist() == ["1", "4", "2"]


def test_images_by_folder_by_file_and_by_array(tmp_path: Path, write_images: Any) -> None:
    write_images(tmp_path / "set", {"a": 9, "b": 9})
    dataset = load(Data(str(tmp_path / "set"), split=Split(0.2, 0.0)), "image-classification")
    inputs = again(dataset.inputs)
    flat = tmp_path / "set" / "a"
    part = read_rows(str(flat), inputs, classes=dataset.classes)
    assert part.labels is None and part.ids.tolist() == [f"{number:04}.png" for number in range(9)]
    assert np.array_equal(part.rows(), dataset.joined().rows()[:9])
    one = read_rows(str(flat / "0003.png"), inputs)
    assert one.ids.tolist() == ["0003.png"] and np.array_equal(one.rows()[0], part.rows()[3])
    np.savez(tmp_path / "x.npz", x=part.rows())
    assert same_rows(read_rows(str(tmp_path / "x.npz"), inputs), part)
    whole = read_rows(str(tmp_path / "set"), inputs, classes=dataset.classes)
    assert np.array_equal(whole.labels, np.arange(18) >= 9) and whole.ids.tolist() == list(range(18))


@pytest.mark.parametrize("x", [np.zeros((3, 5, 5), np.uint8), np.zeros((3, 8, 8), np.uint8), np.zeros((3, 64), np.float32)])
def test_images_that_are_not_what_was_trained_on(tmp_path: Path, x: Any) -> None:
    inputs = load(Data("builtin:digits"), "image-classification").inputs
    np.savez(tmp_path / "x.npz", x=x)
    with pytest.raises(DataError, match=r"it must be float32 \(8, 8\)"):
        read_rows(str(tmp_path / "x.npz"), inputs)


def test_builtin_sets_and_parts(tmp_path: Path) -> None:
    for task in ("image-classification", "tabular-classification"):
        dataset = load(Data("builtin:digits"), task)  # type: ignore[arg-type]
        part = read_rows("builtin:digits", again(dataset.inputs), classes=dataset.classes)
        assert part.n == 1797 and np.array_equal(part.row_digests()[dataset.test.ids], dataset.test.row_digests())
    x, y = np.zeros((30, 3)), np.arange(30) % 2
    np.savez(tmp_path / "a.npz", x_train=x[:20], y_train=y[:20], x_test=x[20:], y_test=y[20:])
    dataset = load(Data(str(tmp_path / "a.npz"), split=Split(test=None)), "tabular-classification")
    for name, rows in ((None, 10), ("test", 10), ("train", 20)):
        assert read_rows(str(tmp_path / "a.npz"), dataset.inputs, classes=dataset.classes, part=name).n == rows  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no test part"):
        read_rows("builtin:digits", load(Data("builtin:digits"), "image-classification").inputs, part="test")


def test_texts(tmp_path: Path) -> None:
    rows = [f"some words, number {row}" for row in range(40)]
    (tmp_path / "t.csv").write_text("comment,y\n" + "".join(f'"{text}",{row % 2}\n' for row, text in enumerate(rows)))
    dataset = load(Data(str(tmp_path / "t.csv"), target="y"), "text-classification")
    part = read_rows(str(tmp_path / "t.csv"), again(dataset.inputs), classes=dataset.classes, target="y")
    assert part.rows()[:, 0].tolist() == rows and np.array_equal(part.labels, np.arange(40) % 2)


def test_what_is_no_description_of_inputs() -> None:
    for value in (
        {},
        {"schema": 2},
        {"schema": 1, "kind": "sound"},
        {"schema": 1, "kind": "table", "shape": [], "dtype": "", "columns": [1]},
    ):
        with pytest.raises(DataError):
            Inputs.from_json(value)
