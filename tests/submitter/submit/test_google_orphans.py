"""Jobs at Google that no run here knows: what is told of them, by whom they are found, and how they are ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.runs.registry import Registry
from cloud_nas.targets.vertex.client import Client

from .conftest import google_place

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

GET = {"vertex:tuning": "GetHyperparameterTuningJob", "vertex:engine": "GetCustomJob"}


@pytest.fixture
def look(google_spec: Path, screen: Callable[..., Any]) -> Callable[..., list[dict[str, Any]]]:
    """What `orphans` or `adopt` finds, with these options."""

    def ask(command: str, on: str, *options: str) -> list[dict[str, Any]]:
        found = screen(command, "--on", on, "--spec", str(google_spec), "--json", *options)
        assert found.status == 0, found.stderr
        jobs: list[dict[str, Any]] = json.loads(found.stdout)["jobs"]
        return jobs

    return ask


def forget(*run_ids: str) -> list[dict[str, Any]]:
    """Takes runs out of this machine's registry; gives what it knew of their places."""
    with Registry() as registry:
        places = [dict(registry.get(run_id).place) for run_id in run_ids]
        for run_id in run_ids:
            registry.delete(run_id)
    return places


def state_at(google: StandIn, on: str, name: str) -> str:
    client = Client({"project": google.project, "location": google.location})
    found: str = client.call(GET[on], {"name": name})["state"]
    return found


@pytest.mark.parametrize("on", GET)
def test_orphans_are_ended_only_after_a_yes(
    on: str, google_spec: Path, google: StandIn, look: Callable[..., Any], screen: Callable[..., Any]
) -> None:
    lost, kept = cn.submit(google_spec, on=on), cn.submit(google_spec, on=on, fresh=True)
    forget(lost.id)
    (found,) = look("orphans", on)
    assert found["run_id"] == lost.id
    asked = screen("orphans", "--on", on, "--spec", str(google_spec), "--cancel")
    assert asked.status == 0 and found["remote"] in asked.stderr
    assert state_at(google, on, found["remote"]) not in ("JOB_STATE_CANCELLING", "JOB_STATE_CANCELLED")
    (ended,) = look("orphans", on, "--cancel", "--yes")
    assert (ended["run_id"], ended["state"]) == (lost.id, "stopping")
    google.settle()
    assert state_at(google, on, found["remote"]) == "JOB_STATE_CANCELLED"
    assert kept.status().state == "succeeded"
    assert [one["state"] for one in look("orphans", on, "--cancel", "--yes")] == ["cancelled"]


def test_other_peoples_jobs_are_found_only_where_they_are_asked_for(
    google_spec: Path, google: StandIn, look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            patch.setenv(name, "Somebody.Else@x")
        theirs = cn.submit(google_spec, on="vertex:engine")
    mine = cn.submit(google_spec, on="vertex:engine", fresh=True)
    forget(theirs.id, mine.id)
    assert [one["run_id"] for one in look("orphans", "vertex:engine")] == [mine.id]
    found = {one["run_id"]: one["owner"] for one in look("orphans", "vertex:engine", "--all-owners")}
    assert set(found) == {mine.id, theirs.id} and found[theirs.id] == "Somebody.Else@x" != found[mine.id]
    assert [one["run_id"] for one in look("adopt", "vertex:engine")] == [mine.id]
    assert {one.run_id for one in cn.status()} == {mine.id}


def test_a_tuners_children_are_neither_runs_nor_orphans(google_spec: Path, google: StandIn, look: Callable[..., Any]) -> None:
    run = cn.submit(google_spec, on="vertex:tuning")
    google.settle()
    forget(run.id)
    assert look("orphans", "vertex:engine") == [] == look("adopt", "vertex:engine")
    assert [one["run_id"] for one in look("orphans", "vertex:tuning")] == [run.id]


@pytest.mark.parametrize("on", ["vertex:tuning", "vertex:engine"])
def test_an_adopted_job_knows_its_place_and_what_it_searches_for(
    on: str, make_spec: Callable[..., Path], google: StandIn, screen: Callable[..., Any]
) -> None:
    place = google_place(google).replace("}}", ", spot: true, max_runtime: 1800, labels: {team: vision}, prefix: a/b/}}")
    spec = make_spec("adopted", targets=place, objective="{metric: loss, goal: minimize}")
    run = cn.submit(spec, on=on)
    with Registry() as registry:
        before = registry.get(run.id)
    forget(run.id)
    assert screen("adopt", "--on", on, "--spec", str(spec)).status == 0
    with Registry() as registry:
        after = registry.get(run.id)
    assert {key: after.place.get(key) for key in before.place} == dict(before.place)
    assert (after.identity, after.attempt, after.nonce) == (before.identity, before.attempt, before.nonce)
    assert (after.remote, after.name, after.spec_sha256) == (before.remote, before.name, before.spec_sha256)
    assert cn.submit(spec, on=on).id == run.id


def test_an_adopted_automl_job_knows_its_place(google_table: Path, google: StandIn, screen: Callable[..., Any]) -> None:
    run = cn.submit(google_table, on="vertex:automl", accept_estimate=True)
    with Registry() as registry:
        before = registry.get(run.id)
    forget(run.id)
    assert screen("adopt", "--on", "vertex:automl", "--spec", str(google_table)).status == 0
    with Registry() as registry:
        after = registry.get(run.id)
    told = ("kind", "project", "location", "bucket", "prefix", "goal", "metric", "task", "model", "target")
    assert {key: after.place.get(key) for key in told} == {key: before.place.get(key) for key in told}
