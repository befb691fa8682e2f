"""Every format becomes the rows, classes and parts that were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.data import load, read_rows
from local_engine.definition import Data, Split

OWN_TEST = Split(validation=0.25, test=None)


def everything(dataset: Any) -> dict[Any, Any]:
    """All rows of a data set's own file by id."""
    parts = [dataset.joined(), *([dataset.test] if dataset.test is not None else [])]
    return {row_id: label for part in parts for row_id, label in zip(part.ids.tolist(), part.labels.tolist(), strict=True)}


@pytest.mark.parametrize(
    ("name", "task", "rows", "kind", "classes"),
    [
        ("digits", "image-classification", 1797, "image", 10),
        ("digits", "tabular-classification", 1797, "table", 10),
        ("iris", "tabular-classification", 150, "table", 3),
        ("wine", "tabular-classification", 178, "table", 3),
        ("breast_cancer", "tabular-classification", 569, "table", 2),
        ("diabetes", "tabular-regression", 442, "table", None),
    ],
)
def test_builtin_sets(name: str, task: Any, rows: int, kind: str, classes: int | None) -> None:
    dataset = load(Data(f"builtin:{name}"), task)
    assert dataset.train.n + dataset.validation.n + dataset.test.n == rows
    assert (dataset.inputs.kind, dataset.num_classes) == (kind, classes)
    assert len(dataset.fingerprint) == 64


def test_digits_are_sixteenths() -> None:
    dataset = load(Data("builtin:digits"), "image-classification")
    pixels = dataset.train.rows()
    assert (pixels.dtype, pixels.shape[1:], pixels.max()) == (np.float32, (8, 8), 1.0)
    assert set(np.unique(pixels * 16)) <= set(range(17))
    assert dataset.notes == ()


def test_iris_has_its_names() -> None:
    dataset = load(Data("builtin:iris"), "tabular-classification")
    assert dataset.classes == ("setosa", "versicolor", "virginica")
    assert [column.name for column in dataset.inputs.columns] == ["sepal length", "sepal width", "petal length", "petal width"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_every_kind_of_column(tmp_path: Path, table: Any, separator: str) -> None:
    path = tmp_path / "ünï code.csv"
    table.drop(columns="price").to_csv(path, index=False, sep=separator, encoding="utf-8-sig")
    dataset = load(Data(str(path), target="y", id="row"), "tabular-classification")
    assert [(column.name, column.key, column.kind) for column in dataset.inputs.columns] == [
        ("age", "age", "number"),
        ("height (cm)", "height__cm_", "number"),
        ("member", "member", "boolean"),
        ("city", "city", "category"),
        ("since", "since", "date"),
    ]
    assert [note.message for note in dataset.notes] == [
        "column 'note' holds text, nearly every row another, and is left out of the table"
    ]
    assert everything(dataset) == dict(zip(table["row"], np.arange(120) % 3, strict=True))
    rows = dataset.train.rows()
    assert {key: (values.shape[1:], values.dtype.kind) for key, values in rows.items()} == {
        "age": ((1,), "f"),
        "height__cm_": ((1,), "f"),
        "member": ((1,), "f"),
        "city": ((1,), "O"),
        "since": ((1,), "f"),
    }
    assert set(np.unique(rows["city"])) == {"", "Oslo", "Roma", "São Paulo"}
    dates = rows["since"][~np.isnan(rows["since"])]
    assert dates.min() >= 18262 and np.all((dates - 18262) % 9 == 0)  # 2020-01-01 is day 18,262 since 1970


def test_an_index_column_without_a_name_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",x,y\n" + "".join(f"{row},{row % 7},{row % 2}\n" for row in range(40)))
    dataset = load(Data(str(tmp_path / "a.csv"), target="y"), "tabular-classification")
    assert [column.name for column in dataset.inputs.columns] == ["x"]
    assert dataset.classes == ("0", "1")


def test_parquet_folder_is_one_table(tmp_path: Path, table: Any) -> None:
    (tmp_path / "rows").mkdir()
    table.iloc[:70].to_parquet(tmp_path / "rows" / "0.parquet")
    table.iloc[70:].to_parquet(tmp_path / "rows" / "1.parquet")
    dataset = load(Data(str(tmp_path / "rows"), target="price", id="row"), "tabular-regression")
    found = everything(dataset)
    assert list(found) != [] and found == pytest.approx(dict(zip(table["row"], table["price"], strict=True)), rel=1e-6)


