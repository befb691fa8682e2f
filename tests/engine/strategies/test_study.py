"""A study: what it is told, what it keeps, and who else may read it."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine.errors import StorageError, StrategyError
from local_engine.space.conditions import Parent
from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Fixed, Float
from local_engine.study import Study
from local_engine.testing.strategies import Turn, conditional_space, objective, turn_of

UNIT = Space((Float("x", 0.0, 1.0),))


def test_best_is_by_goal_and_of_equal_ones_the_first() -> None:
    for goal, expected in (("maximize", 1), ("minimize", 0)):
        study = Study(UNIT, goal=goal)  # type: ignore[arg-type]
        assert study.best is None
        for value in (1.0, 3.0, 3.0, 2.0, 1.0):
            trial = study.ask()
            assert trial is not None
            study.tell(trial, value)
        assert study.best is not None and study.best.number == expected


@pytest.mark.parametrize(("value", "spelt"), [(float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf")])
def test_a_value_that_is_no_number_fails_the_trial(value: float, spelt: str) -> None:
    study = Study(UNIT)
    trial = study.ask()
    assert trial is not None
    study.tell(trial, value)
    assert (study.trials[0].state, study.trials[0].reason) == ("failed", f"the objective is {spelt}")


def test_a_turn_is_told_once() -> None:
    study = Study(UNIT)
    trial = study.ask()
    assert trial is not None
    with pytest.raises(ValueError, match="trial 0 is done without a value"):
        study.tell(trial)
    study.tell(0, 1.0)
    for number in (0, 1, -1):
        with pytest.raises(ValueError, match="is not running"):
            study.tell(number, 1.0)


def test_pruned_and_preempted_trials_are_kept_as_such() -> None:
    study = Study(UNIT)
    for state, value in (("pruned", 0.5), ("pruned", None), ("preempted", None)):
        trial = study.ask()
        assert trial is not None
        study.tell(trial, value, state=state, reason="why", epochs=3, seconds=2.0)  # type: ignore[arg-type]
    assert [(record.state, record.value, record.epochs, record.reason) for record in study.trials] == [
        ("pruned", 0.5, 3, "why"),
        ("pruned", None, 3, "why"),
        ("preempted", None, 3, "why"),
    ]
    assert study.best is not None and study.best.number == 0


def test_optuna_reads_what_it_shows(tmp_path: Path) -> None:
    """Values under their names, curves, and what building discovered; a name's second definition beside the first."""
    url = f"sqlite:///{tmp_path / 'study.sqlite3'}"
    a = Parent("a", ["x"])
    grown = Space((Choice("a", ["x"]), Choice("b", [8, 16], conditions=[a]), Choice("b", ["u"]), Float("c", 0, 1), Fixed("d", 4)))
    with Study(Space.from_choices({"a": ["x"]}), storage=url, name="mine", trials=1) as study:
        trial = study.ask()
        assert trial is not None
        for step, value in enumerate((0.1, float("nan"), 0.3), start=1):
            trial.report(value, step)
        assert trial.should_prune() is False
        study.tell(trial, 0.3, params={"a": "x", "b": 16, "c": 0.25, "d": 4}, space=grown)
        assert study.trials[0].params == {"a": "x", "b": 16, "c": 0.25, "d": 4}
    seen = optuna.load_study(study_name="mine", storage=url).trials[0]
    assert (seen.params, seen.value, seen.state) == ({"a": "x", "b": 16, "c": 0.25}, 0.3, optuna.trial.TrialState.COMPLETE)
    assert seen.intermediate_values[1] == 0.1 and list(seen.intermediate_values) == [1, 2, 3]


def test_two_definitions_of_a_name_do_not_clash(tmp_path: Path) -> None:
    space = Space(
        (
            Choice("kind", ["words", "numbers"]),
            Choice("x", ["u", "v"], conditions=[Parent("kind", ["words"])]),
            Float("x", 0, 1, conditions=[Parent("kind", ["numbers"])]),
        )
    )
    with Study(space, "bayesian", storage=tmp_path / "s.sqlite3", trials=16, startup_trials=6) as study:
        while (trial := study.ask()) is not None:
            assert isinstance(trial.params["x"], str) == (trial.params["kind"] == "words")
            study.tell(trial, objective(trial.params))
        assert len(study.trials) == 16


