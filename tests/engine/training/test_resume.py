"""The trainer's promise: two turns give, bit for bit, what one gives; the same in a process without Optuna and pydantic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.data import load
from local_engine.definition import Callback, Data, Definition, ModelSpace, Objective, Search, StopEarly, Train
from local_engine.space.builder import load_builder
from local_engine.training import SilentObserver, TrialBudget, train

ROOT = Path(__file__).resolve().parents[3]

MODEL = """
import keras

def build(hp):
    schedule = keras.optimizers.schedules.ExponentialDecay(hp.Float("rate", 1e-3, 1e-1, sampling="log"), 5, 0.9)
    model = keras.Sequential([
        keras.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(hp.Int("units", 8, 32), activation="relu"),
        keras.layers.BatchNormalization(), keras.layers.Dropout(0.3), keras.layers.GaussianNoise(0.1),
        keras.layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

WORKER = """
import sys
for name in ("optuna", "pydantic", "cloud_nas"):
    sys.modules[name] = None
import json
from pathlib import Path
from local_engine.data import load
from local_engine.definition import Data, Definition, ModelSpace, Objective, Search, Train
from local_engine.space.builder import load_builder
from local_engine.training import SilentObserver, TrialBudget, train

folder, data, model, epochs = sys.argv[1:]
definition = Definition("t", "image-classification", Data(data), Objective("accuracy", "maximize"), ModelSpace(model, "build"),
                        Search("random"), Train(epochs=5))
artifact = train(definition, {"units": 16, "rate": 0.01}, load(definition.data, definition.task), TrialBudget(int(epochs)),
                 SilentObserver(), folder=Path(folder), builder=load_builder(definition.space), seed=5)
print(json.dumps([artifact.value, artifact.best_epoch, artifact.epochs]))
"""


def _weights(folder: Path) -> list[np.ndarray]:
    import keras

    return keras.models.load_model(folder / "model.keras", compile=False).get_weights()


def _same(one: Path, other: Path) -> None:
    """Curves, metrics, checkpoints and models of two artifact folders are equal, bit for bit."""
    for name in ("curve.jsonl", "metrics.json"):
        assert (one / name).read_text() == (other / name).read_text()
    with np.load(one / "checkpoint.npz") as first, np.load(other / "checkpoint.npz") as second:
        assert first.files == second.files
        assert all(np.array_equal(first[name], second[name]) for name in first.files if name != "state")
    assert all(np.array_equal(a, b) for a, b in zip(_weights(one), _weights(other), strict=True))


def test_a_process_of_the_trainer_alone_goes_on_where_another_was(tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    raw = load_digits()
    np.savez(tmp_path / "digits.npz", x=raw.images[:200].astype(np.float32) / 16, y=raw.target[:200])
    (tmp_path / "model.py").write_text(MODEL)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}

    def run(folder: str, epochs: int) -> Any:
        arguments = [str(tmp_path / folder), str(tmp_path / "digits.npz"), str(tmp_path / "model.py"), str(epochs)]
        done = subprocess.run(
            [sys.executable, "-c", WORKER, *arguments], capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    data = load(Data(str(tmp_path / "digits.npz")), "image-classification")
    space = ModelSpace(str(tmp_path / "model.py"), "build")
    builder = load_builder(space)

    def here(folder: str, epochs: int) -> Any:
        return train(
            Definition("t", data.task, Data("-"), Objective("accuracy", "maximize"), space, Search("random"), Train(epochs=5)),
            {"units": 16, "rate": 0.01},
            data,
            TrialBudget(epochs),
            SilentObserver(),
            folder=tmp_path / folder,
            builder=builder,
            seed=5,
        )

    whole = here("one", 5)
    here("two", 2)
    assert run("two", 5) == [whole.value, whole.best_epoch, whole.epochs]
    _same(tmp_path / "one", tmp_path / "two")


def _plateau(hp: Any) -> Any:
    import keras

    model = keras.Sequential(
        [keras.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    return model


def test_callbacks_and_early_stopping_go_on_where_they_were(trained: Any, digits: Any, tmp_path: Path) -> None:
    train = Train(
        epochs=9,
        batch_size=70,
        stop_early=StopEarly("val_loss", 4),
        callbacks=(Callback("ReduceLROnPlateau", {"monitor": "val_loss", "patience": 2, "factor": 0.1, "min_delta": 0.5}),),
    )
    whole = trained(_plateau, digits, epochs=9, train=train, folder=tmp_path / "one")
    for epochs in (2, 9):
        parts = trained(_plateau, digits, epochs=epochs, train=train, folder=tmp_path / "two")
    assert (whole.value, whole.epochs, whole.stopped) == (parts.value, parts.epochs, parts.stopped)
    _same(tmp_path / "one", tmp_path / "two")


def test_a_trial_that_is_over_trains_no_more(trained: Any, digits: Any, tmp_path: Path) -> None:
    train = Train(epochs=6, batch_size=70, stop_early=StopEarly("val_accuracy", 1, min_delta=1.0))
    first = trained(_plateau, digits, epochs=6, train=train)
    again = trained(_plateau, digits, epochs=6, train=train)
    assert first.stopped == again.stopped == "early stopping"
    assert first.epochs == again.epochs == 2
    assert first.value == again.value


def test_a_torn_curve_begins_again_and_comes_to_the_same(trained: Any, digits: Any, tmp_path: Path) -> None:
    trained(_plateau, digits, epochs=3, folder=tmp_path / "one")
    trained(_plateau, digits, epochs=2, folder=tmp_path / "two")
    curve = tmp_path / "two" / "curve.jsonl"
    curve.write_bytes(curve.read_bytes()[:-9])
    trained(_plateau, digits, epochs=3, folder=tmp_path / "two")
    _same(tmp_path / "one", tmp_path / "two")


def test_a_checkpoint_of_another_model_is_refused(trained: Any, digits: Any, tmp_path: Path) -> None:
    from local_engine.errors import TrialError

    def other(hp: Any) -> Any:
        import keras

        model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.add(keras.layers.Dense(10, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
        return model

    trained(_plateau, digits, epochs=1)
    with pytest.raises(TrialError, match="another model"):
        trained(other, digits, epochs=2)
