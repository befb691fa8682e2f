"""What public builders return, each trained for an epoch or two, saved, and loaded with Keras alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from local_engine.data import as_tensors
from local_engine.definition import Callback, Train
from local_engine.errors import TrialError

layers = keras.layers


def _compiled(model: Any, loss: Any = "sparse_categorical_crossentropy", metrics: Any = ("accuracy",), eager: bool = True) -> Any:
    """Eager where tracing is not the point: of these small trainings it would take nearly all the time."""
    model.compile("adam", loss, metrics=list(metrics), run_eagerly=eager)
    return model


def _declared(hp: Any) -> Any:
    return _compiled(keras.Sequential([keras.Input((8, 8)), layers.Flatten(), layers.Dense(10, activation="softmax")]))


def _undeclared(hp: Any) -> Any:
    return _compiled(keras.Sequential([layers.Flatten(), layers.Dense(10, activation="softmax")]))


def _convolution(hp: Any) -> Any:
    inputs = keras.Input((8, 8, 1))
    x = layers.Flatten()(layers.Conv2D(2, 3, activation="relu")(inputs))
    return _compiled(
        keras.Model(inputs, layers.Dense(10, activation="softmax")(x)), "categorical_crossentropy", ["acc"], eager=False
    )


def _undeclared_convolution(hp: Any) -> Any:
    return _compiled(keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(10, activation="softmax")]))


def _logits(hp: Any) -> Any:
    model = keras.Sequential([keras.Input((8, 8)), layers.Flatten(), layers.Dense(10)])
    return _compiled(model, keras.losses.SparseCategoricalCrossentropy(from_logits=True), eager=False)


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (_declared, "probabilities"),
        (_undeclared, "probabilities"),
        (_convolution, "probabilities"),
        (_undeclared_convolution, "probabilities"),
        (_logits, "logits"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_images(trained: Any, digits: Any, build: Any, kind: str) -> None:
    artifact = trained(build, digits, epochs=2)
    manifest = json.loads((artifact.folder / "manifest.json").read_text())
    assert (manifest["output"], manifest["custom_objects"], manifest["kind"]) == (kind, False, "keras")
    model = keras.models.load_model(artifact.folder / "model.keras", compile=False)
    outputs = np.asarray(model(as_tensors(digits.validation.rows())))
    assert np.mean(outputs.argmax(1) == digits.validation.labels) == pytest.approx(artifact.value, abs=1e-6)


def _named_inputs(hp: Any) -> Any:
    size = keras.Input((1,), name="size")
    colour = keras.Input((1,), name="colour", dtype="int32")
    x = layers.Concatenate()([size, layers.Flatten()(layers.Embedding(10, 2)(colour))])
    return _compiled(keras.Model([size, colour], layers.Dense(1, activation="sigmoid")(x)), "binary_crossentropy", ["accuracy"])


def _dict_inputs(hp: Any) -> Any:
    inputs = {"size": keras.Input((1,), name="size"), "colour": keras.Input((1,), name="colour", dtype="string")}
    words = layers.StringLookup(vocabulary=["red", "green", "blue"], output_mode="one_hot")(inputs["colour"])
    x = layers.Concatenate()([inputs["size"], words])
    return _compiled(keras.Model(inputs, layers.Dense(2, activation="softmax")(x)))


@pytest.mark.parametrize("build", [_named_inputs, _dict_inputs], ids=lambda build: build.__name__)
def test_tables_by_named_inputs(trained: Any, mixed: Any, build: Any) -> None:
    artifact = trained(build, mixed)
    model = keras.models.load_model(artifact.folder / "model.keras", compile=False)
    outputs = np.asarray(model(as_tensors(mixed.validation.rows())))
    predicted = (outputs[:, 0] > 0.5).astype(int) if outputs.shape[1] == 1 else outputs.argmax(1)
    assert np.mean(predicted == mixed.validation.labels) == pytest.approx(artifact.value, abs=1e-6)


def _sigmoid_with_auc(hp: Any) -> Any:
    model = keras.Sequential([layers.Dense(1, activation="sigmoid")])
    return _compiled(model, "binary_crossentropy", [keras.metrics.AUC(name="auc_7")])


def test_a_metric_by_another_name_is_the_objective(trained: Any, cancer: Any) -> None:
    artifact = trained(_sigmoid_with_auc, cancer, metric="auc", epochs=2)
    assert artifact.value == artifact.metrics["val_auc_7"]


def test_a_metric_that_the_model_does_not_report_is_computed(trained: Any, digits: Any) -> None:
    from local_engine.training.scoring import score

    artifact = trained(_undeclared, digits, metric="f1")
    model = keras.models.load_model(artifact.folder / "model.keras", compile=False)
    outputs = np.asarray(model(as_tensors(digits.validation.rows())))
    assert artifact.value == pytest.approx(score(digits.task, digits.validation.labels, outputs)["f1"])


def test_an_unknown_metric_names_what_there_is(trained: Any, digits: Any) -> None:
    with pytest.raises(TrialError, match="does not report sharpness") as caught:
        trained(_declared, digits, metric="sharpness")
    assert "accuracy, loss" in (caught.value.hint or "")


def test_regression(trained: Any, diabetes: Any) -> None:
    def build(hp: Any) -> Any:
        return _compiled(keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)]), "mse", ["mae"])

    artifact = trained(build, diabetes, metric="rmse", epochs=2)
    assert artifact.value == pytest.approx(artifact.metrics["val_loss"] ** 0.5, rel=1e-4)
    assert json.loads((artifact.folder / "manifest.json").read_text())["output"] == "values"


CUSTOM = """
import keras
from helpers import make_loss

