"""`init --from`: a whole Keras Tuner script, as people have them, becomes a spec that says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloud_nas.errors import CloudNasError, NotFoundError, UsageError
from cloud_nas.operations.check import check
from cloud_nas.operations.from_script import from_script
from cloud_nas.operations.initialize import Starter
from cloud_nas.spec import LoadedSpec, load

HEAD = """\
import numpy as np
import keras_tuner as kt
from sklearn.linear_model import LogisticRegression, Ridge

x = np.random.default_rng(0).normal(size=(100, 4))
y = np.arange(100) % 2


def build(hp):
    return LogisticRegression(C=hp.Float("C", 0.1, 10.0))


def build_number(hp):
    return Ridge(hp.Float("alpha", 0.1, 10.0))


"""


def convert(folder: Path, tail: str, name: str = "tune.py", head: str = HEAD) -> tuple[Starter, LoadedSpec, dict[str, Any]]:
    """The starter, its spec read back, and the arrays beside it."""
    (folder / name).write_text(head + tail)
    starter = from_script(None, folder / name)
    data = folder / f"{Path(name).stem}-data.npz"
    arrays = dict(np.load(data)) if data.exists() else {}
    return starter, load(starter.spec), arrays


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(HEAD.splitlines(), 1) if text in line)


SEARCH = len(HEAD.splitlines()) + 2
"""The line of `search` in scripts whose tail is a tuner on one line and a search on the next."""


def test_hyperband_with_arrays(tmp_path: Path) -> None:
    starter, loaded, arrays = convert(
        tmp_path,
        'tuner = kt.Hyperband(build, objective="val_accuracy", max_epochs=9, factor=4, hyperband_iterations=2, seed=11, '
        'project_name="my search")\n'
        "tuner.search(x, y, epochs=50, batch_size=16)\nraise SystemExit('not reached')\n",
    )
    spec = loaded.spec
    assert spec.name == "my-search" and spec.task == "tabular-classification"
    assert spec.space.model == "tune.py:build"
    assert (spec.search.strategy, spec.search.seed, spec.search.model_extra) == (
        "hyperband",
        11,
        {"factor": 4, "iterations": 2, "asynchronous": False},
    )
    assert (spec.train.epochs, spec.train.batch_size, spec.budget.trials) == (9, 16, None)
    assert (spec.objective.metric, spec.objective.goal) == ("accuracy", "maximize")
    assert (spec.data.source, spec.data.scale, spec.data.split.validation, spec.data.split.test) == (
        "tune-data.npz",
        "none",
        0.2,
        0.1,
    )
    assert arrays["x"].shape == (100, 4) and arrays["x"].dtype == np.float32
    assert (arrays["y"] == np.arange(100) % 2).all()
    assert starter.notes[0] == f"tune.py:{SEARCH}: epochs=50 is overridden by max_epochs=9, as Keras Tuner does"
    assert f"tune.py:{SEARCH}: `search` gets no validation rows: 0.2 of these are taken" in starter.notes


def test_the_spec_of_a_script_passes_check(tmp_path: Path) -> None:
    starter, _, _ = convert(tmp_path, 'tuner = kt.RandomSearch(build, "val_accuracy", 5)\ntuner.search(x, y)\n')
    assert check(starter.spec).diagnostics == ()


@pytest.mark.parametrize(
    ("tuner", "strategy", "options", "trials"),
    [
        ('kt.RandomSearch(build, objective="val_accuracy", max_trials=7)', "random", {}, 7),
        ('kt.RandomSearch(build, objective="val_accuracy")', "random", {}, 10),
        ('kt.GridSearch(build, objective="val_accuracy")', "grid", {}, None),
        ('kt.GridSearch(build, objective="val_accuracy", max_trials=3)', "grid", {}, 3),
        ('kt.BayesianOptimization(build, "val_accuracy", 12, 4)', "bayesian", {"startup_trials": 4}, 12),
        ('kt.Tuner(oracle=kt.oracles.RandomSearchOracle("val_accuracy", 6), hypermodel=build)', "random", {}, 6),
        (
            "kt.SklearnTuner(hypermodel=build, oracle=kt.oracles.BayesianOptimizationOracle("
            'objective=kt.Objective("score", "max"), max_trials=4))',
            "bayesian",
            {},
            4,
        ),
    ],
)
def test_tuners(tuner: str, strategy: str, options: dict[str, Any], trials: int | None, tmp_path: Path) -> None:
    _, loaded, _ = convert(tmp_path, f"tuner = {tuner}\ntuner.search(x, y)\n")
    spec = loaded.spec
    assert (spec.search.strategy, spec.budget.trials) == (strategy, trials)
    assert options.items() <= (spec.search.model_extra or {}).items()
    assert spec.objective.metric == "accuracy"


@pytest.mark.parametrize(
    ("objective", "metric", "goal", "note"),
    [
        ('"val_loss"', "loss", "minimize", None),
        ('kt.Objective("val_auc", "max")', "auc", "maximize", None),
        ('kt.Objective("val_own_score", direction="min")', "own_score", "minimize", None),
        ('"accuracy"', "accuracy", "maximize", "accuracy is of the training rows in the script"),
        ("None", "loss", "minimize", "no objective is named: the loss is taken"),
        ('["val_accuracy", "val_loss"]', "accuracy", "maximize", "the objective val_loss is not carried"),
    ],
)
def test_objectives(objective: str, metric: str, goal: str, note: str | None, tmp_path: Path) -> None:
    starter, loaded, _ = convert(tmp_path, f"tuner = kt.RandomSearch(build, {objective})\ntuner.search(x, y)\n")
    assert (loaded.spec.objective.metric, loaded.spec.objective.goal) == (metric, goal)
    assert note is None or any(note in said for said in starter.notes)


@pytest.mark.parametrize(
    ("arguments", "share", "rows"),
    [
        ("x, y, validation_split=0.25", 0.25, 100),
        ("x[:60], y[:60], validation_data=(x[60:80], y[60:80])", 0.25, 80),
        ("x, y", 0.2, 100),
    ],
)
def test_validation(arguments: str, share: float, rows: int, tmp_path: Path) -> None:
    _, loaded, arrays = convert(tmp_path, f'tuner = kt.RandomSearch(build, "val_accuracy")\ntuner.search({arguments})\n')
    assert loaded.spec.data.split.validation == share
    assert len(arrays["x"]) == len(arrays["y"]) == rows


@pytest.mark.parametrize(
    ("x", "y", "objective", "task"),
    [
        ("x", "y", "val_loss", "tabular-classification"),
        ("x", "y.astype(float)", "val_mae", "tabular-regression"),
        ("x", "x[:, 0]", "val_loss", "tabular-regression"),
        ("x", "np.eye(2)[y]", "val_accuracy", "tabular-classification"),
        ("x.reshape(100, 2, 2)", "y", "val_accuracy", "image-classification"),
        ("(x * 9).astype('uint8').reshape(100, 2, 2)", "y[:, None]", "val_accuracy", "image-classification"),
    ],
)
def test_the_task(x: str, y: str, objective: str, task: str, tmp_path: Path) -> None:
    _, loaded, arrays = convert(tmp_path, f'tuner = kt.RandomSearch(build, "{objective}")\ntuner.search({x}, {y})\n')
    assert loaded.spec.task == task
    assert arrays["y"].ndim == 1
    assert arrays["x"].dtype == (np.uint8 if "uint8" in x else np.float32)


def test_a_loss_in_the_script_tells_a_number_from_a_class(tmp_path: Path) -> None:
    head = HEAD.replace("    return Ridge(", '    settings = dict(loss="mse")\n    return Ridge(')
    _, loaded, _ = convert(tmp_path, 'tuner = kt.RandomSearch(build_number, "val_loss")\ntuner.search(x, y * 1.0)\n', head=head)
    assert loaded.spec.task == "tabular-regression" and loaded.spec.data.split.stratify is False


def test_callbacks(tmp_path: Path) -> None:
    head = (
        "import keras\n"
        + HEAD
        + """\
