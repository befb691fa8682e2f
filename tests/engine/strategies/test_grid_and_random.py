"""Grid: its order, its ten values, a space that grows under it. Random: what it draws does not depend on what is known when."""

from __future__ import annotations

import pytest

from local_engine.definition import Value
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Float, Int
from local_engine.study import Study


def everything(study: Study) -> list[dict[str, Value]]:
    asked = []
    while (trial := study.ask()) is not None:
        asked.append(dict(trial.params))
        study.tell(trial, 0.0)
    return asked


def test_the_last_varies_fastest_and_defaults_come_first() -> None:
    space = Space(
        (Choice("a", ["x", "y"], default="y"), Int("b", 1, 3, conditions=[Parent("a", ["x"])]), Choice("c", [1, 2])),
    )
    assert everything(Study(space, "grid")) == [
        {"a": "y", "c": 1},
        {"a": "y", "c": 2},
        *({"a": "x", "b": b, "c": c} for b in (1, 2, 3) for c in (1, 2)),
    ]


def test_a_range_without_a_step_has_ten_values_and_its_default() -> None:
    asked = everything(Study(Space((Float("rate", 0.0, 1.0, default=0.05),)), "grid"))
    assert [params["rate"] for params in asked] == pytest.approx([0.05, *(0.05 + 0.1 * step for step in range(1, 10))])
    study = Study(Space((Float("rate", 1.0, 2.0), Choice("b", [1, 2]))), "grid")
    assert study.expectation.trials == len(everything(study)) == 22


def test_branches_passed_already_are_searched_again_for_what_is_discovered() -> None:
    """`b` is known to exist only once a trial with a = 2 was built, and then only there."""
    study = Study(Space.from_choices({"a": [1, 2, 3]}), "grid")
    grown = Space((Choice("a", [1, 2, 3]), Choice("b", ["u", "v"], conditions=[Parent("a", [2])])))
    asked = []
    while (trial := study.ask()) is not None:
        asked.append(dict(trial.params))
        found = {**trial.params, "b": trial.params.get("b", "u")} if trial.params["a"] == 2 else trial.params
        study.tell(trial, 0.0, params=found, space=grown if trial.params["a"] == 2 else None)
    assert asked == [{"a": 1}, {"a": 2}, {"a": 2, "b": "v"}, {"a": 3}]
    assert study.trials[1].params == {"a": 2, "b": "u"}


def test_a_builder_that_asks_for_less_is_not_built_twice_the_same() -> None:
    """`b` has no condition, but building with a = 1 never asks for it: that trial, built before `b` was known, covers all."""
    study = Study(Space.from_choices({"a": [1, 2]}), "grid")
    for expected in ({"a": 1}, {"a": 2}, {"a": 2, "b": "v"}):
        trial = study.ask()
        assert trial is not None and trial.params == expected
        if trial.params["a"] == 2:
            found = {"b": "u", **trial.params}
            study.tell(trial, 0.0, params=found, space=Space.from_choices({"a": [1, 2], "b": ["u", "v"]}))
        else:
            study.tell(trial, 0.0)
    assert study.ask() is None


def test_grid_waits_for_running_trials_that_may_discover_more() -> None:
    study = Study(Space.from_choices({"a": [1]}), "grid")
    trial = study.ask()
    assert trial is not None and study.ask() is None and study.waiting
    study.tell(trial, 0.0, params={"a": 1, "b": "u"}, space=Space.from_choices({"a": [1], "b": ["u", "v"]}))
    again = study.ask()
    assert again is not None and again.params == {"a": 1, "b": "v"}


def test_random_draws_the_same_for_a_name_known_before_or_discovered() -> None:
    known = Study(Space((Float("a", 0, 1), Float("b", 0, 1))), "random", seed=9, trials=5)
    partly = Study(Space((Float("a", 0, 1),)), "random", seed=9, trials=5)
    grown = Space((Float("a", 0, 1), Float("b", 0, 1)))
    while (trial := partly.ask()) is not None:
        params = grown.complete(trial.params, trial.seed)
        partly.tell(trial, 0.0, params=params, space=grown)
    everything(known)
    assert [record.params for record in known.trials] == [record.params for record in partly.trials]


def test_two_workers_get_the_same_random_trials_as_one() -> None:
    alone = everything(Study(Space((Float("a", 0, 1), Choice("b", ["x", "y"]))), "random", trials=8))
    study = Study(Space((Float("a", 0, 1), Choice("b", ["x", "y"]))), "random", trials=8)
    while study.ask() is not None:
        if len(study.running) == 2:
            study.tell(study.running[1], 1.0)
    assert [record.params for record in study.trials] == alone
