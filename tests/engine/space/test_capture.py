"""A whole Keras Tuner script, run once as far as its search: what it handed over, and what cannot be carried."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from local_engine.definition import ModelSpace
from local_engine.errors import BuilderError, FitAtImportError
from local_engine.space.builder import load_builder
from local_engine.space.capture import CapturedCallback, CapturedObjective, CapturedSearch, capture

pytestmark = pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")

HEAD = """import keras_tuner as kt
import numpy as np
from sklearn.linear_model import LogisticRegression

x, y = np.arange(12.0).reshape(6, 2), np.arange(6)

def build(hp):
    return LogisticRegression(C=hp.Float("C", 0.1, 10.0))

"""


def captured(folder: Path, text: str) -> CapturedSearch:
    script = folder / "tune.py"
    script.write_text(HEAD + text)
    return capture(script)


def lost(found: CapturedSearch) -> dict[str, int | None]:
    return {loss.what: loss.line for loss in found.lost}


def test_the_tutorial(shared_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import tensorflow as tf

    rows = np.zeros((20, 28, 28), np.uint8)
    # Keras checks the hash of the file in its cache, so that a small one cannot stand in for it.
    monkeypatch.setattr(tf.keras.datasets.mnist, "load_data", lambda: ((rows, rows[:, 0, 0]), (rows, rows[:, 0, 0])))
    monkeypatch.chdir(tmp_path)
    found = capture(shared_data / "tutorial.py")
    assert (found.builder, found.instance, found.tuner, found.strategy) == ("model_builder", False, "Hyperband", "hyperband")
    assert found.options == {"max_epochs": 10, "factor": 3, "directory": "my_dir", "project_name": "intro_to_kt"}
    assert found.objectives == (CapturedObjective("val_accuracy"),)
    assert found.callbacks == (CapturedCallback("EarlyStopping", {"patience": 5}),)
    assert (found.epochs, found.batch_size, found.validation_split, found.validation_data) == (50, None, None, None)
    assert (found.x.shape, found.x.dtype, found.y.shape) == ((20, 28, 28), np.float64, (20,))
    assert (found.tuner_line, found.search_line) == (27, 35)
    assert (found.lost, found.other) == ((), {})
    assert list(tmp_path.iterdir()) == [], "no file of the tuner's"
    builder = load_builder(ModelSpace(str(found.script), str(found.builder)))
    assert builder.stopped_at == 35


def test_everything_given_by_position_and_by_name(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
tuner = kt.BayesianOptimization(build, kt.Objective("val_auc", "max"), 12, 4, alpha=1e-3, beta=2.0, seed=3, overwrite=True)
tuner.search(x, y, 16, 7, 2, validation_data=(x[:2], y[:2]))
""",
    )
    assert found.strategy == "bayesian"
    assert found.options == {"max_trials": 12, "num_initial_points": 4, "alpha": 1e-3, "beta": 2.0, "seed": 3, "overwrite": True}
    assert found.objectives == (CapturedObjective("val_auc", "max"),)
    assert (found.batch_size, found.epochs, found.other) == (16, 7, {"verbose": 2})
    assert found.validation_data[0].shape == (2, 2)
    assert (found.tuner_line, found.search_line, found.lost) == (11, 12, ())


def test_a_script_in_functions_runs_as_main(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
def main():
    tuner = kt.GridSearch(build, objective=["val_loss", kt.Objective("val_acc", "max")])
    tuner.search_space_summary()
    tuner.reload()
    assert tuner.get_best_models() == []
    tuner.search(x, y, validation_split=0.25)
    raise SystemExit("search ends the script")

if __name__ == "__main__":
    main()
""",
    )
    assert (found.builder, found.strategy, found.validation_split) == ("build", "grid", 0.25)
    assert found.objectives == (CapturedObjective("val_loss"), CapturedObjective("val_acc", "max"))
    assert getattr(sys.modules["__main__"], "__file__", None) != str(found.script)  # a worker of the tests has none


def test_the_first_search_counts(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
unused = kt.Hyperband(build, "val_loss")
tuner = kt.RandomSearch(build, "val_accuracy", max_trials=5)
tuner.search(x, y)
unused.search(x, y)
""",
    )
    assert (found.tuner, found.options) == ("RandomSearch", {"max_trials": 5})


@pytest.mark.parametrize(
    ("definition", "given", "name", "instance"),
    [
        ("class Model(kt.HyperModel):\n    build = staticmethod(build)\nmodel = Model()\n", "model", "model", True),
        ("class Model(kt.HyperModel):\n    def build(self, hp): return build(hp)\n", "Model()", "Model", False),
        ("class Model:\n    def make(self, hp): return build(hp)\nmodel = Model()\n", "model.make", "model.make", False),
        ("import functools\nbound = functools.partial(build)\n", "bound", "bound", False),
        ("", "lambda hp: build(hp)", None, False),
    ],
)
def test_the_builders_name(tmp_path: Path, definition: str, given: str, name: str | None, instance: bool) -> None:
    found = captured(tmp_path, f"{definition}tuner = kt.RandomSearch({given}, 'val_loss')\ntuner.search(x, y)\n")
    assert (found.builder, found.instance) == (name, instance)
    assert len(found.lost) == (name is None)


