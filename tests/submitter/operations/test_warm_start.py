"""`search: {warm_start: RUN}`: what another run found, looked up once, kept with the run, and refused where it cannot compare."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import cloud_nas as cn
from cloud_nas.errors import NotFoundError, UsageError
from cloud_nas.home import run_folder
from cloud_nas.operations._prepare import prepare
from cloud_nas.operations.check import check
from cloud_nas.runs import Registry
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.row import RunRow
from cloud_nas.spec import definition_of
from local_engine.definition import Definition, Objective, Prior
from local_engine.files import read_json, write_json
from local_engine.space.flat import Space
from local_engine.study import Study

MakeSpec = Callable[..., Path]
MODEL = """
from sklearn.tree import DecisionTreeClassifier


def build(hp):
    return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 12), random_state=0)
"""
DEPTHS = Space.from_choices({"depth": list(range(2, 14))})  # 13 is no depth of the spec's


@pytest.fixture
def spec(make_spec: MakeSpec) -> Path:
    """A search over trees that begins from the run `r-22222`."""
    search = "{strategy: bayesian, seed: 3, warm_start: r-22222}"
    return make_spec(model=MODEL, search=search, budget="{trials: 1}", train="{epochs: 1}", final="{fit: keep}")


def other_run(spec: Path, *, trials: int = 3, data: str = "other", goal: Objective | None = None) -> list[Prior]:
    """The run `r-22222`, as one that searched would have left it; what it found."""
    definition = definition_of(cn.load(spec))
    definition = dataclasses.replace(definition, objective=goal or definition.objective)
    folder = run_folder("r-22222")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "definition.json", definition.to_json())
    with Study(DEPTHS, storage=folder / "study.sqlite3", trials=trials + 2) as study:
        for number in range(trials + 2):
            trial = study.ask()
            assert trial is not None
            if number == 0:
                study.tell(trial, state="failed", reason="no luck")
            elif number <= trials:
                study.tell(trial, int(trial.params["depth"]) / 20)
        found = [Prior(record.params, record.value) for record in study.trials if record.value is not None]
    with Registry() as registry:
        if registry.find("r-22222") is None:
            registry.create(RunRow("r-22222", "trees", "local", "succeeded", "0", Identity("1", "2", data, "local")))
    return found


def begun_from(run_id: str) -> tuple[Prior, ...]:
    """What the definition in a run's folder, and its study, know from before; they are the same."""
    folder = run_folder(run_id)
    prior = Definition.from_json(read_json(folder / "definition.json")).search.prior
    with Study.open(folder / "study.sqlite3") as study:
        assert study.settings.prior == prior
    return prior


def test_a_run_begins_from_what_the_other_found_and_keeps_it_whatever_becomes_of_that(spec: Path) -> None:
    found = other_run(spec, trials=8)
    first = cn.run(spec)
    assert [note for note in first.notes if note.startswith("it learns from ")] == [
        "it learns from 7 trials of another run (1 outside this space)"
    ]
    assert begun_from(first.run_id) == tuple(found) and len(found) == 8
    assert first.trials.total == 1 and first.best is not None and first.best.trial == 0
    shutil.rmtree(run_folder("r-22222"))
    other_run(spec, trials=9)
    second = cn.run(spec, max_trials=2)
    assert second.run_id == first.run_id and second.trials.done == 2
    assert begun_from(first.run_id) == tuple(found)


def test_a_fresh_one_looks_anew(spec: Path) -> None:
    other_run(spec, trials=3)
    loaded = cn.load(spec)
    search = prepare(loaded, "local")
    with Registry() as registry:
        registry.create(RunRow("r-33333", "digits", "local", "failed", "0", search.identity))
    write_json(run_folder("r-33333") / "definition.json", search.definition.to_json())
    shutil.rmtree(run_folder("r-22222"))
    found = other_run(spec, trials=5)
    assert prepare(loaded, "local").definition == search.definition
    assert prepare(loaded, "local", fresh=True).definition.search.prior == tuple(found)


def test_what_does_not_compare_is_said(spec: Path) -> None:
    other_run(spec, trials=0)
    notes: list[str] = []
    search = prepare(cn.load(spec), "local", note=lambda note: notes.append(note.message))
    assert search.definition.search.prior == ()
    assert [note for note in notes if "no trial with a value" in note] and [
        note for note in notes if "searched other data" in note
    ]


def test_a_run_of_the_same_data_is_taken_without_a_word(spec: Path) -> None:
    other_run(spec, data=prepare_without(spec))
    notes: list[str] = []
    prepare(cn.load(spec), "local", note=lambda note: notes.append(note.message))
    assert not [note for note in notes if "r-22222" in note]


def prepare_without(spec: Path) -> str:
    """The fingerprint of the spec's data."""
    plain = spec.with_name("plain.yaml")
    plain.write_text(spec.read_text().replace(", warm_start: r-22222", ""))
    return prepare(cn.load(plain), "local").identity.data


@pytest.mark.parametrize("goal", [Objective("accuracy", "minimize"), Objective("log_loss", "minimize")])
def test_values_of_another_goal_or_metric_are_refused(spec: Path, goal: Objective) -> None:
    other_run(spec, goal=goal)
    with pytest.raises(UsageError, match=f"r-22222 was to minimize {goal.metric}, this search is to maximize accuracy"):
        prepare(cn.load(spec), "local")


def test_there_is_no_such_run(spec: Path, screen: Callable[..., tuple[int, str, str]]) -> None:
    status, _, stderr = screen("run", str(spec))
    assert status == NotFoundError.exit_status == 5 and "no run r-22222" in stderr


def test_check_says_so_at_its_line(spec: Path) -> None:
    place = next(number for number, line in enumerate(spec.read_text().splitlines(), 1) if "warm_start" in line)
    (found,) = check(spec, build=False).diagnostics
    assert (found.code, found.severity, found.line, found.message) == ("CN601", "error", place, "no run r-22222")
    other_run(spec)
    assert check(spec, build=False).ok


def test_a_run_that_has_not_begun_has_nothing(spec: Path) -> None:
    other_run(spec)
    (run_folder("r-22222") / "definition.json").unlink()
    with pytest.raises(UsageError, match="has not begun"):
        prepare(cn.load(spec), "local")
