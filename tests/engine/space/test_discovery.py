"""Discovery finds what every conditional scope holds, however deep, and ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_engine import HyperParameters, Space
from local_engine.errors import TrialError
from local_engine.space.builder import Builder
from local_engine.space.discovery import discover, explore


class Estimator:
    def fit(self) -> None: ...
    def predict(self) -> None: ...


def space_of(ask: Any) -> Space:
    def build(hp: HyperParameters) -> Estimator:
        ask(hp)
        return Estimator()

    return discover(Builder.of(build))


def asking(name: str) -> Any:
    names: dict[str, Any] = {}
    exec((Path(__file__).parent / "builders" / "asking.py").read_text(), names)
    return names[name]


def test_nested_scopes_are_woken_in_turn() -> None:
    space = space_of(asking("nested"))
    assert space.keys == ("a", "b", "c", "d", "e")
    assert [len(parameter.conditions) for parameter in space.parameters] == [0, 1, 2, 3, 1]


def test_what_only_a_woken_scope_asks_for_is_found() -> None:
    assert space_of(asking("revived_layers")).keys == ("kind", "count", "units_0", "units_1")


def test_loops_and_gates_show_what_defaults_show() -> None:
    assert space_of(asking("layers")).keys == ("layers", "units_0")
    assert space_of(asking("gated")).keys == ("deep",)


def test_definitions_of_one_name_in_two_scopes() -> None:
    assert space_of(asking("same_name_in_two_scopes")).keys == ("kind", "units", "units@2")


def test_values_are_defaults() -> None:
    def build(hp: HyperParameters) -> Estimator:
        asking("nested")(hp)
        return Estimator()

    hp = explore(Builder.of(build))
    assert hp.values == {"a": "x"}


def test_a_scope_that_no_values_reach_ends_the_exploration() -> None:
    def ask(hp: HyperParameters) -> None:
        hp.Choice("a", [1, 2])
        # Woken by a value that the next build forgets: it is asked for under another name each time.
        if hp.get("a") == 1:
            with hp.conditional_scope("a", 2):
                hp.Int("never", 1, 2)

    assert space_of(ask).keys == ("a", "never")


def test_a_scope_seen_only_under_other_values_is_reached() -> None:
    def ask(hp: HyperParameters) -> None:
        hp.Choice("outer", ["plain", "rich"])
        hp.Choice("inner", ["x", "y"])
        with hp.conditional_scope("outer", "rich"):
            rich = hp.Boolean("rich", default=True)
        if rich:
            with hp.conditional_scope("inner", "y"):
                if hp.get("inner") == "y":
                    hp.Int("deep", 1, 5)

    assert "deep" in space_of(ask).keys


def test_a_woken_build_that_fails_leaves_what_it_asked_for() -> None:
    def ask(hp: HyperParameters) -> None:
        kind = hp.Choice("kind", ["works", "breaks"])
        with hp.conditional_scope("kind", "breaks"):
            if kind == "breaks":
                hp.Int("n", 1, 3)
                raise RuntimeError("no such option")

    assert space_of(ask).keys == ("kind", "n")


def test_defaults_that_fail_are_an_error() -> None:
    def ask(hp: HyperParameters) -> None:
        raise ValueError("negative dimension size.\nwith details")

    with pytest.raises(TrialError, match=r"^ValueError: negative dimension size$"):
        space_of(ask)


def test_declared_hyperparameters_come_first() -> None:
    from local_engine import HyperModel

    class Model(HyperModel):
        def declare_hyperparameters(self, hp: HyperParameters) -> None:
            hp.Choice("n", [1, 2])

        def build(self, hp: HyperParameters) -> Estimator:
            hp.Int("m", 1, 5)
            hp.Int("n", 1, 5)
            return Estimator()

    space = discover(Builder.of(Model()))
    assert space.keys == ("n", "m")
    assert space.parameters[0].values == [1, 2]
