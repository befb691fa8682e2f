"""Hyperband: Keras Tuner's numbers, promotions that do not depend on who finishes first, failures, caps."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine.errors import StrategyError
from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Float
from local_engine.strategies.brackets import Bracket, brackets
from local_engine.study import Study
from local_engine.testing.strategies import objective

RATE = Space((Float("rate", 0.0, 1.0),))


def hyperband(space: Space = RATE, *, trials: int | None = None, max_epochs: int = 10, **options: Any) -> Study:
    return Study(space, "hyperband", trials=trials, max_epochs=max_epochs, **options)


@pytest.mark.parametrize(
    ("max_epochs", "factor", "expected"),
    [
        (1, 3, [([1], [1])]),
        (2, 3, [([2], [2])]),
        (7, 2, [([6, 3, 2], [2, 4, 7]), ([4, 2], [4, 7]), ([4], [7])]),
        (10, 3, [([12, 4, 2], [2, 4, 10]), ([6, 2], [4, 10]), ([4], [10])]),
        (27, 3, [([27, 9, 3, 1], [1, 3, 9, 27]), ([12, 4, 2], [3, 9, 27]), ([6, 2], [9, 27]), ([4], [27])]),
        (50, 4, [([22, 6, 2], [4, 13, 50]), ([8, 2], [13, 50]), ([4], [50])]),
    ],
)
def test_brackets_are_those_of_keras_tuner(max_epochs: int, factor: int, expected: list[tuple[list[int], list[int]]]) -> None:
    assert brackets(max_epochs, factor) == tuple(Bracket(tuple(sizes), tuple(epochs)) for sizes, epochs in expected)


def test_ten_epochs_are_22_configurations_30_rungs_120_epochs() -> None:
    study = hyperband()
    assert (study.expectation.trials, study.expectation.epochs) == (22, 120)
    epochs, rungs = 0, 0
    while (trial := study.ask()) is not None:
        assert trial.epochs is not None
        epochs, rungs = epochs + trial.epochs - trial.first_epoch, rungs + 1
        study.tell(trial, objective(trial.params))
    assert (len(study.trials), rungs, epochs) == (22, 30, 120)
    assert Counter(record.state for record in study.trials) == {"done": 8, "pruned": 14}
    assert sum(record.epochs for record in study.trials) == 120


def test_a_promotion_is_the_same_trial_with_more_epochs() -> None:
    study = hyperband()
    trials = [study.ask() for _ in range(12)]
    for trial in trials:
        assert trial is not None
        study.tell(trial, float(trial.number), seconds=1.5)
    promoted = study.ask()
    assert promoted is not None
    assert (promoted.number, promoted.first_epoch, promoted.epochs) == (11, 2, 4)
    assert trials[11] is not None and promoted.params == trials[11].params and promoted.seed == trials[11].seed
    study.tell(promoted, 12.0, seconds=2.5)
    record = study.trials[11]
    assert (record.epochs, record.seconds, record.value, [rung.value for rung in record.rungs]) == (4, 4.0, 12.0, [11.0, 12.0])


def test_a_trial_that_stopped_early_goes_on_from_where_it_stopped() -> None:
    study = hyperband()
    for _ in range(12):
        trial = study.ask()
        assert trial is not None
        study.tell(trial, 1.0 if trial.number == 3 else 0.0, epochs=1)
    promoted = study.ask()
    assert promoted is not None and (promoted.number, promoted.first_epoch, promoted.epochs) == (3, 1, 4)


def test_what_a_complete_rung_leaves_behind_is_pruned_at_once_and_can_be_the_best() -> None:
    study = hyperband()
    for _ in range(12):
        trial = study.ask()
        assert trial is not None
        study.tell(trial, float(trial.number))
    assert [record.number for record in study.trials if record.state == "pruned"] == list(range(8))
    assert study.trials[0].reason == "left behind after 2 epochs"
    for _ in range(4):
        trial = study.ask()
        assert trial is not None
        study.tell(trial, state="failed", reason="out of memory")
    assert study.best is not None and study.best.number == 7


def test_it_waits_for_trials_that_decide_what_comes_next() -> None:
    study = hyperband(max_epochs=3, factor=3)  # brackets: (3 trials, 1 promoted), (2 trials)
    trials = [study.ask() for _ in range(study.expectation.trials or 0)]
    assert None not in trials
    assert study.ask() is None and study.waiting
    for trial in trials:
        assert trial is not None
        study.tell(trial, 1.0)
    assert study.ask() is not None


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=22, max_size=22),
    order=st.randoms(use_true_random=False),
    workers=st.integers(1, 6),
)
def test_who_is_promoted_does_not_depend_on_who_finishes_first(values: list[int | None], order: object, workers: int) -> None:
    """A trial's worth here is a function of its number; None fails. Ties are made unequal by the number."""

    def play(count: int, chooser: object) -> dict[int, int]:
        study = hyperband()
        while True:
            while len(study.running) < count and study.ask() is not None:
                pass
            running = study.running
            if not running:
                assert not study.waiting and {record.state for record in study.trials} <= {"done", "pruned", "failed"}
                return {record.number: len(record.rungs) for record in study.trials}
            trial = running[0] if chooser is None else chooser.choice(running)  # type: ignore[attr-defined]
            worth = values[trial.number]
            if worth is None:
                study.tell(trial, state="failed", reason="no luck")
            else:
                study.tell(trial, worth - trial.number / 100)

    alone = play(1, None)
    assert play(workers, order) == alone
    for start, bracket in ((0, (12, 4, 2)), (12, (6, 2))):
        able = sorted((n for n in range(start, start + bracket[0]) if values[n] is not None), key=lambda n: n / 100 - values[n])  # type: ignore[operator]
        for rung, size in enumerate(bracket):
            if rung > 0:
                assert {n for n in range(start, start + bracket[0]) if alone[n] > rung} == set(able[:size])


def test_the_cap_leaves_full_rungs_promoting_and_a_larger_one_goes_on() -> None:
    study = hyperband(trials=14)
    while (trial := study.ask()) is not None:
        study.tell(trial, objective(trial.params))
    assert len(study.trials) == 14 and sum(len(record.rungs) for record in study.trials[:12]) == 18
    assert [record.state for record in study.trials[12:]] == ["pruned", "pruned"]
    assert study.trials[12].reason == "its rung was not filled"
    study.limit(None)
    while (trial := study.ask()) is not None:
        study.tell(trial, objective(trial.params))
    whole = hyperband()
    while (trial := whole.ask()) is not None:
        whole.tell(trial, objective(trial.params))
    assert [record.to_json() for record in study.trials] == [record.to_json() for record in whole.trials]


def test_a_space_too_small_for_the_bracket_still_promotes_its_best() -> None:
    study = hyperband(Space((Choice("x", [1, 2, 3, 4, 5]),)))
    while (trial := study.ask()) is not None:
        study.tell(trial, float(str(trial.params["x"])))
    assert len(study.trials) == 5 and max(record.epochs for record in study.trials) == 10
    assert study.best is not None and study.best.params == {"x": 5} and study.best.epochs == 10


def test_it_needs_max_epochs() -> None:
    with pytest.raises(StrategyError, match="max_epochs"):
        Study(RATE, "hyperband")