class Own(keras.callbacks.Callback):
    def __init__(self, limit=3):
        super().__init__()
        self.limit = limit


callbacks = [
    keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True, baseline=0.5),
    keras.callbacks.ReduceLROnPlateau(factor=0.5),
    keras.callbacks.TensorBoard("logs"),
    keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
    Own(limit=4),
]
"""
    )
    tail = 'tuner = kt.RandomSearch(build, "val_accuracy")\ntuner.search(x, y, callbacks=callbacks)\n'
    starter, loaded, _ = convert(tmp_path, tail, head=head)
    train = loaded.spec.train
    assert train.stop_early is not None and (train.stop_early.monitor, train.stop_early.patience) == ("val_loss", 2)
    assert train.callbacks == [{"ReduceLROnPlateau": {"factor": 0.5}}, {"tune.py:Own": {"limit": 4}}]
    lost = [note for note in starter.notes if "is not carried" in note]
    assert [note.split(": ")[1].split(" is")[0] for note in lost] == [
        "LearningRateScheduler",
        "EarlyStopping(baseline=0.5)",
        "TensorBoard",
    ]
    comments = [line for line in starter.spec.read_text().splitlines() if line.startswith("# tune.py:")]
    assert comments == [f"# {note}" for note in lost]


def test_what_cannot_be_carried_is_said_with_its_line(tmp_path: Path) -> None:
    head = HEAD + "class Mine(kt.RandomSearch):\n    def run_trial(self, trial, *args, **kwargs):\n        return 1.0\n\n\n"
    tail = 'tuner = Mine(build, "val_accuracy", executions_per_trial=3)\ntuner.search(x, y, class_weight={0: 1, 1: 2})\n'
    starter, _, _ = convert(tmp_path, tail, head=head)
    first = len(HEAD.splitlines())
    lost = [note for note in starter.notes if "is not carried" in note]
    assert [note.split(" is not")[0] for note in lost] == [
        f"tune.py:{first + 2}: Mine.run_trial",
        f"tune.py:{first + 6}: executions_per_trial=3",
        f"tune.py:{first + 7}: class_weight",
    ]


def test_rows_that_are_no_arrays(tmp_path: Path) -> None:
    tail = 'tuner = kt.RandomSearch(build, "val_accuracy")\ntuner.search((pair for pair in zip(x, y)))\n'
    (tmp_path / "tune.py").write_text(HEAD + tail)
    starter = from_script(None, tmp_path / "tune.py")
    assert any(f"tune.py:{SEARCH}: x of type generator is not carried" in note for note in starter.notes)
    assert not (tmp_path / "tune-data.npz").exists()
    found = check(starter.spec, build=False)
    assert [one.code for one in found.diagnostics] == ["CN201"]


def test_another_folder_gets_copies_of_the_script_and_its_helpers(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("SIZE = 3\n")
    (tmp_path / "tune.py").write_text(
        "from helper import SIZE\n" + HEAD + 'tuner = kt.RandomSearch(build, "val_accuracy", SIZE)\ntuner.search(x, y)\n'
    )
    starter = from_script(tmp_path / "new", tmp_path / "tune.py")
    assert {path.name for path in starter.files} == {
        "spec.yaml",
        "tune-data.npz",
        "tune.py",
        "helper.py",
        "cloud-nas.schema.json",
    }
    assert load(starter.spec).spec.budget.trials == 3
    assert check(starter.spec).diagnostics == ()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("x = 1\n", "tune.py ended without a search"),
        ("def x(:\n", "tune.py is not Python"),
        ("raise ValueError('no')\n", "importing tune.py failed: ValueError: no"),
        (
            HEAD + 'kt.RandomSearch(lambda hp: None, "val_accuracy").search(x, y)\n',
            "tune.py gives its tuner a model that a spec cannot name",
        ),
        (HEAD + 'kt.RandomSearch(build, "val_accuracy").search(x, y[:5])\n', "the script's x has 100 rows and its y has 5"),
        (
            HEAD + 'kt.RandomSearch(build, "val_accuracy").search(x, y * 0)\n',
            "y has one value only, so there is nothing to learn",
        ),
    ],
)
def test_scripts_that_make_no_spec(script: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "tune.py").write_text(script)
    with pytest.raises(CloudNasError) as caught:
        from_script(None, tmp_path / "tune.py")
    assert caught.value.message.startswith(message) and caught.value.exit_status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tune.py"]


def test_no_script_and_files_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        from_script(None, tmp_path / "nowhere.py")
    (tmp_path / "tune.py").write_text("raise SystemExit('never run')")
    (tmp_path / "tune-data.npz").write_text("")
    with pytest.raises(UsageError, match=r"tune-data\.npz is already in"):
        from_script(None, tmp_path / "tune.py")