def test_a_path_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "Studie {ä} 50% #1?.sqlite3"
    with Study(UNIT, storage=path) as study:
        study.ask()
    with Study.open(path) as study:
        assert len(study.running) == 1
    assert path.is_file()


def test_storages_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    path, text = tmp_path / "s.sqlite3", tmp_path / "text.sqlite3"
    text.write_text("no database, but long enough to look like one " * 40)
    Study(UNIT, storage=path).close()
    with pytest.raises(StorageError, match="there is a study 'study' already"):
        Study(UNIT, storage=path)
    with pytest.raises(StorageError, match="there is no study 'other'"):
        Study.open(path, "other")
    with pytest.raises(StorageError, match="there is no study's database here"):
        Study.open(tmp_path / "absent.sqlite3")
    with pytest.raises(StorageError, match="its folder is not there"):
        Study(UNIT, storage=tmp_path / "absent" / "s.sqlite3")
    with pytest.raises(StorageError, match="cannot be opened: file is not a database"):
        Study.open(text)
    with pytest.raises(StorageError, match="not the URL of a database"):
        Study(UNIT, storage="no url")


def test_a_study_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    Study(UNIT, storage=path).close()
    connection = sqlite3.connect(path)
    where = "WHERE key = 'local_engine:study'"
    (text,) = connection.execute(f"SELECT value_json FROM study_system_attributes {where}").fetchone()
    newer = json.dumps({**json.loads(text), "schema": 99})
    connection.execute(f"UPDATE study_system_attributes SET value_json = ? {where}", (newer,))
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="schema 99"):
        Study.open(path)


def test_a_tell_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Study(UNIT, storage=tmp_path / "s.sqlite3") as study:
        trial = study.ask()
        assert trial is not None
        before = (study.trials, study.space)
        grown = Space((Float("x", 0, 1), Float("y", 0, 1)))
        with monkeypatch.context() as patch:
            patch.setattr(study, "_settle", lambda view: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                study.tell(trial, 1.0, params={"x": 0.5, "y": 0.5}, space=grown)
        assert (study.trials, study.space) == before
        study.tell(trial, 1.0, params={"y": 0.5}, space=grown)
        assert study.trials[0].value == 1.0


def test_threads_and_connections_share_a_study_without_a_number_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    Study(UNIT, storage=path, trials=24).close()
    told: list[int] = []

    def work() -> None:
        with Study.open(path) as study:
            while (trial := study.ask()) is not None:
                study.tell(trial, objective(trial.params))
                told.append(trial.number)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == list(range(24))


def test_goal_and_cap_are_checked() -> None:
    with pytest.raises(StrategyError, match="goal must be"):
        Study(UNIT, goal="maximise")  # type: ignore[arg-type]
    with pytest.raises(StrategyError, match="trials must be at least 1"):
        Study(UNIT, trials=0)


STEPS = st.lists(st.one_of(st.just("ask"), st.integers(0, 3)), min_size=2, max_size=14)


@pytest.mark.parametrize("strategy", ["grid", "random", "bayesian", "hyperband"])
@settings(max_examples=6, deadline=None)
@given(script=STEPS, cut=st.integers(0, 14))
def test_a_study_closed_at_any_point_goes_on_as_an_undisturbed_one(
    tmp_path_factory: pytest.TempPathFactory, strategy: str, script: list[str | int], cut: int
) -> None:
    options: dict[str, Any] = {"startup_trials": 2} if strategy == "bayesian" else {}

    def play(study: Study, steps: list[str | int]) -> list[Turn | None]:
        given_out = []
        for step in steps:
            if step == "ask":
                trial = study.ask()
                given_out.append(None if trial is None else turn_of(trial))
            elif study.running:
                trial = study.running[int(step) % len(study.running)]
                study.tell(trial, objective(trial.params))
        return given_out

    path = tmp_path_factory.mktemp("study") / "s.sqlite3"
    undisturbed = play(Study(conditional_space(), strategy, max_epochs=3, **options), script)
    with Study(conditional_space(), strategy, storage=path, max_epochs=3, **options) as study:
        first = play(study, script[:cut])
    with Study.open(path) as study:
        assert first + play(study, script[cut:]) == undisturbed
