"""Hyperband that waits for no rung: workers that stay busy, the same work, failures, caps."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass

import pytest

from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Float
from local_engine.strategies.brackets import Bracket, brackets
from local_engine.study import Study, StudyTrial
from local_engine.testing.strategies import finish

RATE = Space((Float("rate", 0.0, 1.0),))
EPOCHS, FACTOR = 9, 3  # rungs 9-3-1, 5-2, 3: 17 configurations in 23 turns


def study_of(*, asynchronous: bool = True, trials: int | None = None, epochs: int = EPOCHS, iterations: int = 1) -> Study:
    options = {"factor": FACTOR, "iterations": iterations, "asynchronous": asynchronous}
    return Study(RATE, "hyperband", trials=trials, max_epochs=epochs, **options)


@dataclass
class Simulated:
    """What workers did: epochs trained, seconds until the last tell, and those in which a worker had nothing.

    `needless` are those of the latter in which there was something to do.
    """

    epochs: int = 0
    seconds: float = 0.0
    idle: float = 0.0
    needless: float = 0.0


def simulate(study: Study, workers: int, *, seed: int, failing: float = 0.0, spread: float = 0.5) -> Simulated:
    """Workers that take random times, each configuration its own."""
    chance, done = random.Random(seed), Simulated()
    busy: list[tuple[float, int, StudyTrial]] = []
    while True:
        while len(busy) < workers and (trial := study.ask()) is not None:
            assert trial.epochs is not None
            seconds = (trial.epochs - trial.first_epoch) * random.Random(f"{seed} {trial.number}").lognormvariate(0, spread)
            heapq.heappush(busy, (done.seconds + seconds, trial.number, trial))
        if not busy:
            return done
        end, _, trial = heapq.heappop(busy)
        idle = (workers - len(busy) - 1) * (end - done.seconds)
        done.idle, done.seconds = done.idle + idle, end
        done.needless += idle if idle > 0 and left_to_do(study) else 0.0
        if chance.random() < failing:
            study.tell(trial, state="failed", reason="no luck")
        else:
            done.epochs += (trial.epochs or 0) - trial.first_epoch
            study.tell(trial, chance.random())


def left_to_do(study: Study) -> list[str]:
    """What a worker could do now, counted by hand."""
    plan = brackets(study.settings.max_epochs or 0, FACTOR) * int(study.settings.options["iterations"])
    records, found = study.trials, []
    if len(records) < sum(bracket.sizes[0] for bracket in plan):
        found.append("a new configuration")
    start = 0
    for bracket in plan:
        members = records[start : start + bracket.sizes[0]]
        start += bracket.sizes[0]
        for rung, size in enumerate(bracket.sizes[1:]):
            entered = sum(len(one.rungs) + one.in_flight > rung + 1 for one in members)
            waiting = [one for one in members if one.paused and len(one.rungs) == rung + 1]
            if waiting and entered < size:
                found.append(f"{waiting} below {size - entered} places")
    return found


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_no_worker_goes_without_while_there_is_something_to_do_and_the_work_is_that_of_the_brackets(workers: int) -> None:
    for seed in range(4):
        study = study_of()
        done = simulate(study, workers, seed=seed)
        assert done.needless == 0
        assert done.epochs == study.expectation.epochs == sum(bracket.total_epochs for bracket in brackets(EPOCHS, FACTOR))
        assert len(study.trials) == study.expectation.trials == 17
        assert Counter(len(record.rungs) for record in study.trials) == {1: 12, 2: 4, 3: 1}
        assert Counter(record.state for record in study.trials) == {"done": 6, "pruned": 11}


def test_workers_wait_less_than_for_whole_rungs() -> None:
    done = {
        asynchronous: [simulate(study_of(asynchronous=asynchronous, epochs=27), 8, seed=seed, spread=1.0) for seed in range(6)]
        for asynchronous in (False, True)
    }
    assert sum(one.needless for one in done[False]) > 0 == sum(one.needless for one in done[True])
    assert sum(one.idle for one in done[True]) < sum(one.idle for one in done[False])
    assert sum(one.seconds for one in done[True]) < sum(one.seconds for one in done[False])


@pytest.mark.parametrize("workers", [1, 4])
def test_failures_leave_places_to_others_and_the_study_ends(workers: int) -> None:
    for seed in range(3):
        study = study_of(iterations=2)
        assert simulate(study, workers, seed=seed, failing=0.4).needless == 0
        assert study.ask() is None and not study.waiting
        assert {record.state for record in study.trials} == {"done", "pruned", "failed"}
        assert len(study.trials) == 34


def test_the_best_of_the_first_three_goes_on_while_the_rung_is_still_filled() -> None:
    study = study_of()
    trials = [study.ask() for _ in range(4)]
    for trial, value in zip(trials[:3], (0.2, 0.9, 0.5), strict=True):
        assert trial is not None
        study.tell(trial, value)
    promoted, new = study.ask(), study.ask()
    assert promoted is not None and (promoted.number, promoted.first_epoch, promoted.epochs) == (1, 1, 3)
    assert new is not None and (new.number, new.first_epoch, new.epochs) == (4, 0, 1)


def test_of_several_the_one_that_has_trained_longest_is_promoted_first() -> None:
    study = study_of()
    trials = [study.ask() for _ in range(14)]
    for number in (0, 1, 2, 9, 10, 11):
        trial = trials[number]
        assert trial is not None
        study.tell(trial, -number)
    promoted = [study.ask(), study.ask()]
    assert [(one.number, one.first_epoch, one.epochs) for one in promoted if one] == [(9, 3, 9), (0, 1, 3)]


@pytest.mark.parametrize(("trials", "epochs"), [(1, 1 + 2 + 6), (5, 5 + 2 + 6), (9, 21), (11, 21 + 6 + 6)])
def test_a_cap_cuts_the_rungs_in_proportion_and_one_reaches_the_end(trials: int, epochs: int) -> None:
    study = study_of(trials=trials)
    finish(study)
    assert not study.waiting and len(study.trials) == trials
    assert sum(record.epochs for record in study.trials) == study.expectation.epochs == epochs
    assert {record.state for record in study.trials} <= {"done", "pruned"}
    assert max(record.epochs for record in study.trials) == EPOCHS


def test_a_larger_cap_gives_new_ones_the_places_that_are_left() -> None:
    study = study_of(trials=5)
    finish(study)
    study.limit(None)
    finish(study)
    whole = study_of()
    finish(whole)
    assert len(study.trials) == len(whole.trials)
    assert sum(record.epochs for record in study.trials) == sum(record.epochs for record in whole.trials)
    assert Counter(len(record.rungs) for record in study.trials[:9]) == {1: 6, 2: 2, 3: 1}


def test_a_space_too_small_for_the_bracket_fills_the_rungs_with_what_there_is() -> None:
    study = Study(Space((Choice("x", [1, 2, 3, 4]),)), "hyperband", max_epochs=9, asynchronous=True)
    while (trial := study.ask()) is not None:
        study.tell(trial, float(str(trial.params["x"])))
    assert not study.waiting
    assert study.best is not None and (study.best.params, study.best.epochs) == ({"x": 4}, 9)
    assert sorted(record.epochs for record in study.trials) == [1, 3, 3, 9]


def test_a_bracket_cut_short_has_no_more_on_a_rung_than_a_whole_one() -> None:
    whole = Bracket((12, 4, 2), (2, 4, 10))
    assert [whole.cut(starters, 3).sizes for starters in (1, 5, 6, 11, 12, 40)] == [
        (1, 1, 1), (5, 1, 1), (6, 2, 1), (11, 3, 1), (12, 4, 1), (12, 4, 1),
    ]  # fmt: skip
