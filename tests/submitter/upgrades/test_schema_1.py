"""What version 0.1.0 left behind can be looked at, used and gone on with; the old registry and the old study stay, as copies."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import cloud_nas as cn
from cloud_nas.operations.show import ShownRun, ShownTrial
from cloud_nas.runs import Registry

from .conftest import Old

SETTINGS = "SELECT value_json FROM study_system_attributes WHERE key = 'local_engine:study'"


def settings_of(study: Path) -> dict[str, object]:
    with closing(sqlite3.connect(study)) as connection:
        return dict(json.loads(connection.execute(SETTINGS).fetchone()[0]))


def test_its_runs_are_listed_and_the_old_registry_is_kept(old: Old) -> None:
    assert old.schema() == 1
    listed = {one.run_id: one for one in cn.status()}
    assert {run_id: one.state for run_id, one in listed.items()} == {old.finished: "succeeded", old.killed: "interrupted"}
    assert listed[old.finished].best is not None
    assert listed[old.finished].trials.done == 2
    assert old.schema() == 3
    assert old.schema("registry.sqlite3.schema-1") == 1
    with closing(sqlite3.connect(old.home / "registry.sqlite3.schema-1")) as copy:
        assert {row[0] for row in copy.execute("SELECT run_id FROM runs")} == set(listed)
    assert (old.home / "registry.sqlite3.schema-1").stat().st_mode & 0o077 == 0


def test_a_row_gets_what_it_did_not_have(old: Old) -> None:
    with Registry() as registry:
        row = registry.get(old.finished)
        assert row.spec_path is None
        registry.update(dataclasses.replace(row, spec_path="/data/project/spec.yaml"))
        assert registry.get(old.finished).spec_path == "/data/project/spec.yaml"


def test_a_registry_opened_by_one_process_alone_is_upgraded_too(old: Old) -> None:
    with Registry(alone=True) as registry:
        assert len(registry.rows()) == 2
    assert (old.schema(), old.schema("registry.sqlite3.schema-1")) == (3, 1)


def test_several_processes_may_upgrade_it_at_once(old: Old) -> None:
    code = "from cloud_nas.runs import Registry; print(len(Registry().rows()))"
    upgrading = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [one.communicate()[0].strip() for one in upgrading] == ["2"] * 4
    assert (old.schema(), old.schema("registry.sqlite3.schema-1")) == (3, 1)
    assert not list(old.home.glob(".*"))


def test_an_upgrade_that_cannot_copy_changes_nothing(old: Old) -> None:
    (old.home / "registry.sqlite3.schema-1").mkdir()
    with pytest.raises(cn.RefusedError):
        Registry()
    assert old.schema() == 1
    (old.home / "registry.sqlite3.schema-1").rmdir()
    with Registry() as registry:
        assert len(registry.rows()) == 2
    assert not list(old.home.glob(".*"))


def test_its_trials_are_shown_and_its_studies_stay_as_they_are(old: Old) -> None:
    assert [(one.state, one.epochs) for one in cn.trials(old.finished)] == [("done", 2), ("done", 2)]
    assert [one.number for one in cn.trials(old.killed)] == [0, 1, 2, 3, 4]
    run, trial = cn.show(old.finished), cn.show(f"{old.killed}/0")
    assert isinstance(run, ShownRun) and isinstance(trial, ShownTrial)
    assert run.test is not None and run.manifest is not None
    assert [row["epoch"] for row in trial.curve] == [1, 2, 3]
    for run_id in (old.finished, old.killed):
        assert settings_of(old.home / "runs" / run_id / "study.sqlite3")["schema"] == 1
        assert not list((old.home / "runs" / run_id).glob("study.sqlite3.*"))


def test_its_model_is_whole_trusted_and_scores_what_it_did(old: Old) -> None:
    assert cn.verify(old.finished).ok
    shown = cn.show(old.finished)
    assert isinstance(shown, ShownRun) and shown.test is not None
    again = cn.evaluate(old.finished, "builtin:digits")
    assert again.metrics == pytest.approx(shown.test)
    assert cn.predict(old.finished, "builtin:digits").n == 1797


def test_its_finished_run_is_still_the_same_run_and_goes_on_with_a_larger_budget(old: Old) -> None:
    shown = cn.run(old.project / "spec.yaml")
    assert (shown.run_id, shown.reused) == (old.finished, True)
    folder = old.home / "runs" / old.finished
    before = settings_of(folder / "study.sqlite3")
    more = cn.run(old.project / "spec.yaml", max_trials=3)
    assert (more.run_id, more.reused, len(more.trials)) == (old.finished, False, 3)
    assert settings_of(folder / "study.sqlite3")["schema"] == 2
    assert settings_of(folder / "study.sqlite3.schema-1") == before
    assert cn.verify(old.finished).ok


def test_its_killed_run_goes_on_where_it_was(old: Old) -> None:
    """The promoted trial keeps its number, and no trial that had ended is trained again."""
    before = {one.number: one.epochs for one in cn.trials(old.killed)}
    result = cn.run(old.project / "halved.yaml")
    assert (result.run_id, result.state) == (old.killed, "succeeded")
    after = {one.number: one for one in result.trials}
    assert len(after) == 6
    assert after[0].epochs == 4 > before[0]
    assert result.best is not None and result.best.value == max(one.value or 0.0 for one in result.trials)


def test_its_best_trial_is_reproduced_from_the_code_beside_its_model(old: Old) -> None:
    """The project is gone, and the epoch in which the run was killed does not count. Another version of a package is named."""
    found = cn.reproduce(old.killed)
    assert (found.epochs.recorded, found.epochs.reproduced) == (2, 2)
    assert found.exact or found.conditions
