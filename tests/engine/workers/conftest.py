"""A search on few rows, trained by workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local_engine.data import load
from local_engine.definition import Budget, Code, Data, Definition, Final, ModelSpace, Objective, Search, Train
from local_engine.events import Event, TrialEnded
from local_engine.search import Outcome, search
from local_engine.study import Study, TrialRecord

PLAIN = """
import keras


def build(hp):
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(hp.Int("units", 4, 32, step=4), activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.Adam(hp.Float("rate", 1e-3, 1e-1, sampling="log")), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model
"""


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """300 of scikit-learn's digits as grey images of 8 by 8: the file, and what is loaded of it."""
    from sklearn.datasets import load_digits

    raw = load_digits()
    path = tmp_path_factory.mktemp("few") / "digits.npz"
    np.savez(path, x=raw.images[:300].astype(np.float32) / 16, y=raw.target[:300])
    return path, load(Data(str(path)), "image-classification")


@dataclass
class Searching:
    """A folder in which a model of the test's own is searched."""

    folder: Path
    source: Path
    data: Any
    model: str = PLAIN
    events: list[Event] = field(default_factory=list)

    def definition(self, **changes: Any) -> Definition:
        """Three random trials of three epochs, the best kept as it was."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "model.py"
        if not file.exists():
            file.write_text(self.model)
        settings: dict[str, Any] = {
            "search": Search("random", seed=7),
            "train": Train(epochs=3, batch_size=70),
            "final": Final("keep"),
            "budget": Budget(trials=3),
        }
        return Definition(
            name="few",
            task="image-classification",
            data=Data(str(self.source)),
            objective=Objective("accuracy", "maximize"),
            space=ModelSpace(str(file), "build"),
            code=Code(root=str(self.folder)),
            **(settings | changes),
        )

    def run(
        self,
        where: str = "run",
        *,
        parallel: int | None = 2,
        stop: Callable[[], str | None] = lambda: None,
        gpus: Sequence[str] | None = None,
        **changes: Any,
    ) -> Outcome:
        """Searches."""
        definition = self.definition(**changes)
        return search(
            definition,
            folder=self.folder / where,
            observer=self.events.append,
            data=self.data,
            stop=stop,
            parallel=parallel,
            gpus=gpus,
        )

    def trials(self, where: str = "run") -> list[TrialRecord]:
        """What the study knows."""
        with Study.open(self.folder / where / "study.sqlite3") as study:
            return study.trials

    def values(self) -> dict[int, float | None]:
        """Number -> value of the trials that were said to be done."""
        return {event.number: event.value for event in self.events if isinstance(event, TrialEnded) and event.state == "done"}


@pytest.fixture
def searching(tmp_path: Path, few: tuple[Path, Any]) -> Callable[..., Searching]:
    """Makes searches in a folder of the test's own."""

    def make(model: str = PLAIN) -> Searching:
        return Searching(tmp_path / "project", *few, model)

    return make


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, few: tuple[Path, Any]) -> dict[int, float | None]:
    """The values of four trials that this process trained."""
    here = Searching(tmp_path_factory.mktemp("here"), *few)
    here.run(parallel=0, budget=Budget(trials=4))
    return here.values()