class Twice(keras.layers.Layer):
    def call(self, x):
        return x * 2

class Net(keras.Model):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units, self.first, self.twice = units, keras.layers.Dense(units, activation="relu"), Twice()
        self.last = keras.layers.Dense(3, activation="softmax")

    def get_config(self):
        return {**super().get_config(), "units": self.units}

    def call(self, x):
        return self.last(self.twice(self.first(x)))

def build(hp):
    model = Net(hp.Int("units", 4, 8))
    model.compile("adam", make_loss, metrics=["accuracy"])
    return model
"""


def test_classes_of_the_users_travel_and_load_by_trust(trained: Any, iris: Any, tmp_path: Path) -> None:
    from local_engine.definition import ModelSpace
    from local_engine.errors import EngineError
    from local_engine.space.builder import load_builder
    from local_engine.training.manifest import code_sha256
    from local_engine.training.predicting import load_model, predict

    (tmp_path / "model.py").write_text(CUSTOM)
    (tmp_path / "helpers.py").write_text(
        "import keras\ndef make_loss(y, p):\n    return keras.losses.sparse_categorical_crossentropy(y, p)\n"
    )
    space = ModelSpace(str(tmp_path / "model.py"), "build")
    builder = load_builder(space)
    artifact = trained(builder, iris, space=space)
    manifest = json.loads((artifact.folder / "manifest.json").read_text())
    assert manifest["custom_objects"] is True
    code = artifact.folder / "code"
    assert code_sha256(code.rglob("*.py"), str(code)) == builder.sha256() == manifest["code_sha256"]
    with pytest.raises(EngineError, match="own code"):
        load_model(artifact.folder)
    outputs = predict(load_model(artifact.folder, trust=True), iris.validation)
    assert np.mean(outputs.argmax(1) == iris.validation.labels) == pytest.approx(artifact.value, abs=1e-6)
    assert sorted(path.name for path in code.rglob("*")) == ["helpers.py", "model.py"]


def test_the_first_wrong_thing_is_said(trained: Any, digits: Any) -> None:
    def nan(hp: Any) -> Any:
        return _compiled(_declared(hp), lambda y, p: keras.ops.mean(p) * float("nan"))

    def memory(hp: Any) -> Any:
        raise MemoryError

    def shape(hp: Any) -> Any:
        return _compiled(keras.Sequential([keras.Input((9, 9)), layers.Flatten(), layers.Dense(10)]))

    def two(hp: Any) -> Any:
        inputs = keras.Input((8, 8))
        x = layers.Flatten()(inputs)
        return _compiled(keras.Model(inputs, [layers.Dense(10)(x), layers.Dense(10)(x)]), metrics=())

    for build, words in ((nan, "^the loss is nan$"), (memory, "^out of memory$"), (shape, "shape"), (two, "2 outputs")):
        with pytest.raises(TrialError, match=words):
            trained(build, digits)


def test_callbacks_by_name_and_by_file(trained: Any, digits: Any, tmp_path: Path) -> None:
    from local_engine.definition import Code

    (tmp_path / "mine.py").write_text(
        "import keras\nclass Stop(keras.callbacks.Callback):\n"
        "    def on_train_batch_end(self, batch, logs=None):\n        self.model.seen = batch\n"
        "    def on_epoch_end(self, epoch, logs=None):\n        self.model.stop_training = self.model.seen == 6\n"
    )
    code = Code(root=str(tmp_path))
    own = Train(callbacks=(Callback("mine.py:Stop"), Callback("TerminateOnNaN")))
    artifact = trained(_declared, digits, epochs=3, train=own, code=code)
    assert (artifact.epochs, artifact.stopped) == (1, "stopped by a callback")
    for name, hint in (("EarlyStoping", "EarlyStopping"), ("mine.py:Stob", "Stop")):
        with pytest.raises(TrialError) as caught:
            trained(_declared, digits, train=Train(callbacks=(Callback(name),)), code=code, folder=tmp_path / name[:4])
        assert caught.value.hint == f"did you mean {hint}?"


def test_an_observer_and_the_clock_stop_between_epochs(trained: Any, digits: Any, tmp_path: Path) -> None:
    class Enough:
        def __init__(self) -> None:
            self.epochs: list[int] = []

        def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
            self.epochs.append(epoch)

        def stop(self) -> str | None:
            return "enough" if len(self.epochs) == 2 else None

    observer = Enough()
    artifact = trained(_declared, digits, epochs=5, observer=observer)
    assert (artifact.epochs, artifact.stopped, observer.epochs) == (2, "enough", [1, 2])
    timed = trained(_declared, digits, epochs=5, seconds=0.0, folder=tmp_path / "timed")
    assert (timed.epochs, timed.stopped) == (1, "the trial's time is over")
