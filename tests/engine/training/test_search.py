"""A whole search: the same numbers again, caps, failures, stopping and going on, what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from local_engine.definition import Budget, Definition, Final, Search, Train
from local_engine.events import EpochEnded, Event, FinalStarted, Note, SearchEnded, SearchStarted, TrialEnded, TrialStarted
from local_engine.search import Outcome, search
from local_engine.search.spending import Spending
from local_engine.space.builder import Builder


def build(hp: Any) -> Any:
    model = keras.Sequential([keras.Input((8, 8)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(hp.Int("units", 4, 32, step=4), activation="relu"))
    model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.Adam(hp.Float("rate", 1e-3, 1e-1, sampling="log"))
    # Eagerly, for these few steps: tracing would take most of the test's time, and the traced path is tested elsewhere.
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    return model


def forest(hp: Any) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 8))


Run = Callable[..., tuple[Outcome, list[Event]]]


@pytest.fixture
def run(digits: Any, definition: Callable[..., Definition], tmp_path: Path) -> Run:
    """Runs a search on the digits."""

    def go(folder: str = "run", function: Any = build, stop: Any = lambda events: None, **changes: Any) -> Any:
        events: list[Event] = []
        changes.setdefault("budget", Budget(trials=2))
        outcome = search(
            definition(**changes),
            folder=tmp_path / folder,
            observer=events.append,
            builder=Builder.of(function),
            data=digits,
            stop=lambda: stop(events),
        )
        return outcome, events

    return go


def _values(events: list[Event]) -> list[tuple[int, float | None]]:
    return [(event.number, event.value) for event in events if isinstance(event, TrialEnded) and event.state == "done"]


def _weights(folder: Path) -> list[np.ndarray]:
    return keras.models.load_model(folder / "model.keras", compile=False).get_weights()


RANDOM = {"search": Search("random", seed=7), "final": Final("keep")}
HYPERBAND = {"search": Search("hyperband", seed=7), "train": Train(epochs=3, batch_size=70), "budget": Budget()}


@pytest.mark.parametrize("changes", [RANDOM, pytest.param(HYPERBAND, marks=pytest.mark.slow)], ids=["random", "hyperband"])
def test_the_same_search_gives_the_same_numbers(run: Run, changes: dict[str, Any]) -> None:
    first, events = run("one", **changes)
    second, others = run("two", **changes)
    assert [e for e in events if isinstance(e, EpochEnded)] == [e for e in others if isinstance(e, EpochEnded)]
    assert first.best is not None and second.best is not None
    assert (first.best.number, first.best.value, first.reason) == (second.best.number, second.best.value, "complete")
    assert first.model is not None and second.model is not None
    assert all(np.array_equal(a, b) for a, b in zip(_weights(first.model), _weights(second.model), strict=True))


def test_what_is_said_and_left(run: Run, tmp_path: Path) -> None:
    outcome, events = run()
    kinds = [type(event) for event in events if not isinstance(event, EpochEnded)]
    assert kinds == [SearchStarted, TrialStarted, TrialEnded, TrialStarted, TrialEnded, FinalStarted, SearchEnded]
    assert outcome.best is not None and outcome.model == tmp_path / "run/model"
    assert outcome.best.value == max(value or 0.0 for _, value in _values(events))
    metrics = json.loads((outcome.model / "metrics.json").read_text())
    assert 0 <= metrics["test"]["accuracy"] <= 1 and metrics["value"] == outcome.best.value
    assert json.loads((outcome.model / "manifest.json").read_text())["fit"] == "train+validation"
    with_models = [path.parent.name for path in (tmp_path / "run/trials").glob("*/model.keras")]
    assert with_models == [str(outcome.best.number)]
    assert len(list((tmp_path / "run/trials").glob("*/metrics.json"))) == 2
    assert (outcome.done, outcome.failed, outcome.pruned, outcome.total) == (2, 0, 0, 2)


def test_the_best_is_kept_as_it_was(run: Run, tmp_path: Path) -> None:
    outcome, _ = run(final=Final("keep", "all"))
    assert outcome.model is not None and outcome.best is not None
    trial = tmp_path / "run/trials" / str(outcome.best.number)
    assert (outcome.model / "model.keras").read_bytes() == (trial / "model.keras").read_bytes()
    assert len(list((tmp_path / "run/trials").glob("*/model.keras"))) == 2


def test_a_stopped_search_goes_on_to_the_same_end(run: Run) -> None:
    def in_the_second_trial(events: list[Event]) -> str | None:
        epochs = [event for event in events if isinstance(event, EpochEnded) and event.number == 1]
        return "interrupted" if len(epochs) == 1 else None

    changes = {"train": Train(epochs=3, batch_size=70), "budget": Budget(trials=2), "final": Final("keep")}
    stopped, said = run("one", stop=in_the_second_trial, **changes)
    assert (stopped.reason, stopped.model, stopped.done) == ("interrupted", None, 1)
    resumed, events = run("one", **changes)
    whole, undisturbed = run("two", **changes)
    assert _values(said) + _values(events) == _values(undisturbed)
    assert [(event.number, event.epoch) for event in events if isinstance(event, EpochEnded)][:2] == [(1, 2), (1, 3)]
    assert resumed.best is not None and whole.best is not None and resumed.best.params == whole.best.params
    assert resumed.model is not None and whole.model is not None
    assert all(np.array_equal(a, b) for a, b in zip(_weights(resumed.model), _weights(whole.model), strict=True))


def test_more_trials_later(run: Run) -> None:
    run("run", forest, budget=Budget(trials=2))
    outcome, events = run("run", forest, budget=Budget(trials=4))
    assert [event.number for event in events if isinstance(event, TrialStarted)] == [2, 3]
    assert outcome.done == 4


def test_the_cap_on_epochs_ends_in_the_middle_of_a_trial_whose_value_counts(run: Run) -> None:
    outcome, events = run(train=Train(epochs=4, batch_size=70), budget=Budget(epochs=3), final=Final("keep"))
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [1, 2, 3]
    assert outcome.reason == "the epochs are used up"
    assert outcome.best is not None and outcome.best.number == 0 and outcome.model is not None
    more, events = run(train=Train(epochs=4, batch_size=70), budget=Budget(epochs=5), final=Final("keep"))
    assert [(event.number, event.epoch) for event in events if isinstance(event, EpochEnded)] == [(0, 4), (1, 1)]
    assert more.done == 1


def test_the_time_is_kept_between_epochs(run: Run) -> None:
    outcome, events = run(train=Train(epochs=4, batch_size=70), budget=Budget(seconds=1e-3), final=Final("keep"))
    assert outcome.reason == "the time is over" and outcome.model is not None
    assert len([event for event in events if isinstance(event, EpochEnded)]) == 1


def test_time_adds_up_over_attempts(tmp_path: Path) -> None:
    now = [0.0]
    first = Spending(tmp_path, Budget(seconds=10), [], clock=lambda: now[0])
    first.begin()
    now[0] = 6.0
    first.note()
    second = Spending(tmp_path, Budget(seconds=10), [(0, 3)], clock=lambda: now[0])
    second.begin()
    assert (second.seconds, second.epochs, second.all_spent()) == (6.0, 3, None)
    now[0] = 10.0
    assert second.all_spent() == "the time is over"


def test_failures_are_recorded_and_three_alike_end_it(run: Run) -> None:
    def fails(hp: Any) -> Any:
        if hp.Int("depth", 1, 8) > 1:
            raise RuntimeError("no such depth")
        return forest(hp)

    outcome, events = run("bad", fails, budget=Budget(trials=9))
    reasons = {event.reason for event in events if isinstance(event, TrialEnded) and event.state == "failed"}
    assert reasons and all("RuntimeError: no such depth" in str(reason) for reason in reasons)
    assert outcome.failed >= 3 and outcome.reason in reasons

    def sometimes(hp: Any) -> Any:
        if hp.Int("depth", 1, 8) % 2 == 0:
            raise RuntimeError(f"depth {hp.get('depth')}")
        return forest(hp)

    outcome, _ = run("good", sometimes, budget=Budget(trials=6), search=Search("grid"))
    assert (outcome.done, outcome.failed, outcome.reason) == (3, 3, "complete")


def test_a_final_fit_that_fails_leaves_the_trials_model(run: Run) -> None:
    from local_engine import HyperModel

    class NeedsValidation(HyperModel):
        def build(self, hp: Any) -> Any:
            return build(hp)

        def fit(self, hp: Any, model: Any, x: Any, y: Any, validation_data: Any, **kwargs: Any) -> Any:
            return model.fit(x, y, validation_data=validation_data, **kwargs)

    outcome, events = run("run", NeedsValidation(), budget=Budget(trials=1))
    assert outcome.model is not None
    assert any(isinstance(event, Note) and "final fit failed" in event.message for event in events)


def test_estimators_end_as_models_too(run: Run) -> None:
    outcome, _ = run("run", forest)
    assert outcome.model is not None and (outcome.model / "model.skops").is_file()
    assert json.loads((outcome.model / "metrics.json").read_text())["test"]["accuracy"] > 0.2
