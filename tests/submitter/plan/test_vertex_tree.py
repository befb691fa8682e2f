"""The tree that Vertex AI's tuner searches is the space: what it proposes is of it, and all of it can be proposed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_nas.targets.plan import Request
from cloud_nas.targets.vertex import tuning, tuning_space
from cloud_nas.targets.vertex.tuning_conditions import places
from cloud_nas.targets.vertex.tuning_values import sent_as
from cloud_nas.targets.vertex.validation import of_request
from local_engine.containers.parameters import decode
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int

from .made import job_with
from .spaces_made import spaces
from .tuner import arguments, grid, proposed


def _sent(space: Space, strategy: str = "random") -> list[dict[str, Any]]:
    return tuning_space.parameters(tuning_space.tree(job_with(space, strategy)))


@settings(max_examples=60, deadline=None)
@given(spaces(), st.integers(0, 2**32))
def test_what_the_tuner_proposes_is_a_configuration_of_the_space(space: Space, seed: int) -> None:
    strings = arguments(proposed(_sent(space), random.Random(seed)))
    values = decode(space, strings)
    assert list(values) == [one.name for one in space.active(values)]
    for one in space.active(values):
        if isinstance(one, Int | Float):
            assert one.min_value <= values[one.name] <= one.max_value  # type: ignore[operator]
            assert type(values[one.name]) is (int if isinstance(one, Int) else float)
        else:
            assert values[one.name] in one.values


@settings(max_examples=60, deadline=None)
@given(spaces(), st.integers(0, 2**32))
def test_where_no_condition_is_flattened_nothing_is_sent_that_is_not_active(space: Space, seed: int) -> None:
    found = places(space)
    if not all(one.exact for one in found):
        return
    sent = proposed(_sent(space), random.Random(seed))
    active = space.active(decode(space, arguments(sent)))
    searched = [one for one in active if any(place.parameter is one and place.values is not None for place in found)]
    assert len(sent) == len(searched)


@settings(max_examples=60, deadline=None)
@given(spaces(), st.integers(0, 2**32))
def test_what_the_space_holds_can_be_proposed(space: Space, seed: int) -> None:
    """Every active value is one that is sent, and what it stands under has a value at which it is sent."""
    values = space.sample(seed)
    by_key = {one.key: one for one in places(space)}
    by_parameter = {id(one.parameter): one for one in by_key.values()}
    for one in space.active(values):
        place = by_parameter[id(one)]
        if place.values is None:
            continue
        if place.values.kind in ("discrete", "categorical"):
            assert len(sent_as(one, place.values, [values[one.name]])) == 1
        if place.parent is not None:
            above = by_key[place.parent]
            assert above.values is not None
            (text,) = sent_as(above.parameter, above.values, [values[above.parameter.name]])
            assert text in place.when


@settings(max_examples=40, deadline=None)
@given(spaces(), st.sampled_from(["random", "bayesian", "grid"]))
def test_the_request_is_one_that_the_service_s_protos_and_rules_allow(space: Space, strategy: str) -> None:
    request = Request("aiplatform", "CreateHyperparameterTuningJob", tuning.body(job_with(space, strategy)))
    assert [one for one in of_request(request) if "1000" not in one and "1,000" not in one] == []


@settings(max_examples=60, deadline=None)
@given(spaces(wild=False, twins=False))
def test_conditions_as_scopes_make_them_are_not_flattened(space: Space) -> None:
    """Each stands under one other that is no real number, and has all of its conditions."""
    assert all(one.exact for one in places(space))


_PAIRS = Space(
    (
        Choice("kind", ["a", "b"]),
        Int("units", 1, 3, conditions=Parent("kind", "a")),
        Int("units", 10, 30, step=10, conditions=Parent("kind", "b")),
        Choice("more", ["x", "y"], conditions=[Parent("kind", "a"), Parent("units", [2, 3])]),
        Boolean("bias"),
        Fixed("width", 4),
    )
)


def test_a_grid_is_the_one_of_home() -> None:
    found = [decode(_PAIRS, arguments(one)) for one in grid(_sent(_PAIRS, "grid"))]
    assert len(found) == tuning_space.jobs(job_with(_PAIRS, "grid")) == _PAIRS.size() == 2 * (1 + 2 * 2 + 3)
    assert {tuple(sorted(one.items())) for one in found} == {tuple(sorted(one.items())) for one in _at_home(_PAIRS)}


@settings(max_examples=60, deadline=None)
@given(spaces(wild=False))
def test_a_grid_s_trials_are_counted(space: Space) -> None:
    count = tuning_space.combinations(tuning_space.tree(job_with(space, "grid")))
    assert count is not None
    if count <= 3000 and all(one.values is None or len(one.values.listed) <= 1000 for one in places(space, listed=True)):
        assert count == sum(1 for _ in grid(_sent(space, "grid")))


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (Int("p", 2, 9), {"integerValueSpec": {"minValue": 2, "maxValue": 9}, "scaleType": "UNIT_LINEAR_SCALE"}),
        (Int("p", 1, 64, sampling="log"), {"integerValueSpec": {"minValue": 1, "maxValue": 64}, "scaleType": "UNIT_LOG_SCALE"}),
        (Int("p", 8, 32, step=8), {"discreteValueSpec": {"values": [8, 16, 24, 32]}, "scaleType": "UNIT_LINEAR_SCALE"}),
        (Int("p", 1, 8, step=2, sampling="log"), {"discreteValueSpec": {"values": [1, 2, 4, 8]}, "scaleType": "UNIT_LOG_SCALE"}),
        (Float("p", 0.0, 0.5, step=0.25), {"discreteValueSpec": {"values": [0, 0.25, 0.5]}, "scaleType": "UNIT_LINEAR_SCALE"}),
        (
            Float("p", 0.5, 0.9, sampling="reverse_log"),
            {"doubleValueSpec": {"minValue": 0.5, "maxValue": 0.9}, "scaleType": "UNIT_REVERSE_LOG_SCALE"},
        ),
        (Choice("p", [64, 16, 8]), {"discreteValueSpec": {"values": [8, 16, 64]}, "scaleType": "UNIT_LINEAR_SCALE"}),
        (Choice("p", [16, 64, 8]), {"categoricalValueSpec": {"values": ["16", "64", "8"]}}),
        (Choice("p", [16, 64], ordered=False), {"categoricalValueSpec": {"values": ["16", "64"]}}),
        (Choice("p", [1.0, 1.0 + 1e-12]), {"categoricalValueSpec": {"values": ["1.0", "1.000000000001"]}}),
        (Choice("p", [2**60, 2**60 + 1]), {"categoricalValueSpec": {"values": [str(2**60), str(2**60 + 1)]}}),
        (Boolean("p"), {"categoricalValueSpec": {"values": ["true", "false"]}}),
        (
            Float("p", 0.0, 1.0, step=0.0001),
            {"doubleValueSpec": {"minValue": 0.0, "maxValue": 1.0}, "scaleType": "UNIT_LINEAR_SCALE"},
        ),
    ],
)
def test_each_kind_is_sent_as_the_service_has_it(parameter: HyperParameter, expected: Mapping[str, Any]) -> None:
    assert _sent(Space((parameter,))) == [{"parameterId": "p", **expected}]


def test_what_can_never_be_active_is_not_sent() -> None:
    space = Space(
        (
            Fixed("width", 4),
            Choice("kind", ["a", "b"]),
            Int("p", 1, 3, conditions=Parent("width", 5)),
            Int("q", 1, 3, conditions=Parent("kind", "c")),
            Int("r", 1, 3, conditions=[Parent("kind", "a"), Parent("kind", "b")]),
            Int("s", 2, 8, step=2),
            Int("t", 1, 3, conditions=Parent("s", 3)),
        )
    )
    assert [one["parameterId"] for one in _sent(space)] == ["kind", "s"]
    assert all(one["parameterId"] != "t" for one in _children(_sent(space)))


def test_what_stands_under_a_single_value_stands_where_that_stands() -> None:
    space = Space(
        (
            Choice("kind", ["a", "b"]),
            Fixed("width", 4, conditions=Parent("kind", "a")),
            Int("p", 1, 3, conditions=Parent("width", 4)),
        )
    )
    (kind,) = _sent(space)
    (child,) = kind["conditionalParameterSpecs"]
    assert (child["parentCategoricalValues"]["values"], child["parameterSpec"]["parameterId"]) == (["a"], "p")


def test_an_architecture_is_searched_with_nothing_flattened() -> None:
    """Layers that exist from a number on, each of a kind, each kind with parameters of its own: three levels."""
    found: list[HyperParameter] = [Int("layers", 1, 6)]
    for number in range(6):
        there = Parent("layers", list(range(number + 1, 7)))
        found.append(Choice(f"kind_{number}", ["conv", "dense"], conditions=there))
        found.append(Int(f"filters_{number}", 8, 64, step=8, conditions=[there, Parent(f"kind_{number}", "conv")]))
        found.append(Float(f"rate_{number}", 0.0, 0.5, conditions=[there, Parent(f"kind_{number}", "dense")]))
    space = Space(tuple(found))
    assert all(one.exact for one in places(space))
    (layers,) = _sent(space)
    assert len(layers["conditionalParameterSpecs"]) == 6
    for child in layers["conditionalParameterSpecs"]:
        assert len(child["parameterSpec"]["conditionalParameterSpecs"]) == 2


def test_definitions_of_a_name_are_sent_under_it_only_under_one_parent() -> None:
    space = Space(
        (
            Choice("kind", ["a", "b"]),
            Boolean("deep"),
            Int("units", 1, 3, conditions=Parent("kind", "a")),
            Int("units", 4, 9, conditions=Parent("deep", True)),
        )
    )
    assert [one["parameterId"] for one in _children(_sent(space))] == ["units", "units@2"]
    assert [one["parameterId"] for one in _children(_sent(_PAIRS))] == ["units", "units"]


def _children(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [child["parameterSpec"] for one in parameters for child in one.get("conditionalParameterSpecs", ())]


def _at_home(space: Space) -> Iterator[dict[str, Any]]:
    from local_engine.strategies.tree import untried

    yield from untried(space, [])
