"""A space that is known whole before its first trial: what shows only under some values is found by building with them."""

from __future__ import annotations

from typing import Any

from local_engine.space.builder import Builder
from local_engine.space.discovery import discover
from local_engine.space.widening import widen


class _Model:
    def fit(self, *_: Any) -> None: ...

    def predict(self, *_: Any) -> None: ...


def _layers(hp: Any) -> _Model:
    for layer in range(hp.Int("layers", 1, 3)):
        hp.Int(f"units_{layer}", 8, 64)
        if hp.Boolean(f"dropout_{layer}"):
            hp.Float(f"rate_{layer}", 0.1, 0.5)
    return _Model()


def _scopes(hp: Any) -> _Model:
    kind = hp.Choice("kind", ["plain", "deep"])
    with hp.conditional_scope("kind", ["deep"]):
        if kind == "deep" and hp.Int("layers", 1, 40) == 40:
            hp.Boolean("last")
    return _Model()


def _broken(hp: Any) -> _Model:
    if hp.Choice("size", [1, 2, 3]) == 2:
        hp.Boolean("half")
        raise ValueError("too much")
    return _Model()


def test_names_that_only_a_deeper_model_has_are_found() -> None:
    names = {one.name for one in widen(Builder.of(_layers)).parameters}
    assert names == {"layers"} | {f"{what}_{layer}" for what in ("units", "dropout", "rate") for layer in range(3)}
    assert len(discover(Builder.of(_layers))) == 3


def test_what_shows_under_two_values_at_once_is_found_with_its_conditions() -> None:
    space = widen(Builder.of(_scopes))
    (last,) = [one for one in space.parameters if one.name == "last"]
    assert [(condition.name, condition.values) for condition in last.conditions] == [("kind", ["deep"])]


def test_the_same_builder_has_the_same_space() -> None:
    assert widen(Builder.of(_layers)) == widen(Builder.of(_layers))


def test_values_that_break_a_model_break_no_plan() -> None:
    assert {one.name for one in widen(Builder.of(_broken)).parameters} == {"size", "half"}


def test_no_more_models_are_built_than_allowed() -> None:
    built: list[int] = []

    def count(hp: Any) -> _Model:
        built.append(1)
        return _layers(hp)

    widen(Builder.of(count), builds=5)
    assert len(built) <= 6
