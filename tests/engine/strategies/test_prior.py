"""Beginning from what another study found: it is learnt from, fits the space or is left out, counts to nothing, and is kept."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from local_engine.definition import Prior, Value
from local_engine.errors import StrategyError
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int
from local_engine.strategies import OPTIONS, create
from local_engine.strategies.options import LEARNING
from local_engine.strategies.prior import fitting
from local_engine.study import Study

RATE = Space((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))
SURROGATES = [
    "tpe",
    pytest.param("gp", marks=pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")),
]


def worth(params: Any) -> float:
    return -((params["x"] - 0.8) ** 2) - (params["y"] - 0.2) ** 2


def known(count: int = 30) -> list[Prior]:
    """What a random search of the same objective found."""
    study = Study(RATE, seed=5, trials=count)
    while (trial := study.ask()) is not None:
        study.tell(trial, worth(trial.params))
    return [Prior(record.params, record.value) for record in study.trials if record.value is not None]


@pytest.mark.parametrize("surrogate", SURROGATES)
def test_the_first_proposals_already_know_where_it_is_good(surrogate: str) -> None:
    firsts = {}
    for prior in ((), known()):
        study = Study(RATE, "bayesian", trials=6, prior=prior, surrogate=surrogate)
        while (trial := study.ask()) is not None:
            study.tell(trial, worth(trial.params))
        firsts[bool(prior)] = [worth(record.params) for record in study.trials]
    assert sum(firsts[True]) / 6 > -0.1 > sum(firsts[False]) / 6


def test_prior_trials_are_none_of_the_studys_own() -> None:
    prior = known()
    study = Study(RATE, "bayesian", trials=3, prior=prior)
    numbers = []
    while (trial := study.ask()) is not None:
        numbers.append(trial.number)
        study.tell(trial, worth(trial.params) - 1)
    assert numbers == [0, 1, 2] and len(study.trials) == 3
    assert study.best is not None and study.best.value in {record.value for record in study.trials}
    assert study.settings.prior == tuple(prior) and study.expectation.trials == 3


def test_the_startup_is_random_until_enough_is_known_from_both() -> None:
    asked = {}
    for count in (0, 9, 10):
        trial = Study(RATE, "bayesian", seed=1, prior=known()[:count]).ask()
        assert trial is not None
        asked[count] = trial.params
    assert asked[0] == asked[9] != asked[10]


def test_a_study_opened_again_proposes_as_an_undisturbed_one(tmp_path: Path) -> None:
    path = tmp_path / "study.sqlite3"
    undisturbed = Study(RATE, "bayesian", trials=3, prior=known())
    Study(RATE, "bayesian", trials=3, prior=known(), storage=path).close()
    for _ in range(3):
        trial = undisturbed.ask()
        with Study.open(path) as study:
            again = study.ask()
            assert trial is not None and again is not None and again.params == trial.params
            study.tell(again, worth(again.params))
        undisturbed.tell(trial, worth(trial.params))


def test_a_study_of_the_first_schema_opens_goes_on_and_has_no_prior(tmp_path: Path) -> None:
    path = tmp_path / "study.sqlite3"
    Study(RATE, "hyperband", max_epochs=3, storage=path).close()
    with sqlite3.connect(path) as connection:
        ((text,),) = connection.execute("SELECT value_json FROM study_system_attributes WHERE key = 'local_engine:study'")
        value = json.loads(text)
        assert value.pop("schema") == 2 and value.pop("prior") == []
        del value["options"]["asynchronous"]
        connection.execute(
            "UPDATE study_system_attributes SET value_json = ? WHERE key = 'local_engine:study'",
            (json.dumps({"schema": 1, **value}),),
        )
    connection.close()
    with Study.open(path) as study:
        assert study.settings.prior == () and study.ask() is not None
        study.limit(4)
        assert study.settings.trials == 4


def test_strategies_that_do_not_learn_refuse_it() -> None:
    assert {name for name in OPTIONS if create(name).learns} == LEARNING
    for strategy in set(OPTIONS) - LEARNING:
        with pytest.raises(StrategyError, match="does not learn from results") as caught:
            Study(RATE, strategy, max_epochs=3, prior=known(1))
        assert caught.value.hint == "these do: bayesian"
    with pytest.raises(StrategyError, match="finite"):
        Study(RATE, "bayesian", prior=[Prior({"x": 0.5, "y": 0.5}, float("nan"))])


@pytest.mark.parametrize(
    ("parameter", "inside", "outside"),
    [
        (Int("a", 3, 17, 5), [3, 13], [4, 18, "3", True]),
        (Int("a", 1, 100, sampling="log"), [1, 100], [0, 101, 2.5, False]),
        (Float("a", 0.0, 1.0, step=0.25), [0.25, 1], [0.3, 1.25, True]),
        (Float("a", 0.5, 0.9, sampling="reverse_log"), [0.5, 0.9], [0.4, 0.95, "x"]),
        (Choice("a", ["x", "y"]), ["x"], ["z", 1]),
        (Choice("a", [1, 2]), [1], [3, True]),
        (Boolean("a"), [True, False], [1, "true"]),
        (Fixed("a", 7), [7], [8]),
    ],
    ids=repr,
)
def test_a_value_outside_the_space_leaves_the_trial_out(
    parameter: HyperParameter, inside: list[Value], outside: list[Value]
) -> None:
    space = Space((parameter, Boolean("b")))
    prior = [Prior({"a": value, "b": True}, 1.0) for value in (*inside, *outside)]
    assert fitting(space, prior) == prior[: len(inside)]


def test_what_the_space_does_not_know_is_passed_over_and_what_is_not_active_too() -> None:
    space = Space((Choice("kind", ["a", "b"]), Int("size", 1, 3, conditions=[Parent("kind", ["a"])])))
    prior = [
        Prior({"kind": "b", "size": 9, "colour": "red"}, 1.0),
        Prior({"kind": "a"}, 2.0),
        Prior({"colour": "red"}, 3.0),
        Prior({"size": 2}, 4.0),
    ]
    assert fitting(space, prior) == [Prior({"kind": "b"}, 1.0), Prior({"kind": "a"}, 2.0)]
    assert fitting(space, prior, whole=True) == [Prior({"kind": "b"}, 1.0)]


def test_a_prior_that_does_not_fit_changes_nothing() -> None:
    strange = [Prior({"x": 7.0, "y": 0.5}, 1.0), Prior({"z": 1}, 2.0)] * 10
    asked = [Study(RATE, "bayesian", seed=2, prior=prior).ask() for prior in ((), strange)]
    assert asked[0] is not None and asked[1] is not None and asked[0].params == asked[1].params


def test_what_building_discovers_makes_the_prior_count_for_it() -> None:
    """A space that is known to have `x` alone at first; the prior knows of `y` too."""
    study = Study(Space((Float("x", 0.0, 1.0),)), "bayesian", trials=8, prior=known())
    while (trial := study.ask()) is not None:
        params = {"y": 0.9, **trial.params}
        study.tell(trial, worth(params), params=params, space=RATE)
    found = [float(record.params["y"]) for record in study.trials[1:]]
    assert sum(found) / len(found) < 0.45
