"""A job is made and nobody hears of it: the submission finds it, and makes no second one; also where lists lag behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.targets.vertex import submitting
from cloud_nas.targets.vertex.sent import looked_for

from .conftest import google_place

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

CREATES = {"vertex:tuning": "CreateHyperparameterTuningJob", "vertex:engine": "CreateCustomJob"}


@pytest.mark.parametrize("on", CREATES)
@pytest.mark.parametrize("faults", [["lost-reply"], ["lost-reply", "slow-list"]], ids="-".join)
def test_a_job_whose_reply_got_lost_is_the_runs(
    on: str,
    faults: list[str],
    make_spec: Callable[..., Path],
    make_google: Callable[..., StandIn],
    screen: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    google = make_google(run_jobs=False, faults=faults)
    monkeypatch.setattr(submitting, "looked_for", lambda look, sleep: looked_for(look, sleep=google.advance))
    spec = make_spec(targets=google_place(google))
    found = screen("submit", str(spec), "--on", on, "--yes", "--json")
    assert found.status == 0, found.stderr
    run = json.loads(found.stdout)
    assert len(google.asked(CREATES[on])) == 1
    assert run["state"] in ("pending", "running") and run["remote"].startswith("projects/")
    (row,) = cn.status()
    assert (row.run_id, row.attempt) == (run["run_id"], 1)
    assert cn.submit(spec, on=on).id == run["run_id"]
    assert len(google.asked(CREATES[on])) == 1


def test_a_job_of_the_same_name_that_is_not_ours_is_left_alone(
    google_spec: Path, google: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    from cloud_nas.targets import find
    from cloud_nas.targets.base import Submits

    plan = cn.plan(google_spec, on="vertex:engine").plan
    target = find("vertex:engine")
    assert isinstance(target, Submits) and plan.name is not None
    first = target.submit(plan)
    assert target.submit(plan) == first
    theirs = dataclasses.replace(plan, name=dataclasses.replace(plan.name, nonce="f" * 32))
    with pytest.raises(cn.CloudNasError, match="not this run's") as refused:
        target.submit(theirs)
    assert refused.value.exit_status == 9
    assert len(google.asked("CreateCustomJob")) == 1