def test_a_hypermodel_made_in_place_takes_the_datas_shape(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
class Model(kt.HyperModel):
    def __init__(self, input_shape, num_classes):
        super().__init__()
    def build(self, hp):
        return build(hp)

class Sized(Model):
    def __init__(self, width):
        super().__init__(None, None)

which = Sized(3) if x.size > 99 else None
kt.RandomSearch(Model((2,), 6), "val_loss").search(x, y)
""",
    )
    assert found.builder == "Model"
    assert lost(found) == {"Model": 22}


def test_what_cannot_be_carried_is_named_with_its_line(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
class MyTuner(kt.RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
        return 0.0

def generator():
    yield x, y

hp = kt.HyperParameters()
hp.Float("C", 1.0, 2.0)
tuner = MyTuner(
    build,
    objective="val_loss",
    hyperparameters=hp,
    tune_new_entries=False,
    executions_per_trial=3,
    max_retries_per_trial=2,
)
tuner.search(generator(), steps_per_epoch=4, class_weight={0: 1.0}, shuffle=False, verbose=0)
""",
    )
    assert (found.tuner, found.strategy, found.x) == ("RandomSearch", "random", None)
    assert lost(found) == {
        "MyTuner.run_trial": 12,
        "hyperparameters": 20,
        "executions_per_trial=3": 20,
        "max_retries_per_trial=2": 20,
        "tune_new_entries=False": 20,
        "x of type generator": 28,
        "steps_per_epoch": 28,
        "class_weight": 28,
        "shuffle": 28,
    }
    assert all(loss.why for loss in found.lost)


def test_oracles(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
tuner = kt.tuners.SklearnTuner(
    oracle=kt.oracles.BayesianOptimizationOracle(objective=kt.Objective("score", "max"), max_trials=10),
    hypermodel=build, cv=5, directory="d")
tuner.search(x, y)
""",
    )
    assert (found.tuner, found.strategy, found.builder) == ("SklearnTuner", "bayesian", "build")
    assert found.objectives == (CapturedObjective("score", "max"),)
    assert found.options == {"max_trials": 10, "cv": 5, "directory": "d"}
    assert found.x is not None
    assert set(lost(found)) == {"cv"}


def test_an_oracle_of_ones_own(tmp_path: Path) -> None:
    text = "class Mine(kt.Oracle):\n    def populate_space(self, trial_id): ...\n"
    found = captured(tmp_path, text + "kt.Tuner(Mine('val_loss', 4), build).search(x, y)\n")
    assert (found.strategy, found.options) == (None, {"max_trials": 4})
    assert set(lost(found)) == {"Mine"}


def test_callbacks_are_read_back(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import keras\nclass Helper(keras.callbacks.Callback):\n    def __init__(self, every=2):\n        self.every = every\n"
    )
    found = captured(
        tmp_path,
        """
import keras
from own import Helper

class Mine(keras.callbacks.Callback):
    def __init__(self, path):
        self.path = path

class Hidden(keras.callbacks.Callback):
    def __init__(self, model):
        self.kept = model

kt.RandomSearch(build, "val_loss").search(x, y, callbacks=[
    keras.callbacks.EarlyStopping("val_accuracy", patience=3, min_delta=0.01, mode="max", restore_best_weights=True),
    keras.callbacks.ReduceLROnPlateau(factor=0.5),
    keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
    Mine("a.txt"), Helper(every=5), Hidden(None),
])
""",
    )
    assert found.callbacks == (
        CapturedCallback(
            "EarlyStopping",
            {"monitor": "val_accuracy", "min_delta": 0.01, "patience": 3, "mode": "max", "restore_best_weights": True},
        ),
        CapturedCallback("ReduceLROnPlateau", {"factor": 0.5}),
        CapturedCallback("tune.py:Mine", {"path": "a.txt"}),
        CapturedCallback("own.py:Helper", {"every": 5}),
    )
    assert set(lost(found)) == {"LearningRateScheduler", "Hidden"}
    assert [file.name for file in found.files] == ["tune.py", "own.py"]


def test_a_dataset_is_not_carried(tmp_path: Path) -> None:
    found = captured(
        tmp_path,
        """
import tensorflow as tf
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(2)
kt.RandomSearch(build, "val_loss").search(data, validation_data=data)
""",
    )
    assert found.x is None
    assert [loss.what.split(" of type ")[0] for loss in found.lost] == ["x", "validation_data"]


def test_a_script_without_a_search(tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match=r"tune\.py ended without a search"):
        captured(tmp_path, "")


def test_a_script_that_fails_says_where(tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match="NameError") as caught:
        captured(tmp_path, "kt.RandomSearch(building, 'val_loss').search(x, y)\n")
    assert caught.value.line == 10


def test_a_script_that_trains_before_it_searches_is_refused(tmp_path: Path) -> None:
    text = "import keras\nm = keras.Sequential([keras.layers.Dense(1)])\nm.compile('sgd', 'mse')\nm.fit(x, y)\n"
    with pytest.raises(FitAtImportError) as caught:
        captured(tmp_path, text)
    assert caught.value.line == 13
