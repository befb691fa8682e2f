"""An edge model that came home is scored here as any other: its classes by its own list, in a process without rights."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cloud_nas as cn
from cloud_nas.errors import FailedError
from cloud_nas.home import run_folder
from cloud_nas.models import edge, edge_running, predictions
from cloud_nas.operations import _candidate
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.spec import definition_of, load
from cloud_nas.targets.remote import Brought
from local_engine.data import Dataset, Part
from local_engine.data import load as load_data
from local_engine.definition import Data, Definition, Split
from local_engine.files import read_json, sha256_of, write_json

from .tflite_made import broken, content, metadata, with_labels, with_metadata

LABELS = [f"c_{place}" for place in (3, 1, 4, 0, 5, 9, 2, 6, 8, 7)]
"""Not in the order of the classes."""


@pytest.fixture(scope="session")
def whole() -> bytes:
    """A model of 8 bits."""
    return content(whole=True)


@pytest.fixture(scope="module")
def digits_part() -> Part:
    """Some images."""
    found = load_data(Data("builtin:digits", split=Split(0.1, 0.05, 1)), "image-classification").test
    assert found is not None
    return found


@pytest.fixture
def run(home: Path, make_spec: Callable[..., Path], whole: bytes) -> str:
    """A run at AutoML whose edge model has come home."""
    definition = definition_of(load(make_spec()))
    folder = run_folder("r-7k2xq") / "candidate"
    folder.mkdir(parents=True)
    write_json(folder.parent / "definition.json", definition.to_json())
    path = with_labels(folder / edge.NAME, whole, LABELS)
    _candidate.keep(Brought("candidate", 0, (path,)), folder)
    identity = Identity("s" * 64, "c" * 64, _data(definition).fingerprint, "vertex:automl")
    place = {"kind": "automl", "model": "edge-fast", "task": "image"}
    row = RunRow("r-7k2xq", "digits", "vertex:automl", "succeeded", "s" * 64, identity, remote="r-7k2xq-1", place=place)
    with Registry() as registry, registry.transaction():
        registry.create(row)
    return row.run_id


def _data(definition: Definition) -> Dataset:
    return load_data(definition.data, definition.task)


def _own(run: str) -> Dataset:
    return _data(Definition.from_json(read_json(run_folder(run) / "definition.json")))


def by_hand(part: Part) -> np.ndarray:
    """What the model of `tflite_made` comes to, in real numbers, by class."""
    images = np.concatenate([np.asarray(stored) for stored in part.stored_batches(256)])
    images = images.astype(np.float64) / 255 if images.dtype == np.uint8 else (images * 255).round() / 255
    found = np.stack([edge_running.resized(rows[:, None, None], 10, 1)[:, 0, 0] for rows in images.mean(axis=2)])
    chances = np.exp(8 * found) / np.exp(8 * found).sum(axis=1, keepdims=True)
    return np.asarray(chances[:, [LABELS.index(f"c_{code}") for code in range(10)]])


def test_it_is_evaluated_by_the_ordinary_command(run: str, screen: Callable[..., Any]) -> None:
    found = screen("evaluate", run, "builtin:digits", "--json")
    assert found.status == 0, found.stderr
    told, kept = json.loads(found.stdout), predictions.read(run_folder(run) / "candidate" / "predictions.parquet")
    assert (told["part"], told["n"]) == ("test", kept.n)
    assert kept.about.model_sha256 == sha256_of(run_folder(run) / "candidate" / edge.NAME)
    assert kept.label is not None and told["metrics"]["accuracy"] == pytest.approx((kept.prediction == kept.label).mean())
    test = _own(run).test
    assert test is not None and kept.probabilities is not None
    assert np.array_equal(kept.row_id, test.ids)
    assert np.abs(kept.probabilities - by_hand(test)).max() < 0.05, "8 bits are a little less than real numbers"


@pytest.mark.slow
def test_it_predicts_by_the_ordinary_command(run: str, screen: Callable[..., Any], tmp_path: Path) -> None:
    written = screen("predict", run, "builtin:digits", "--out", str(tmp_path / "all.parquet"))
    assert written.status == 0, written.stderr
    assert predictions.read(tmp_path / "all.parquet").n == 1797


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["classes", "another", "broken"])
def test_a_model_that_is_none_for_these_images_is_told(run: str, whole: bytes, harm: str) -> None:
    folder = run_folder(run) / "candidate"
    path = folder / edge.NAME
    if harm == "broken":
        with_labels(path, broken(whole), LABELS)
    else:
        with_labels(path, whole, LABELS[:9] if harm == "classes" else ["cat", *LABELS[1:]])
    _candidate.keep(Brought("candidate", 0, (path,)), folder)
    words = {"classes": "names 9 classes", "another": "'cat'", "broken": "cannot be used|ended before"}[harm]
    with pytest.raises(FailedError, match=words):
        cn.evaluate(run, "builtin:digits")


def test_a_file_that_is_not_what_came_is_not_run(run: str) -> None:
    path = run_folder(run) / "candidate" / edge.NAME
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(FailedError, match="is not what was brought"):
        cn.evaluate(run, "builtin:digits")


def test_one_that_has_not_come_yet_is_asked_for(run: str) -> None:
    (run_folder(run) / "candidate" / edge.NAME).unlink()
    with pytest.raises(FailedError) as refused:
        cn.predict(run, "builtin:digits")
    assert refused.value.hint == f"cloud-nas fetch {run}"


def test_what_was_predicted_stays_with_the_same_model_alone(run: str, tmp_path: Path, whole: bytes) -> None:
    before = run_folder(run) / "candidate"
    about = predictions.About("image-classification", "r" * 64, sha256_of(before / edge.NAME), "accuracy", "maximize", ("a", "b"))
    one = np.asarray(["a"], dtype=object)
    predictions.write(
        predictions.Predictions(about, np.asarray([0]), one, np.asarray([[1.0, 0.0]])), before / "predictions.parquet"
    )
    for number, (labels, stays) in enumerate(((LABELS, True), (LABELS[::-1], False))):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = with_labels(folder / edge.NAME, whole, labels)
        path.write_bytes((before / edge.NAME).read_bytes() if stays else path.read_bytes())
        _candidate.keep_predictions(Brought("candidate", None, (path,)), before, folder)
        assert (folder / "predictions.parquet").is_file() is stays


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({}, "does not say"),
        ({"labels.txt": "a\nb\na\n"}, "does not say"),
        ({"labels.txt": ""}, "does not say"),
        ({"one.txt": "a", "two.txt": "b"}, "2 lists"),
        ({"labels.txt": "x" * (2**20 + 1)}, "sane size"),
        ({"labels.txt": b"\xff\xfe"}, "does not say"),
    ],
)
def test_a_file_that_does_not_name_its_classes_is_told(tmp_path: Path, names: dict[str, Any], words: str) -> None:
    path = tmp_path / edge.NAME
    path.write_bytes(b"a model")
    if names:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as found:
            for name, text in names.items():
                found.writestr(name, text)
    with pytest.raises(FailedError, match=words):
        edge.read(path)


@pytest.fixture(scope="session")
def real() -> bytes:
    """A model of real numbers from 0 to 1."""
    return content(whole=False)


def test_real_numbers_are_scaled_as_the_model_says_and_what_is_assumed_is_said(
    digits_part: Part, real: bytes, tmp_path: Path
) -> None:
    path = tmp_path / edge.NAME
    path.write_bytes(real)
    (assumed,), notes = edge_running.run(path, [digits_part])
    assert len(notes) == 1 and "0 to 1" in notes[0]
    path.write_bytes(with_metadata(content(whole=False, shift=0.5), metadata(127.5, 255.0)))
    (told,), notes = edge_running.run(path, [digits_part])
    assert not notes
    order = [LABELS.index(f"c_{code}") for code in range(10)]
    for found in (assumed, told):
        assert np.allclose(found[:, order], by_hand(digits_part), atol=1e-5)


@given(st.binary(max_size=200))
def test_metadata_of_any_bytes_are_read_or_not_and_nothing_else_happens(
    tmp_path_factory: pytest.TempPathFactory, told: bytes
) -> None:
    path = tmp_path_factory.mktemp("models") / edge.NAME
    path.write_bytes(told)
    assert edge_running._normalisation(path) is None


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 12), st.integers(1, 12))
def test_a_resized_image_is_tensorflows(height: int, width: int, to_height: int, to_width: int) -> None:
    import tensorflow as tf

    image = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    theirs = tf.image.resize(image[None].astype(np.float32), [to_height, to_width]).numpy()[0]
    assert np.allclose(edge_running.resized(image, to_height, to_width), theirs, atol=1e-3)
