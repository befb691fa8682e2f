"""The object that a user's function asks: Keras Tuner's behaviour, and values given ahead."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_engine import HyperParameters
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.hp import bind
from local_engine.space.hypermodel import HyperModel
from local_engine.space.sampling import draw


def nested(hp: HyperParameters) -> None:
    hp.Choice("a", ["x", "y", "z"])
    with hp.conditional_scope("a", ["y", "z"]):
        hp.Int("b", 1, 3)
        with hp.conditional_scope("b", 3):
            hp.Float("c", 0.0, 1.0)
    with hp.conditional_scope("a", "x"):
        hp.Int("b", 10, 30, 10)


def test_defaults_and_inactive_values() -> None:
    hp = HyperParameters()
    nested(hp)
    assert hp.values == {"a": "x", "b": 10}
    assert [parameter.name for parameter in hp.space] == ["a", "b", "c", "b"]
    assert hp.is_active("b")
    assert not hp.is_active("c")
    assert "c" not in hp
    with pytest.raises(ValueError, match="c is currently inactive"):
        hp.get("c")
    with pytest.raises(KeyError, match="d does not exist"):
        hp["d"]


def test_asking_whether_a_name_is_active_does_not_define_it() -> None:
    hp = HyperParameters()
    assert not hp.is_active("ghost")
    with pytest.raises(KeyError, match="ghost does not exist"):
        hp.get("ghost")


def test_scopes_are_written_down() -> None:
    hp = HyperParameters()
    nested(hp)
    assert hp.active_scopes == [[Parent("a", ["x"])]]
    assert hp.inactive_scopes == [[Parent("a", ["y", "z"])], [Parent("a", ["y", "z"]), Parent("b", [3])]]


def test_name_scopes_prefix_names_and_parents() -> None:
    hp = HyperParameters()
    with hp.name_scope("outer"), hp.name_scope("inner"):
        hp.Choice("kind", [1, 2], default=2)
        assert hp.Int("n", 0, 9, parent_name="kind", parent_values=2) == 0
        assert hp.get("kind") == 2
    assert hp.values == {"outer/inner/kind": 2, "outer/inner/n": 0}


def test_a_parent_must_be_defined_and_be_another() -> None:
    hp = HyperParameters()
    with pytest.raises(ValueError, match="`HyperParameter` named: ghost not defined"), hp.conditional_scope("ghost", 1):
        pass
    hp.Choice("a", [1, 2])
    with pytest.raises(ValueError, match="cannot have the same name as its parent"):
        hp.Choice("a", [3], parent_name="a", parent_values=1)
    assert hp.Int("b", 1, 2) == 1, "the scope that failed is closed"


def test_first_definition_counts() -> None:
    hp = HyperParameters()
    assert (hp.Int("n", 8, 16), hp.Int("n", 100, 200), hp.Choice("n", ["x"])) == (8, 8, 8)
    assert len(hp.space) == 1


def test_merge_overwrites_unless_told_otherwise() -> None:
    first, second = HyperParameters(), HyperParameters()
    first.Int("a", 0, 9)
    first.values["a"] = 4
    second.Fixed("a", 3)
    second.Boolean("b", default=True)
    kept = first.copy()
    kept.merge(second, overwrite=False)
    assert kept.values == {"a": 4, "b": True}
    first.merge(second.space)
    assert first.values == {"a": 3, "b": True}


def test_merge_leaves_inactive_values_out() -> None:
    hp, other = HyperParameters(), HyperParameters()
    nested(hp)
    other.merge(hp)
    assert other.values == {"a": "x", "b": 10}


def test_ensure_active_values_adds_and_removes() -> None:
    hp = HyperParameters()
    nested(hp)
    hp.values.update(a="y", b=3)
    hp.ensure_active_values()
    assert set(hp.values) == {"a", "b", "c"}
    hp.values["a"] = "x"
    hp.values.pop("b")
    hp.ensure_active_values()
    assert set(hp.values) == {"a", "b"}
    assert hp.values["b"] in (10, 20, 30)


def test_configuration_comes_back_and_is_left_alone() -> None:
    hp = HyperParameters()
    nested(hp)
    config = hp.get_config()
    before = copy.deepcopy(config)
    again = HyperParameters.from_config(config)
    assert config == before
    assert again.get_config() == before
    again.Int("new", 1, 2)
    again.values["a"] = "y"
    assert hp.get_config() == before == config


def test_a_copy_is_independent() -> None:
    hp = HyperParameters()
    nested(hp)
    other = hp.copy()
    other.Int("new", 1, 2)
    other.values["a"] = "z"
    assert "new" not in hp
    assert hp.values["a"] == "x"


def test_bound_values_come_first_and_new_names_are_drawn() -> None:
    known = HyperParameters()
    nested(known)
    space = Space.from_hyperparameters(known)
    hp = bind(space, {"a": "y", "b": 3, "c": 0.5}, seed=7)
    nested(hp)
    assert hp.values == {"a": "y", "b": 3, "c": 0.5}
    new = hp.Int("new", 1, 10**6)
    assert new == draw(hp.space[-1], 7, "new") == hp.get("new")
    assert hp.copy().Int("newer", 1, 10**6) == 1, "a copy takes defaults"


def test_bound_values_of_inactive_names_are_dropped_and_missing_ones_drawn() -> None:
    known = HyperParameters()
    nested(known)
    space = Space.from_hyperparameters(known)
    hp = bind(space, {"a": "x", "c": 0.5, "not yet": 3}, seed=1)
    assert set(hp.values) == {"a", "b", "not yet"}
    assert hp.Int("not yet", 1, 9) == 3


@given(st.integers(0, 2**31 - 1), st.integers(1, 6))
def test_a_new_name_is_drawn_whatever_is_asked_before(seed: int, before: int) -> None:
    alone, among = bind(Space(), {}, seed), bind(Space(), {}, seed)
    for index in range(before):
        among.Int(f"other_{index}", 0, 100)
    assert alone.Float("x", 0, 1) == among.Float("x", 0, 1)


def test_a_hypermodel_that_is_not_tunable_leaves_the_space_alone() -> None:
    class Model(HyperModel):
        def build(self, hp: HyperParameters) -> Any:
            return hp.Int("n", 1, 5)

    hp = HyperParameters()
    assert Model(tunable=False).build(hp) == 1
    assert hp.space == []
    assert Model("named", True).build(hp) == 1
    assert [parameter.name for parameter in hp.space] == ["n"]
