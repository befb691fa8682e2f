"""`init --data`: what a data set is taken for, and that the spec and the model made for it pass `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloud_nas.errors import CloudNasError, NotFoundError, UsageError
from cloud_nas.operations import initialize
from cloud_nas.operations.check import check
from cloud_nas.operations.starter.files import guess, guess_arrays
from cloud_nas.operations.starter.yaml import flow, scalar
from cloud_nas.spec import load


def table(path: Path, rows: int = 120, **columns: Any) -> Path:
    import pandas as pd

    draw = np.random.default_rng(0)
    base = {"width": draw.normal(size=rows), "colour": draw.choice(["red", "blue", "green"], rows)}
    frame = pd.DataFrame(base | {name: [make(row) for row in range(rows)] for name, make in columns.items()})
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("make", "task", "classes"),
    [
        (lambda row: "yes" if row % 3 else "no", "tabular-classification", 2),
        (lambda row: bool(row % 2), "tabular-classification", 2),
        (lambda row: row % 4, "tabular-classification", 4),
        (lambda row: float(row % 2), "tabular-classification", 2),
        (lambda row: row * 7, "tabular-regression", None),
        (lambda row: row / 7, "tabular-regression", None),
    ],
)
def test_the_target_decides_the_task(make: Any, task: str, classes: int | None, tmp_path: Path) -> None:
    found = guess(table(tmp_path / "rows.csv", y=make), "y")
    assert (found.task, found.classes, found.target) == (task, classes, "y")
    assert found.reasons[0].startswith(f"{task}: y ")


@pytest.mark.parametrize(
    ("name", "make", "is_id"),
    [
        ("id", lambda row: row, True),
        ("Customer_ID", lambda row: 1000 + row, True),
        ("customer", lambda row: f"c{row}", True),
        ("id", lambda row: row // 2, False),
        ("height", lambda row: row, False),
        ("joined", lambda row: f"2020-{row % 12 + 1:02d}-{row // 12 + 1:02d}", False),
    ],
)
def test_a_column_that_names_rows(name: str, make: Any, is_id: bool, tmp_path: Path) -> None:
    path = table(tmp_path / "rows.csv", **{name: make, "y": lambda row: row % 2})
    assert guess(path, "y").id == (name if is_id else None)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_becomes_a_spec_that_passes_check(suffix: str, tmp_path: Path) -> None:
    columns = {"id": lambda row: row, "the class, of it: #1": lambda row: ["low", "middle", "high"][row % 3]}
    source = table(tmp_path / f"meine daten ü{suffix}", **columns)
    starter = initialize.from_data(tmp_path / "new", source, "the class, of it: #1")
    checked = check(starter.spec)
    assert checked.ok and checked.diagnostics == ()
    spec = load(starter.spec).spec
    assert spec.data.source == f"../{source.name}" and spec.data.id == "id"
    assert 'Dense(3, activation="softmax")' in (tmp_path / "new" / "model.py").read_text()
    assert starter.notes == (
        "tabular-classification: the class, of it: #1 has 3 classes",
        "id names the rows: its 120 values are all different",
    )


def test_a_number_to_predict(tmp_path: Path) -> None:
    source = table(tmp_path / "rows.csv", price=lambda row: 50_000.5 + 1000 * row)
    starter = initialize.from_data(tmp_path, source, "price")
    assert check(starter.spec).diagnostics == ()
    spec = load(starter.spec).spec
    assert (spec.objective.metric, spec.objective.goal, spec.data.source) == ("rmse", "minimize", "rows.csv")
    assert "Rescaling(35000, offset=110000)" in (tmp_path / "model.py").read_text()


def test_text(tmp_path: Path) -> None:
    lines = [f'"this is a sentence, number {row}",{"good" if row % 2 else "bad"}' for row in range(100)]
    (tmp_path / "said.csv").write_text("\n".join(["sentence,opinion", *lines]))
    starter = initialize.from_data(tmp_path, tmp_path / "said.csv", "opinion")
    assert load(starter.spec).spec.task == "text-classification"
    assert check(starter.spec).diagnostics == ()


def test_images_in_folders(tmp_path: Path) -> None:
    import tensorflow as tf

    draw = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(12):
            pixels = draw.integers(0, 255, (16, 16, 3), dtype=np.uint8)
            (tmp_path / "pets" / name / f"{number}.png").write_bytes(tf.io.encode_png(pixels).numpy())
    starter = initialize.from_data(tmp_path / "new", tmp_path / "pets")
    assert starter.notes == ("image-classification: 2 folders of images, one a class",)
    assert check(starter.spec).diagnostics == ()
    assert "keras.Input((16, 16, 3))" in (tmp_path / "new" / "model.py").read_text()


def test_arrays_with_a_test_part_of_their_own(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    parts = {"train": 90, "test": 30}
    arrays = {f"x_{name}": draw.integers(0, 255, (n, 8, 8), dtype=np.uint8) for name, n in parts.items()}
    arrays |= {f"y_{name}": np.arange(n) % 3 for name, n in parts.items()}
    np.savez(tmp_path / "set.npz", **arrays)
    starter = initialize.from_data(tmp_path, tmp_path / "set.npz")
    assert check(starter.spec).diagnostics == ()
    spec = load(starter.spec).spec
    assert (spec.task, spec.data.split.test) == ("image-classification", None)


def test_idx_files(shared_data: Path) -> None:
    assert guess(shared_data / "mnist", None).task == "image-classification"


def test_classes_with_few_rows(tmp_path: Path) -> None:
    source = table(tmp_path / "rows.csv", y=lambda row: "rare" if row in (3, 50) else "common" if row % 2 else "other")
    try:
        starter = initialize.from_data(tmp_path, source, "y")
    except UsageError as error:
        assert "rare" in error.message or "class" in error.message
    else:
        assert check(starter.spec).ok


@pytest.mark.parametrize(
    ("shape", "dtype", "answers", "task"),
    [
        ((40, 8, 8), np.uint8, np.arange(40) % 3, "image-classification"),
        ((40, 8, 8, 3), np.float32, np.arange(40) % 3, "image-classification"),
        ((40, 5), np.float32, np.arange(40) % 3, "tabular-classification"),
        ((40, 5), np.float32, np.eye(4)[np.arange(40) % 4], "tabular-classification"),
        ((40, 5), np.float32, np.linspace(0, 1, 40), "tabular-regression"),
        ((40, 10, 2), np.float32, np.linspace(0, 1, 40), "tabular-regression"),
        ((40,), "U5", np.arange(40) % 2, "text-classification"),
    ],
)
def test_arrays(shape: tuple[int, ...], dtype: Any, answers: Any, task: str) -> None:
    assert guess_arrays(np.zeros(shape, dtype), answers).task == task


@pytest.mark.parametrize(
    ("name", "target", "message", "hint"),
    [
        (
            "rows.csv",
            None,
            "which column of rows.csv is to be predicted?",
            "--target COLUMN, one of width, colour, y, same, words",
        ),
        ("rows.csv", "colours", 'rows.csv has no column "colours"', 'did you mean --target "colour"?'),
        ("rows.csv", "same", "same has one value only, so there is nothing to learn", None),
        (
            "rows.csv",
            "words",
            "words has 120 different values in 120 rows, which are neither numbers nor classes",
            "choose another",
        ),
        ("empty.csv", "y", "empty.csv ", None),
        ("broken.parquet", "y", "broken.parquet cannot be read", "a table is csv in UTF-8, or parquet"),
        ("broken.npz", None, "broken.npz cannot be read", None),
        ("other.npz", None, "other.npz holds a, b", "an npz file holds x and y"),
        ("other.npz", "y", "other.npz has no columns, so --target says nothing", "leave --target away"),
        ("notes.txt", None, "notes.txt is of no kind that is read", "data is csv"),
        ("folder", None, "folder is no data set that is read", "data is csv"),
        ("nowhere.csv", "y", "no file or folder", None),
    ],
)
def test_what_cannot_be_used(name: str, target: str | None, message: str, hint: str | None, tmp_path: Path) -> None:
    table(tmp_path / "rows.csv", y=lambda row: row % 2, same=lambda row: 1, words=lambda row: f"w{row}")
    (tmp_path / "empty.csv").write_text("a,y\n")
    for broken in ("broken.parquet", "broken.npz", "notes.txt"):
        (tmp_path / broken).write_text("no such thing")
    np.savez(tmp_path / "other.npz", a=np.zeros(3), b=np.zeros(3))
    (tmp_path / "folder").mkdir()
    with pytest.raises(CloudNasError) as caught:
        initialize.from_data(tmp_path / "new", tmp_path / name, target)
    assert caught.value.message.startswith(message)
    assert hint is None or str(caught.value.hint).startswith(hint)
    assert not (tmp_path / "new").exists()


def test_missing_data_ends_as_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        initialize.from_data(tmp_path, tmp_path / "nowhere.csv", "y")


def test_files_in_the_way_are_seen_before_the_data_are_read(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("mine")
    with pytest.raises(UsageError, match=r"spec\.yaml is already in"):
        initialize.from_data(tmp_path, tmp_path / "rows.csv", "y") if table(tmp_path / "rows.csv", y=lambda row: row) else None
    assert (tmp_path / "spec.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "../a/b.csv",
        "/abs",
        "two words",
        "yes",
        "Null",
        "1",
        "1.5",
        "a: b",
        "#x",
        "",
        "ü",
        'a"b',
        "a\\b",
        "-x",
        "x:",
        "a\tb",
        ".5",
        "~/x",
        "[x",
    ],
)
def test_scalars_come_back_as_they_went(value: str) -> None:
    from ruamel.yaml import YAML

    assert YAML(typ="safe").load(f"key: {scalar(value)}\nflow: {flow({'a': [value]})}") == {"key": value, "flow": {"a": [value]}}


@pytest.mark.parametrize("value", [1, -2, 0.5, 1e-5, 1.25e-7, 1e22, True, False, None, [1, {"a": None}]])
def test_other_values_come_back_as_they_went(value: object) -> None:
    from ruamel.yaml import YAML

    assert YAML(typ="safe").load(f"key: {flow(value)}") == {"key": value}
