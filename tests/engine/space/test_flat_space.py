"""A space as a flat list: an algebra of active names, values and merging."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine import HyperParameters, Space
from local_engine.errors import EngineError
from local_engine.space.conditions import Parent
from local_engine.space.parameters import Boolean, Choice, Fixed, Float, HyperParameter, Int


@st.composite
def parameters_under(draw: st.DrawFn, name: str, above: list[HyperParameter]) -> HyperParameter:
    """A parameter that may stand under one of those above, and under all that this one stands under."""
    conditions = []
    if above and draw(st.booleans()):
        parent = draw(st.sampled_from(above))
        values = draw(st.lists(st.sampled_from(list(parent.values)), min_size=1, max_size=2))
        conditions = [*parent.conditions, Parent(parent.name, values)]
        if any(condition.name == name for condition in conditions):
            conditions = []
    kinds = [
        Choice(name, ["a", "b", "c"], conditions=conditions),
        Boolean(name, draw(st.booleans()), conditions=conditions),
        Int(name, 1, draw(st.integers(1, 4)), conditions=conditions),
        Float(name, 0.0, 1.0, step=0.5, conditions=conditions),
        Fixed(name, "only", conditions=conditions),
    ]
    return draw(st.sampled_from(kinds))


@st.composite
def spaces(draw: st.DrawFn, prefix: str = "") -> Space:
    above: list[HyperParameter] = []
    for index in range(draw(st.integers(0, 5))):
        # Names repeat now and then, so that one has definitions under several conditions.
        name = f"{prefix}p{draw(st.integers(0, index))}"
        above.append(draw(parameters_under(name, above)))
    return Space(tuple(above))


@given(spaces())
def test_json_comes_back(space: Space) -> None:
    again = Space.from_json(json.loads(json.dumps(space.to_json())))
    assert again == space
    assert hash(again) == hash(space)
    assert again.keys == space.keys


@given(spaces(), st.integers(0, 2**31 - 1))
def test_samples_hold_active_names_and_nothing_else(space: Space, seed: int) -> None:
    values = space.sample(seed)
    assert list(values) == [parameter.name for parameter in space.active(values)]
    assert values == space.sample(seed)
    for parameter in space.active(values):
        assert values[parameter.name] in parameter.values


@given(
    spaces(), st.integers(0, 99), st.dictionaries(st.sampled_from(["p0", "p1", "p2", "other"]), st.sampled_from(["a", 1, 0.5]))
)
def test_complete_is_idempotent(space: Space, seed: int, values: dict[str, Any]) -> None:
    for chosen in (None, seed):
        complete = space.complete(values, chosen)
        assert space.complete(complete, chosen) == complete
        assert space.complete(complete) == complete
        assert "other" not in complete


@given(spaces("a"), spaces("b"), spaces("c"))
def test_merging_disjoint_spaces_is_associative(a: Space, b: Space, c: Space) -> None:
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a
    assert len(a.merge(b)) == len(a) + len(b)


@given(spaces(), spaces("z"), st.integers(0, 99))
def test_a_space_that_grew_draws_what_it_drew(space: Space, more: Space, seed: int) -> None:
    grown = space.merge(more).sample(seed)
    assert {name: value for name, value in grown.items() if not name.startswith("z")} == space.sample(seed)


@settings(max_examples=60)
@given(spaces())
def test_size_counts_the_configurations(space: Space) -> None:
    names = {parameter.name: [] for parameter in space.parameters}
    for parameter in space.parameters:
        names[parameter.name] += [value for value in parameter.values if value not in names[parameter.name]]
    seen = set()
    for combination in itertools.product(*names.values()):
        values = dict(zip(names, combination, strict=True))
        if all(values[parameter.name] in parameter.values for parameter in space.active(values)):
            complete = space.complete(values)
            seen.add(tuple(sorted((name, type(value).__name__, value) for name, value in complete.items())))
    assert space.size() == len(seen)


def test_size_of_large_and_endless_spaces() -> None:
    choices = {f"edge{index}": ["none", "skip", "conv"] for index in range(40)}
    assert Space.from_choices(choices).size() == 3**40
    assert Space((Float("lr", 1e-4, 1e-1, sampling="log"),)).size() is None
    assert Space((Float("lr", 1.0, 1.0),)).size() == 1
    assert Space((Int("n", 1, 1000, sampling="log"),)).size() == 1000
    never = Float("f", 0, 1, conditions=[Parent("n", [7])])
    assert Space((Int("n", 1, 3), never)).size() == 3


def test_keys_are_unique() -> None:
    space = Space((Choice("a", [1, 2]), Int("n", 1, 3, conditions=[Parent("a", 1)]), Int("n", 5, 7, conditions=[Parent("a", 2)])))
    assert space.keys == ("a", "n", "n@2")
    assert space.complete({"a": 2}) == {"a": 2, "n": 5}
    assert space.active({"a": 1})[1].values == range(1, 4)


def test_parents_come_first_and_the_first_definition_counts() -> None:
    child = Int("child", 1, 3, conditions=[Parent("a", 1)])
    space = Space((child, Choice("a", [1, 2]), Choice("a", [3])))
    assert [parameter.name for parameter in space.parameters] == ["a", "child"]
    assert space.parameters[0].values == [1, 2]


def test_parameters_under_each_other_are_refused() -> None:
    with pytest.raises(EngineError, match="stand under each other: a, b"):
        Space((Int("a", 1, 2, conditions=[Parent("b", 1)]), Int("b", 1, 2, conditions=[Parent("a", 1)])))


def test_a_stale_value_does_not_wake_children() -> None:
    b = Int("b", 1, 3, conditions=[Parent("a", 1)])
    space = Space((Choice("a", [1, 2]), b, Int("c", 1, 3, conditions=[Parent("b", [3])])))
    assert [parameter.name for parameter in space.active({"a": 2, "b": 3})] == ["a"]
    assert space.complete({"a": 2, "b": 3, "c": 2}) == {"a": 2}


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(EngineError, match="schema 99"):
        Space.from_json({"schema": 99, "parameters": []})


def test_from_hyperparameters_and_from_a_function() -> None:
    hp = HyperParameters()
    hp.Int("n", 1, 3)
    assert Space.from_hyperparameters(hp).keys == ("n",)

    class Estimator:
        def fit(self) -> None: ...
        def predict(self) -> None: ...

    def build(hp: HyperParameters) -> Estimator:
        hp.Int("n", 1, 3)
        return Estimator()

    assert Space.from_builder(build) == Space.from_hyperparameters(hp)
