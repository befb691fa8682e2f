"""Beside keras-tuner 1.4.8 itself, in an environment of its own: the same spaces, the same values, the same captured script."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local_engine import HyperParameters, Space
from local_engine.space.builder import Builder
from local_engine.space.discovery import explore

HERE = Path(__file__).parent
BUILDERS = HERE / "builders"
SEEDS = 200

pytestmark = pytest.mark.slow


def module(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


asking, generated = module(BUILDERS / "asking.py"), module(BUILDERS / "generated.py")
KEYS = [*(function.__name__ for function in asking.ALL), *range(SEEDS)]


@pytest.fixture(scope="module")
def python() -> Path:
    path: Path = module(HERE / "keras_tuner_environment.py").python_with_keras_tuner()
    return path


def ask(python: Path, questions: list[dict[str, Any]], *, defaults: bool) -> Any:
    done = subprocess.run(
        [str(python), str(BUILDERS / "theirs.py")],
        input=json.dumps({"questions": questions, "defaults": defaults}),
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


class Estimator:
    def fit(self) -> None: ...
    def predict(self) -> None: ...


def function_of(key: str | int, steady: bool = False) -> Any:
    return generated.program(key, steady) if isinstance(key, int) else getattr(asking, key)


def explored(key: str | int, steady: bool = False) -> HyperParameters:
    function = function_of(key, steady)

    def build(hp: HyperParameters) -> Estimator:
        function(hp)
        return Estimator()

    return explore(Builder.of(build))


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_discovered_spaces_values_and_draws_are_the_same(python: Path) -> None:
    """Keras Tuner draws values for what a woken scope holds, without a seed; here both take defaults, to be comparable."""
    theirs = ask(python, [{"builder": key} for key in KEYS], defaults=True)
    compared = 0
    for key, found in zip(KEYS, theirs, strict=True):
        ours = explored(key)
        if "error" in found:
            continue
        compared += 1
        assert plain(ours.get_config()) == found["config"], key
        assert plain([[parameter.random_sample(seed) for seed in range(5)] for parameter in ours.space]) == found["samples"], key
    assert compared >= 150


def test_spaces_are_those_of_keras_tuner_as_it_is(python: Path) -> None:
    """Nothing is changed in keras-tuner here: these builders ask for the same, whatever a woken scope is given."""
    theirs = ask(python, [{"builder": seed, "steady": True} for seed in range(SEEDS)], defaults=False)
    compared = 0
    for seed, found in zip(range(SEEDS), theirs, strict=True):
        if "error" in found:
            continue
        compared += 1
        assert plain(explored(seed, steady=True).get_config()) == found["config"], seed
    assert compared >= 150


def test_the_same_assignment_gives_the_same_values(python: Path) -> None:
    questions = []
    for key in KEYS:
        hp = explored(key)
        space = Space.from_hyperparameters(hp)
        values = [space.sample(seed) for seed in range(4)]
        questions.append({"builder": key, "config": plain(hp.get_config()), "values": plain(values)})
    theirs = ask(python, questions, defaults=False)
    for question, answers in zip(questions, theirs, strict=True):
        build = function_of(question["builder"])
        for values, answer in zip(question["values"], answers, strict=True):
            hp = HyperParameters.from_config(question["config"])
            hp.values = dict(values)
            assert plain(build(hp)) == answer["given"], question["builder"]
            assert plain(hp.get_config()) == answer["config"], question["builder"]


SCRIPT = """
import keras_tuner as kt
from kerastuner.tuners import RandomSearch
import numpy as np

class Model(kt.HyperModel):
    def build(self, hp):
        import keras
        model = keras.Sequential([keras.layers.Dense(hp.Int("units", 2, 4)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    def fit(self, hp, model, *args, **kwargs):
        return model.fit(*args, batch_size=hp.Choice("batch", [2, 4]), **kwargs)

class Mine(RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
        return super().run_trial(trial, *args, **kwargs)

model = Model()
oracle = kt.oracles.RandomSearchOracle(objective="val_loss", max_trials=9)
kt.Tuner(oracle, model, directory="made", project_name="by")
tuner = Mine(model, kt.Objective("val_loss", "min"), 4, directory="made", project_name="by", executions_per_trial=2)
tuner.search_space_summary()
tuner.reload()
tuner.get_best_models()
tuner.search(np.zeros((4, 2)), np.zeros(4), epochs=3)
"""

CAPTURE = """
import json, sys
from pathlib import Path
import keras_tuner
before = keras_tuner.Tuner.__dict__["__init__"]
from local_engine.definition import ModelSpace
from local_engine.space.builder import load_builder
from local_engine.space.capture import capture
from local_engine.space.flat import Space
found = capture(Path("tune.py"))
builder = load_builder(ModelSpace(str(found.script), "model"))
print(json.dumps({
    "builder": found.builder, "instance": found.instance, "strategy": found.strategy, "options": found.options,
    "objective": [found.objectives[0].name, found.objectives[0].direction], "epochs": found.epochs, "shape": list(found.x.shape),
    "lost": sorted(loss.what for loss in found.lost), "stopped_at": builder.stopped_at, "fit": builder.fit is not None,
    "keys": list(Space.from_builder(builder).keys), "files": sorted(path.name for path in Path().iterdir()),
    "restored": keras_tuner.Tuner.__dict__["__init__"] is before,
}))
"""


def test_a_script_is_captured_where_keras_tuner_is_installed(python: Path, tmp_path: Path) -> None:
    (tmp_path / "tune.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[2]), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [str(python), "-c", CAPTURE], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == {
        "builder": "model",
        "instance": True,
        "strategy": "random",
        "options": {"max_trials": 4, "directory": "made", "project_name": "by", "executions_per_trial": 2},
        "objective": ["val_loss", "min"],
        "epochs": 3,
        "shape": [4, 2],
        "lost": ["Mine.run_trial", "executions_per_trial=2"],
        "stopped_at": 27,
        "fit": True,
        "keys": ["units"],
        "files": ["tune.py"],
        "restored": True,
    }
