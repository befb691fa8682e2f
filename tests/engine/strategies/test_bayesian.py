"""Bayesian search: it finds more than random search does, and its surrogate sees every kind of hyperparameter faithfully."""

from __future__ import annotations

import importlib.util
import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine.definition import Value
from local_engine.errors import MissingDependencyError
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int
from local_engine.strategies.distributions import holds, modelled, recorded
from local_engine.study import Study

KINDS: list[HyperParameter] = [
    Int("a", 3, 17, 5),
    Int("b", 1, 1000, sampling="log"),
    Int("c", 2, 100, step=3, sampling="log"),
    Int("d", 1, 100, sampling="reverse_log"),
    Int("e", 5, 5),
    Float("f", -2, 3),
    Float("g", 0, 1, step=0.1),
    Float("h", 1e-5, 1, sampling="log"),
    Float("i", 1e-3, 10, step=10, sampling="log"),
    Float("j", 0.9, 0.999, sampling="reverse_log"),
    Choice("k", [10, 1, 100]),
    Choice("l", ["x", "y"]),
    Choice("m", [0.5, 0.25], ordered=False),
    Boolean("n"),
]


@pytest.mark.parametrize("parameter", KINDS, ids=repr)
@settings(max_examples=20, deadline=None)
@given(prob=st.integers(0, 2**31 - 1).map(lambda draw: draw / 2**31))
def test_values_survive_the_way_to_optuna_and_back(parameter: HyperParameter, prob: float) -> None:
    value = parameter.prob_to_value(prob)
    model, shown = modelled(parameter), recorded(parameter)
    assert model is not None and shown is not None
    assert holds(shown, value) and holds(model.distribution, model.encode(value))
    back = model.decode(model.encode(value))
    assert type(back) is type(value)
    assert back == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)


@pytest.mark.parametrize("parameter", [KINDS[3], KINDS[9]], ids=repr)
def test_the_ends_of_optunas_range_are_the_ends_of_ours(parameter: Int | Float) -> None:
    model = modelled(parameter)
    assert model is not None
    assert model.decode(0.0) == pytest.approx(parameter.min_value) and model.decode(1.0) == parameter.max_value


def test_a_fixed_value_is_not_searched_and_stands_in_the_record() -> None:
    assert modelled(Fixed("x", 3)) is None and recorded(Fixed("x", 3)) is None
    study = Study(Space((Fixed("x", 3), Float("y", 0, 1))), "bayesian", startup_trials=2, trials=5)
    while (trial := study.ask()) is not None:
        study.tell(trial, float(str(trial.params["y"])))
    assert {record.params["x"] for record in study.trials} == {3}


def worth(params: dict[str, Value]) -> float:
    """Best at rate 1e-3 under adam, or, a little less, at rate 0.1 with momentum 0.9 under sgd."""
    rate, momentum = float(str(params["rate"])), float(str(params.get("momentum", 0.9)))
    adam = params["optimizer"] == "adam"
    return -abs(math.log10(rate) - (-3 if adam else -1)) - (0.0 if adam else 0.2 + abs(momentum - 0.9))


def test_it_finds_more_than_random_search() -> None:
    space = Space(
        (
            Choice("optimizer", ["sgd", "adam"]),
            Float("rate", 1e-6, 1, sampling="log"),
            Float("momentum", 0, 1, conditions=[Parent("optimizer", ["sgd"])]),
        )
    )

    def median(strategy: str) -> float:
        best = []
        for seed in range(7):
            study = Study(space, strategy, seed=seed, trials=40)
            while (trial := study.ask()) is not None:
                study.tell(trial, worth(dict(trial.params)))
            assert study.best is not None and study.best.value is not None
            best.append(study.best.value)
        return statistics.median(best)

    assert median("bayesian") > median("random")


def test_what_building_discovers_is_modelled_too() -> None:
    """`hidden` decides everything, and the study learns of it from the first tell."""
    study = Study(Space.from_choices({"a": [1, 2]}), "bayesian", seed=2, trials=40, startup_trials=8)
    grown = Space((Choice("a", [1, 2]), Float("hidden", 0, 1)))
    while (trial := study.ask()) is not None:
        params = grown.complete(trial.params, trial.seed)
        study.tell(trial, -abs(float(params["hidden"]) - 0.7), params=params, space=grown)
    late = [abs(float(str(record.params["hidden"])) - 0.7) for record in study.trials[25:]]
    assert statistics.median(late) < 0.1


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
def test_the_gaussian_process_says_how_to_install_it() -> None:
    with pytest.raises(MissingDependencyError) as raised:
        Study(Space((Float("x", 0, 1),)), "bayesian", surrogate="gp")
    assert raised.value.hint == 'pip install "cloud-nas[gp]"'


def test_the_gaussian_process_searches() -> None:
    pytest.importorskip("torch")
    study = Study(Space((Float("x", 0, 1), Choice("y", [1, 2]))), "bayesian", surrogate="gp", startup_trials=4, trials=10)
    while (trial := study.ask()) is not None:
        study.tell(trial, -abs(float(str(trial.params["x"])) - 0.3))
    assert study.best is not None and study.best.value is not None and study.best.value > -0.1
