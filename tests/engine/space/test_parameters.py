"""Hyperparameters: values and probabilities, both ways; configurations; Keras Tuner's errors."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_engine.space import parameters
from local_engine.space.conditions import Parent
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int

SAMPLINGS = st.sampled_from(["linear", "log", "reverse_log"])


@st.composite
def ints(draw: st.DrawFn) -> Int:
    sampling = draw(SAMPLINGS)
    low = draw(st.integers(1, 50))
    high = low + draw(st.integers(0, 500))
    step = draw(st.none() | st.integers(2, 9))
    return Int("n", low, high, step=step, sampling=sampling)


@st.composite
def stepped_floats(draw: st.DrawFn) -> Float:
    low = draw(st.sampled_from([0.0, 0.1, 0.3, 1.0, -2.0]))
    step = draw(st.sampled_from([0.1, 0.05, 0.2, 0.25, 0.3, 1.0]))
    return Float("f", low, low + step * draw(st.integers(0, 30)), step=step)


discrete = st.one_of(
    ints(),
    stepped_floats(),
    st.lists(st.integers(), min_size=1, max_size=9, unique=True).map(lambda values: Choice("c", values)),
    st.lists(st.text(max_size=4), min_size=1, max_size=9, unique=True).map(lambda values: Choice("c", values)),
    st.booleans().map(lambda default: Boolean("b", default)),
    st.one_of(st.integers(), st.booleans(), st.text(max_size=3)).map(lambda value: Fixed("x", value)),
)


@given(discrete, st.floats(0, 1, exclude_max=True))
def test_a_value_keeps_its_probability(parameter: HyperParameter, prob: float) -> None:
    value = parameter.prob_to_value(prob)
    assert parameter.prob_to_value(parameter.value_to_prob(value)) == value


@given(discrete)
def test_every_value_of_a_discrete_parameter_comes_back(parameter: HyperParameter) -> None:
    for value in parameter.values:
        assert 0 <= parameter.value_to_prob(value) <= 1
        assert parameter.prob_to_value(parameter.value_to_prob(value)) == value


@given(st.floats(1e-6, 1e3), st.floats(1.0, 1e4), SAMPLINGS, st.floats(0, 1))
def test_continuous_values_stay_in_range_and_come_back(low: float, factor: float, sampling: str, prob: float) -> None:
    parameter = Float("f", low, low * factor, sampling=sampling)
    value = parameter.prob_to_value(prob)
    assert low <= value <= parameter.max_value
    again = parameter.prob_to_value(parameter.value_to_prob(value))
    assert again == pytest.approx(value, rel=1e-6, abs=1e-6 * parameter.max_value)


@given(discrete, st.integers())
def test_the_same_seed_draws_the_same_value(parameter: HyperParameter, seed: int) -> None:
    assert parameter.random_sample(seed) == parameter.random_sample(seed)


@given(discrete)
def test_configurations_are_plain_and_come_back(parameter: HyperParameter) -> None:
    parameter.conditions.append(Parent("p", ["a", "b"]))
    config = parameters.serialize(parameter)
    text = json.dumps(config)
    again = parameters.deserialize(config)
    assert json.dumps(config) == text, "reading a configuration changes it"
    assert parameters.serialize(again) == config
    assert again.conditions == parameter.conditions


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Int("n", 5, 1), ValueError, "min_value 5 is greater than the max_value 1"),
        (lambda: Int("n", 0.5, 1), ValueError, "min_value must be an int"),
        (lambda: Int("n", 1, 5, step=1.5), ValueError, "step must be an int"),
        (lambda: Int("n", -1, 5, sampling="log"), ValueError, "does not support negative values"),
        (lambda: Float("f", 1, 5, step=1, sampling="log"), ValueError, "expected step > 1"),
        (lambda: Float("f", 1, 5, sampling="exotic"), ValueError, "sampling must be one of"),
        (lambda: Choice("c", []), ValueError, "`values` must be provided"),
        (lambda: Choice("c", [1, "a"]), TypeError, "can contain only one type"),
        (lambda: Choice("c", [None]), TypeError, "can contain only `int`"),
        (lambda: Choice("c", [1], default=2), ValueError, "default value should be one of the choices"),
        (lambda: Choice("c", ["a"], ordered=True), ValueError, "must be `False` for non-numeric"),
        (lambda: Boolean("b", default="yes"), ValueError, "must be a Python boolean"),
        (lambda: Fixed("x", None), ValueError, "value must be an"),
        (lambda: Parent("p", [None]), TypeError, "Can contain only"),
        (lambda: parameters.deserialize({"class_name": "Complex", "config": {}}), ValueError, "Unknown hyperparameter"),
    ],
)
def test_errors_are_keras_tuners(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_capital_sampling_is_the_same_sampling() -> None:
    assert Float("f", 1e-4, 1e-1, sampling="LOG").sampling == "log"
    assert Int("n", 1, 5, sampling=None).sampling == "linear"


def test_logarithmic_steps_are_factors() -> None:
    assert list(Int("n", 8, 100, step=2, sampling="log").values) == [8, 16, 32, 64]
    assert list(Float("f", 1e-3, 1.0, step=10, sampling="log").values) == pytest.approx([1e-3, 1e-2, 1e-1, 1.0])


def test_values_of_huge_ranges_are_not_listed() -> None:
    assert len(Int("n", 0, 10**15).values) == 10**15 + 1
    assert len(Int("n", 1, 10**15, sampling="log").values) == 10


def test_choice_of_booleans_is_of_ones_and_zeros() -> None:
    parameter = Choice("c", [True, False])
    assert parameter.values == [1, 0]
    assert Parent("c", [True]).is_active({"c": parameter.default})


def test_numpy_numbers_are_plain_in_configurations() -> None:
    config = Int("n", np.int64(1), np.int64(9), step=np.int64(2), default=np.int64(3)).get_config()
    assert json.loads(json.dumps(config)) == config
