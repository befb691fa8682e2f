"""`rehearse`: a whole cloud job offline, by the operations that the real one uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations.rehearse import FAULTS, rehearse

from .samples import SIZES, write_table

pytest.importorskip("sagemaker_training")


@pytest.fixture
def table(make_spec: Callable[..., Path]) -> Path:
    path = make_spec(spec=SIZES)
    write_table(path.parent / "table.csv")
    return path


def test_autopilot_is_rehearsed_and_says_that_its_models_are_a_stand_ins(table: Path, screen: Callable[..., Any]) -> None:
    shown = screen("rehearse", str(table), "--on", "sagemaker:autopilot", "--fault", "bad-trial", "--json")
    assert shown.status == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["stand_in"] and told["passed"]
    assert told["trials"] == {"done": 1, "failed": 1, "pruned": 0, "total": 2}
    assert 0.7 < told["metrics"]["accuracy"] <= 1
    assert told["faults"] == {"bad-trial": 1}
    (run,) = cn.status()
    assert run.rehearsed
    assert "stood in for Autopilot" in (run.note or "")


def test_tuning_is_rehearsed_and_the_fetched_model_scores_what_its_trial_recorded(
    make_spec: Callable[..., Path], home: Path
) -> None:
    said: list[str] = []
    spec = make_spec(targets="{sagemaker: {parallel: 2}}")
    done = rehearse(spec, on="sagemaker:tuning", faults=["lost-reply"], rows=300, max_trials=2, note=said.append)
    assert done.passed, said
    assert [step.name for step in done.steps] == ["plan", "submit", "wait", "status", "trials", "logs", "fetch", "predict"]
    assert done.trials.done == 2
    assert done.best is not None
    scored = cn.evaluate(done.run_id, "builtin:digits", part="validation")
    assert scored.n == pytest.approx(300 * 2 / 9, abs=2)  # the spec's shares of what is not held out
    assert scored.metrics["accuracy"] == pytest.approx(done.best.value, abs=1e-7)
    (run,) = cn.status()
    assert (run.rehearsed, run.state, run.target) == (True, "succeeded", "sagemaker:tuning")
    assert {path.name for path in home.iterdir()} <= {"registry.sqlite3", "runs", "cache", "config"}


@pytest.mark.slow
def test_the_engine_is_rehearsed_through_a_preemption(make_spec: Callable[..., Path]) -> None:
    done = rehearse(make_spec(train="{epochs: 4, batch_size: 16}"), on="sagemaker:engine", faults=["preempt"], rows=600)
    assert done.passed
    assert done.faults["preempt"] > 0
    assert done.trials.done == 2


@pytest.mark.slow
def test_tuning_survives_all_faults_at_once(make_spec: Callable[..., Path]) -> None:
    done = rehearse(make_spec(), on="sagemaker:tuning", faults=FAULTS, rows=300, max_trials=4)
    assert done.passed
    assert all(done.faults.values()), done.faults
    assert (done.trials.done, done.trials.failed) == (3, 1)


def test_what_cannot_be_rehearsed_is_said_at_once(make_spec: Callable[..., Path], screen: Callable[..., Any]) -> None:
    assert screen("rehearse", str(make_spec()), "--on", "local").status == 2
    shown = screen("rehearse", str(make_spec()), "--on", "sagemaker:tuning", "--fault", "flood")
    assert shown.status == 2
    assert "lost-reply" in shown.stderr


def test_held_out_rows_among_the_uploads_are_refused_as_submit_does(table: Path, screen: Callable[..., Any]) -> None:
    header, *rows = (table.parent / "table.csv").read_text().splitlines()
    (table.parent / "table.csv").write_text("\n".join([header, *rows, *rows]) + "\n")
    shown = screen("rehearse", str(table), "--on", "sagemaker:autopilot")
    assert shown.status == 9, shown.stderr
    assert "held-out rows are also in training" in shown.stderr and "again" not in shown.stderr
    assert cn.status() == []


def test_a_job_that_fails_fails_the_rehearsal_and_leaves_a_rehearsed_run(table: Path) -> None:
    few = (table.parent / "table.csv").read_text().splitlines()[:400]
    (table.parent / "table.csv").write_text("\n".join(few) + "\n")
    with pytest.raises(cn.UsageError, match="500"):
        rehearse(table, on="sagemaker:autopilot")
    assert cn.status() == []
