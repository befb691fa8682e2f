"""What is wrong with data is said in one line, with the key of the spec, the file and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.data import load, memory
from local_engine.definition import Data, Split
from local_engine.errors import DataError


def refusal(source: Path | str, task: Any = "tabular-classification", target: str | None = "y", **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        load(Data(str(source), target=target, **options), task)
    assert "\n" not in caught.value.message and not caught.value.message.endswith(".")
    return caught.value


def csv(tmp_path: Path, **columns: Any) -> Path:
    import pandas as pd

    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


N = 40
X, Y = np.arange(N) % 7, np.arange(N) % 2


def test_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y\n1,2\n")
    error = refusal(tmp_path / "dat.csv")
    assert (error.field, error.choices) == ("data.source", (str(tmp_path / "data.csv"),))
    assert error.where == str(tmp_path / "dat.csv")


def test_unknown_builtin() -> None:
    error = refusal("builtin:digit", "image-classification")
    assert error.field == "data.source" and "builtin:digits" in error.choices
    assert refusal("builtin:iris", "image-classification").field == "task"


def test_unknown_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"??????")
    assert "csv, parquet" in str(refusal(tmp_path / "a.xlsx").hint)
    (tmp_path / "empty").mkdir()
    assert "csv, parquet" in str(refusal(tmp_path / "empty").hint)
    assert "address" in refusal("s3://bucket/key").message


@pytest.mark.parametrize(
    ("target", "row_id", "field"), [("z", None, "data.target"), ("y", "z", "data.id"), (None, None, "data.target")]
)
def test_a_column_that_is_not_there(tmp_path: Path, target: str | None, row_id: str | None, field: str) -> None:
    error = refusal(csv(tmp_path, x=X, y=Y), target=target, id=row_id)
    assert (error.field, error.choices) == (field, ("x", "y"))


def test_target_with_gaps(tmp_path: Path) -> None:
    error = refusal(csv(tmp_path, x=X, y=[None, None, *Y[2:]]))
    assert error.message == "target 'y' has no value in 2 of 40 rows" and error.field == "data.target" and error.hint


def test_target_of_the_wrong_kind(tmp_path: Path) -> None:
    assert "not a number" in refusal(csv(tmp_path, x=X, y=np.where(Y, "a", "b")), "tabular-regression").message
    assert "looks like a quantity" in refusal(csv(tmp_path, x=X, y=np.arange(N) / 7)).message
    many = [f"class {row}" for row in range(1100)]
    assert "more than 1000 classes" in refusal(csv(tmp_path, x=range(1100), y=many)).message
    assert "in every row" in refusal(csv(tmp_path, x=X, y=np.ones(N, int))).message


def test_ids_that_repeat(tmp_path: Path) -> None:
    error = refusal(csv(tmp_path, x=X, i=[5, 5, *range(10, 48)], y=Y), id="i")
    assert error.message == "id column 'i' names rows twice: 5 and 0 more" and error.field == "data.id"


def test_a_table_without_features(tmp_path: Path) -> None:
    assert "no column to learn from" in refusal(csv(tmp_path, y=Y)).message
    assert "no rows" in refusal(csv(tmp_path, x=[], y=[])).message


def test_a_text_task_needs_one_text(tmp_path: Path) -> None:
    names = np.where(Y, "a", "b")
    error = refusal(csv(tmp_path, one=names, two=names, y=Y), "text-classification")
    assert error.choices == ("one", "two") and "column `text`" in str(error.hint)
    assert refusal(csv(tmp_path, x=X, y=Y), "text-classification").choices == ()


def test_a_table_is_no_image(tmp_path: Path) -> None:
    assert refusal(csv(tmp_path, x=X, y=Y), "image-classification").field == "task"


def test_csv_larger_than_memory_says_how_to_convert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv(tmp_path, x=X, y=Y)
    monkeypatch.setattr(memory, "available", lambda: 100)
    error = refusal(path)
    assert "more than half" in error.message and "ParquetWriter" in str(error.hint)
    code = str(error.hint).split('python -c "')[1].rstrip('"')
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # the line works as it stands
    monkeypatch.undo()
    assert load(Data(str(tmp_path / "data.parquet"), target="y"), "tabular-classification").train.n == 28


@pytest.mark.parametrize(
    ("split", "part"),
    [
        (Split(0.2, 0.001, stratify=False), "the test part has no rows"),
        (Split(0.001, 0.2), "the validation part has no rows"),
        (Split(0.6, 0.4), "leave nothing to train on"),
    ],
)
def test_splits_that_leave_a_part_empty(tmp_path: Path, split: Split, part: str) -> None:
    error = refusal(csv(tmp_path, x=X, y=Y), split=split)
    assert part in error.message and error.field == "data.split" and error.hint


def test_classes_too_small_to_divide(tmp_path: Path) -> None:
    path = csv(tmp_path, x=X, y=[2, 2, *Y[2:]])
    error = refusal(path)
    assert error.message == "class '2' has 2 rows, fewer than the 3 parts of the split" and error.field == "data.split"
    out = [seed for seed in range(40) if _fails(path, Split(0.3, 0.3, seed, stratify=False))]
    assert out, "some seed leaves both rows of the class out of training"


def _fails(path: Path, split: Split) -> bool:
    try:
        load(Data(str(path), target="y", split=split), "tabular-classification")
    except DataError as error:
        assert error.field == "data.split" and "class '2' has no row" in error.message
        return True
    return False


def test_two_test_parts(tmp_path: Path, write_idx: Any) -> None:
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((20, 2, 2)))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(20) % 2)
    assert refusal(tmp_path, "image-classification", None).field == "data.split.test"


def test_a_test_file_that_does_not_fit(tmp_path: Path) -> None:
    path = csv(tmp_path, x=X, z=X, y=Y)
    other = tmp_path / "test.csv"
    other.write_text("x,y\n1,0\n")
    error = refusal(path, split=Split(test=str(other)))
    assert (error.message, error.field, error.choices) == ("column 'z' is missing", "data.split.test", ("x", "y"))
    other.write_text("x,z,y\n1,1,7\n")
    assert refusal(path, split=Split(test=str(other))).field == "data.split.test"
    other.write_text("x,z,y\n1,one,1\n")
    assert "'one' is not a number" in refusal(path, split=Split(test=str(other))).message
    assert refusal(path, split=Split(test=str(tmp_path / "none.csv"))).field == "data.split.test"


def test_images_of_two_sizes_are_named(tmp_path: Path, write_images: Any) -> None:
    write_images(tmp_path / "a", {"x": 2}, size=(4, 4, 1))
    write_images(tmp_path / "a", {"y": 2}, size=(4, 5, 1))
    message = refusal(tmp_path / "a", "image-classification", None).message
    assert "0000.png is 4 x 4" in message and "0000.png is 4 x 5" in message


def test_images_with_nan(tmp_path: Path) -> None:
    x = np.zeros((N, 2, 2), np.float32)
    x[3, 0, 0] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=Y)
    assert "1 of 40 images hold NaN" in refusal(tmp_path / "a.npz", "image-classification", None).message


def test_float_pixels_outside_the_unit_are_noted(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.linspace(0, 255, N * 4).reshape(N, 2, 2), y=Y)
    assert "models expect 0 to 1" in load(Data(str(tmp_path / "a.npz")), "image-classification").notes[0].message
    assert load(Data(str(tmp_path / "a.npz"), scale="none"), "image-classification").notes == ()


def test_npz_without_names(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((N, 2)))
    assert "one array without a name" in refusal(tmp_path / "a.npy").message
    np.savez(tmp_path / "a.npz", images=np.zeros((N, 2)))
    assert refusal(tmp_path / "a.npz").message == "it holds images"
    np.savez(tmp_path / "a.npz", x=np.zeros((N, 2)), y=np.zeros(3))
    assert refusal(tmp_path / "a.npz").message == "x has 40 rows and y has 3"


def test_pickled_objects_are_never_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}] * N, object), y=Y)
    assert "only running code could read" in refusal(tmp_path / "a.npz", "image-classification", None).message


HOSTILE = [
    b"",
    b"\0",
    b"PAR1" * 20,
    b"PK\x03\x04broken",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x02",
    b"\xff\xd8\xff\xe0\0\x10",
]


@pytest.mark.parametrize("content", [*HOSTILE, b"\xff\xfe\x00x,y\n", b'"x,y\n1,2', bytes(range(256)) * 3])
@pytest.mark.parametrize(
    "name", ["t.csv", "t.csv.gz", "t.parquet", "t.npz", "t.tfrecord", "train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"]
)
def test_garbage_is_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refusal(tmp_path if "idx" in name else tmp_path / name, "image-classification" if "idx" in name else "tabular-classification")


@pytest.mark.parametrize("content", HOSTILE)
def test_a_damaged_image_is_named(tmp_path: Path, write_images: Any, content: bytes) -> None:
    write_images(tmp_path / "a", {"x": 3, "y": 3})
    (tmp_path / "a" / "y" / "bad.png").write_bytes(content)
    assert refusal(tmp_path / "a", "image-classification", None).where == str(tmp_path / "a" / "y" / "bad.png")


def test_cut_off_files_are_named(tmp_path: Path, write_images: Any, write_idx: Any, write_records: Any, table: Any) -> None:
    image = write_images(tmp_path / "a", {"x": 3, "y": 3}, size=(40, 40, 3)) / "x" / "0000.png"
    idx = write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((20, 2, 2)))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(20))
    records = write_records(tmp_path / "t.tfrecord", [{"x": float(row), "y": row % 2} for row in range(40)])
    parquet = tmp_path / "t.parquet"
    table.to_parquet(parquet)
    for path, source, task in (
        (image, tmp_path / "a", "image-classification"),
        (idx, tmp_path, "image-classification"),
        (records, records, "tabular-classification"),
        (parquet, parquet, "tabular-classification"),
    ):
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        assert refusal(source, task, None if "image" in task else "y").where == str(path)