def test_parquet_with_types_of_its_own(tmp_path: Path) -> None:
    import datetime
    from decimal import Decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    n = 40
    columns = {
        "day": pa.array([datetime.date(2024, 1, 1 + row % 28) for row in range(n)]),
        "cost": pa.array([Decimal(row) / 4 for row in range(n)], pa.decimal128(10, 2)),
        "kind": pa.array([["x", "y"][row % 2] for row in range(n)]).dictionary_encode(),
        "flag": pa.array([None if row % 5 == 0 else row % 2 == 0 for row in range(n)]),
        "tags": pa.array([["a"]] * n),
        "y": pa.array([row % 2 for row in range(n)], pa.int8()),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    dataset = load(Data(str(tmp_path / "t.parquet"), target="y"), "tabular-classification")
    assert [(column.name, column.kind) for column in dataset.inputs.columns] == [
        ("day", "date"),
        ("cost", "number"),
        ("kind", "category"),
        ("flag", "boolean"),
    ]
    assert "tags" in dataset.notes[0].message
    assert sorted(dataset.joined().rows()["cost"].ravel().tolist() + dataset.test.rows()["cost"].ravel().tolist()) == [
        r / 4 for r in range(n)
    ]


@pytest.mark.parametrize(("shape", "expected"), [((6, 5), (6, 5)), ((6, 5, 1), (6, 5)), ((6, 5, 3), (6, 5, 3))])
def test_npz_of_images(tmp_path: Path, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(0, 256, (60, *shape)).astype(np.uint8)
    np.savez(tmp_path / "a.npz", x=x, y=np.eye(3)[np.arange(60) % 3])
    dataset = load(Data(str(tmp_path / "a.npz")), "image-classification")
    assert (dataset.inputs.shape, dataset.inputs.dtype, dataset.input_shape) == (expected, "uint8", expected)
    assert everything(dataset) == {row: row % 3 for row in range(60)}


def test_npz_with_a_test_part_of_its_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 4)), np.arange(80) % 2
    np.savez(tmp_path / "a.npz", x_train=x[:60], y_train=y[:60], x_test=x[60:], y_test=y[60:])
    dataset = load(Data(str(tmp_path / "a.npz"), split=OWN_TEST), "tabular-classification")
    assert (dataset.train.n, dataset.validation.n, dataset.test.n) == (45, 15, 20)
    assert [column.name for column in dataset.inputs.columns] == ["x0", "x1", "x2", "x3"]
    assert np.allclose(dataset.test.rows()["x1"].ravel(), x[60:, 1])


def test_npz_of_wide_integers_is_taken_as_bytes_and_said(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(60 * 4).reshape(60, 2, 2) % 256, y=np.arange(60) % 2)
    dataset = load(Data(str(tmp_path / "a.npz")), "image-classification")
    assert dataset.inputs.dtype == "uint8"
    assert dataset.notes[0].message == "pixels are int64 from 0 to 239; they are taken as uint8"


def test_npz_of_series_and_of_texts(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((30, 7, 2)), y=np.arange(30) % 2)
    assert load(Data(str(tmp_path / "a.npz")), "tabular-classification").inputs.to_json()["kind"] == "array"
    np.savez(tmp_path / "b.npz", x=np.array([f"word{row} and more" for row in range(30)]), y=np.arange(30) % 2)
    dataset = load(Data(str(tmp_path / "b.npz")), "text-classification")
    assert dataset.train.rows().shape == (dataset.train.n, 1)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_folder(tmp_path: Path, write_idx: Any, suffix: str) -> None:
    x = np.random.default_rng(0).integers(0, 256, (50, 4, 4))
    for part, rows in (("train", slice(0, 40)), ("t10k", slice(40, 50))):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{suffix}", x[rows])
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{suffix}", np.arange(50)[rows] % 2)
    dataset = load(Data(str(tmp_path), split=OWN_TEST), "image-classification")
    assert (dataset.train.n, dataset.validation.n, dataset.test.n) == (30, 10, 10)
    assert np.array_equal(dataset.test.rows(), x[40:])
    assert dataset.train.rows().dtype == np.uint8
    alone = read_rows(str(tmp_path / f"t10k-images-idx3-ubyte{suffix}"), dataset.inputs, classes=dataset.classes)
    assert alone.labels is None and alone.sha256() == dataset.test.sha256()


