"""Small data sets and definitions for the trainer's tests; loaded once, for they never change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.definition import Data, Definition, ModelSpace, Objective, Search, Split, Train


@pytest.fixture(autouse=True)
def _users_models_may_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras warns of what users' models do (`input_shape=` in a layer); that is theirs to mend."""
    import warnings

    warnings.filterwarnings("ignore", category=UserWarning, module="keras")


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """300 of scikit-learn's digits as grey images of 8 by 8: 210 to train, 60 to validate, 30 held out."""
    from sklearn.datasets import load_digits

    from local_engine.data import load

    raw = load_digits()
    path = tmp_path_factory.mktemp("digits") / "digits.npz"
    np.savez(path, x=raw.images[:300].astype(np.float32) / 16, y=raw.target[:300])
    return load(Data(str(path)), "image-classification")


@pytest.fixture(scope="session")
def iris() -> Any:
    """scikit-learn's iris: a table of four numbers and three classes."""
    from local_engine.data import load

    return load(Data("builtin:iris"), "tabular-classification")


@pytest.fixture(scope="session")
def cancer() -> Any:
    """scikit-learn's breast_cancer: a table and two classes."""
    from local_engine.data import load

    return load(Data("builtin:breast_cancer"), "tabular-classification")


@pytest.fixture(scope="session")
def diabetes() -> Any:
    """scikit-learn's diabetes: a regression."""
    from local_engine.data import load

    return load(Data("builtin:diabetes"), "tabular-regression")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A table with a number and a category, 120 rows, two classes."""
    from local_engine.data import load

    generator = np.random.default_rng(1)
    lines = ["size,colour,label"]
    for _ in range(120):
        size, colour = generator.normal(), generator.choice(["red", "green", "blue"])
        lines.append(f"{size:.3f},{colour},{'yes' if size + (colour == 'red') > 0.3 else 'no'}")
    path = tmp_path_factory.mktemp("mixed") / "mixed.csv"
    path.write_text("\n".join(lines) + "\n")
    return load(Data(str(path), target="label"), "tabular-classification")


@pytest.fixture
def definition() -> Callable[..., Definition]:
    """Makes a definition of a task; keywords replace its fields."""

    def make(task: str = "image-classification", metric: str = "accuracy", **changes: Any) -> Definition:
        goal = "minimize" if metric in ("rmse", "mse", "mae", "mape", "log_loss", "loss") else "maximize"
        values: dict[str, Any] = {
            "name": "test",
            "task": task,
            "data": Data("builtin:digits", split=Split()),
            "objective": Objective(metric, goal),  # type: ignore[arg-type]
            "space": ModelSpace(None, "build"),
            "search": Search("random", seed=1),
            "train": Train(epochs=2, batch_size=70),
        }
        return Definition(**{**values, **changes})

    return make


@pytest.fixture
def trained(tmp_path: Path, definition: Callable[..., Definition]) -> Callable[..., Any]:
    """Trains what a function builds, on a data set, for some epochs; gives the artifact."""

    def train_it(build: Any, data: Any, *, epochs: int = 1, params: dict[str, Any] | None = None, **changes: Any) -> Any:
        from local_engine.space.builder import Builder
        from local_engine.training import SilentObserver, TrialBudget, train

        folder = changes.pop("folder", tmp_path / "trial")
        observer = changes.pop("observer", SilentObserver())
        seconds = changes.pop("seconds", None)
        return train(
            definition(data.task, **changes),
            params or {},
            data,
            TrialBudget(epochs, seconds),
            observer,
            folder=folder,
            builder=build if isinstance(build, Builder) else Builder.of(build),
            seed=3,
        )

    return train_it
