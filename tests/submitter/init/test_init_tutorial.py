"""The tutorial that this project began from, a whole script, becomes a spec by one command."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from cloud_nas.operations.check import check
from cloud_nas.operations.from_script import from_script
from cloud_nas.spec import load


def _mnist(shared: Path, keras_home: Path) -> None:
    """The set where Keras' cache expects it; some of the rows, so that this is quick."""
    arrays = {}
    for part, stem in (("train", "train"), ("test", "t10k")):
        images = gzip.decompress((shared / "mnist" / f"{stem}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((shared / "mnist" / f"{stem}-labels-idx1-ubyte.gz").read_bytes())
        arrays[f"x_{part}"] = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)[:2000]
        arrays[f"y_{part}"] = np.frombuffer(labels, np.uint8, offset=8)[:2000]
    (keras_home / "datasets").mkdir(parents=True)
    np.savez(keras_home / "datasets" / "mnist.npz", **arrays)


@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
def test_the_tutorial(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keras.src.utils import file_utils

    _mnist(shared_data, tmp_path / "keras")
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path / "keras"), raising=False)
    monkeypatch.setattr(file_utils, "validate_file", lambda *args, **kwargs: True)  # the cache's own check is of the whole file
    (tmp_path / "tune.py").write_bytes((shared_data / "tutorial.py").read_bytes())
    starter = from_script(None, tmp_path / "tune.py")
    loaded = load(starter.spec)
    spec = loaded.spec
    assert (spec.task, spec.space.model, spec.name) == ("image-classification", "tune.py:model_builder", "intro_to_kt")
    assert (spec.search.strategy, spec.train.epochs) == ("hyperband", 10)
    assert spec.search.model_extra == {"factor": 3, "iterations": 1, "asynchronous": False}
    assert spec.train.stop_early is not None and (spec.train.stop_early.monitor, spec.train.stop_early.patience) == (
        "val_loss",
        5,
    )
    assert (spec.objective.metric, spec.data.split.validation, spec.data.scale) == ("accuracy", 0.2, "none")
    assert starter.notes == (
        "tune.py:35: epochs=50 is overridden by max_epochs=10, as Keras Tuner does",
        "tune.py:35: `search` gets no validation rows: 0.2 of these are taken",
        "tune.py:35: the script gives `search` no held-out rows: 0.1 of these are, and are scored once at the end",
    )
    checked = check(starter.spec)
    assert [(one.severity, "softmax" in one.message) for one in checked.diagnostics] == [("warning", True)]