def test_mnist(shared_data: Path) -> None:
    dataset = load(Data(str(shared_data / "mnist"), split=Split(test=None)), "image-classification")
    assert (dataset.train.n, dataset.validation.n, dataset.test.n, dataset.inputs.shape) == (48_000, 12_000, 10_000, (28, 28))
    assert dataset.classes == tuple("0123456789")
    assert dataset.overlap == 0


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_image_folder(tmp_path: Path, write_images: Any, kind: str) -> None:
    write_images(tmp_path / "cats and dogs", {"dog": 20, "cat": 10, "empty": 0}, kind=kind)
    dataset = load(Data(str(tmp_path / "cats and dogs")), "image-classification")
    assert dataset.classes == ("cat", "dog")
    assert (dataset.inputs.shape, dataset.inputs.dtype) == ((6, 5, 3), "uint8")
    assert everything(dataset) == {row: int(row >= 10) for row in range(30)}


def test_image_folder_with_parts(tmp_path: Path, write_images: Any) -> None:
    write_images(tmp_path / "set" / "train", {"a": 12, "b": 12}, size=(4, 4, 1))
    write_images(tmp_path / "set" / "test", {"a": 3, "b": 2}, size=(4, 4, 1), seed=1)
    dataset = load(Data(str(tmp_path / "set"), split=OWN_TEST), "image-classification")
    assert (dataset.joined().n, dataset.test.n, dataset.inputs.shape) == (24, 5, (4, 4))


def test_sixteen_bit_and_grey_among_colour(tmp_path: Path) -> None:
    import tensorflow as tf

    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(6):
            deep = tf.io.encode_png(np.full((3, 3, 1), 65535, np.uint16))
            flat = tf.io.encode_png(np.full((3, 3, 4), 255, np.uint8))
            (tmp_path / name / f"{number}.png").write_bytes((deep if number % 2 else flat).numpy())
    dataset = load(Data(str(tmp_path), split=Split(0.25, 0.0)), "image-classification")
    assert (dataset.inputs.shape, dataset.inputs.dtype) == ((3, 3, 3), "uint16")
    assert dataset.test is None
    assert set(np.unique(dataset.train.rows())) == {65535}  # TensorFlow brings 255 of 8 bits to the maximum of 16


def test_tfrecord_of_images(tmp_path: Path, write_records: Any) -> None:
    import tensorflow as tf

    rng = np.random.default_rng(0)
    pixels = [rng.integers(0, 256, (4, 4, 1)).astype(np.uint8) for _ in range(30)]
    rows = [{"picture": tf.io.encode_png(x).numpy(), "label": row % 2, "path": f"{row}"} for row, x in enumerate(pixels)]
    (tmp_path / "r").mkdir()
    write_records(tmp_path / "r" / "0.tfrecord", rows[:10])
    write_records(tmp_path / "r" / "1.tfrecord", rows[10:])
    dataset = load(Data(str(tmp_path / "r")), "image-classification")
    assert everything(dataset) == {row: row % 2 for row in range(30)}
    found = dict(zip(dataset.train.ids.tolist(), dataset.train.rows(), strict=True))
    assert all(np.array_equal(image, pixels[row][..., 0]) for row, image in found.items())


def test_tfrecord_of_a_table(tmp_path: Path, write_records: Any) -> None:
    rows = [
        {
            "age": None if row % 9 == 0 else float(row),
            "city": ["Oslo", "Roma"][row % 2],
            "y": ["no", "yes"][row % 2],
            "many": [1, 2],
        }
        for row in range(40)
    ]
    write_records(tmp_path / "t.tfrecord", rows)
    dataset = load(Data(str(tmp_path / "t.tfrecord"), target="y"), "tabular-classification")
    assert [(column.name, column.kind) for column in dataset.inputs.columns] == [("age", "number"), ("city", "category")]
    assert dataset.classes == ("no", "yes")
    assert dataset.preprocessing.statistics.moments["age"].missing > 0


def test_text(tmp_path: Path, table: Any) -> None:
    table.to_csv(tmp_path / "t.csv", index=False)
    assert load(Data(str(tmp_path / "t.csv"), target="y", id="row"), "text-classification").inputs.columns[0].name == "note"
    table.rename(columns={"note": "text"}).to_csv(tmp_path / "t.csv", index=False)
    dataset = load(Data(str(tmp_path / "t.csv"), target="y", id="row"), "text-classification")
    assert dataset.inputs.columns[0].name == "text"
    assert "left out: age" in dataset.notes[0].message
    assert dataset.input_shape == (10,)
