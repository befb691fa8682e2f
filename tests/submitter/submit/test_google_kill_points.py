"""A process that is killed after any of its calls or writes, and then started again, leaves exactly one job at Google."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._submit_remote import Terms, submit_remote
from cloud_nas.runs.registry import Registry
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import KINDS
from cloud_nas.targets.vertex.sent import Sent
from cloud_nas.targets.vertex.storage import Storage

from .killing import Killed, Steps, counted, kill_after, renamed, spread, submitting

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

TARGETS = ("vertex:tuning", "vertex:engine", "vertex:automl")
TERMS = Terms(accept_estimate=True)


def counted_calls(steps: Steps) -> AbstractContextManager[None]:
    """Counts calls to Google and its notes of them, beside what any submission writes."""
    return counted(
        steps,
        (Client, "call", lambda client, operation, body: operation),
        (Client, "wait_operation", lambda client, name, **named: "wait"),
        (Storage, "write", lambda storage, uri, content, **named: "write"),
        (Sent, "note", lambda sent, step, **told: f"note {step}"),
    )


def spec_of(on: str, request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue("google_table" if on == "vertex:automl" else "google_spec")
    return found


@pytest.mark.parametrize("most", [10, pytest.param(None, marks=pytest.mark.slow)])
@pytest.mark.parametrize("on", TARGETS)
def test_killed_at_any_point_and_started_again_there_is_one_job(
    on: str, most: int | None, google: StandIn, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud_nas.targets.vertex.sent.PAUSES", (0.0, 0.01, 0.01))
    made = cn.plan(spec_of(on, request), on=on)
    create = KINDS[on.partition(":")[2]].create
    whole = Steps()
    with counted_calls(whole):
        submit_remote(made, TERMS, fresh=True)
    points = len(whole.done)
    assert points >= 9 and create in whole.done
    for point in spread(points, most):
        with Registry() as registry:
            for row in registry.rows():
                registry.delete(row.run_id)
        for uri in google.storage.keys(f"gs://{google.bucket}/"):
            google.storage.remove(uri)
        fresh, before = renamed(made), jobs(google, on)
        with pytest.raises(Killed), counted_calls(Steps(point)):
            submit_remote(fresh, TERMS)
        submitted = submit_remote(renamed(made), TERMS)
        (one,) = set(jobs(google, on)) - set(before)
        assert one == submitted.row.remote, whole.done[point - 1]
        if on == "vertex:automl":
            assert sorted(map(run_of, data_sets(google))) == sorted(map(run_of, described(google, on)))
        with Registry() as registry:
            assert [row.state in ("pending", "running") for row in registry.rows()] == [True]


def described(google: StandIn, on: str) -> list[dict[str, object]]:
    """The jobs that were really made."""
    kind = KINDS[on.partition(":")[2]]
    client = Client({"project": google.project, "location": google.location})
    return [one for page in client.pages(kind.listing, {"parent": client.parent}) for one in page.get(kind.items, ())]


def jobs(google: StandIn, on: str) -> list[str]:
    """Their names."""
    return [str(one["name"]) for one in described(google, on)]


def data_sets(google: StandIn) -> list[dict[str, object]]:
    """The data sets that are there."""
    client = Client({"project": google.project, "location": google.location})
    return [one for page in client.pages("ListDatasets", {"parent": client.parent}) for one in page.get("datasets", ())]


def run_of(one: dict[str, object]) -> str:
    labels = one["labels"]
    assert isinstance(labels, dict)
    return str(labels["cloud-nas-run"])


@pytest.mark.slow
@pytest.mark.parametrize("on", TARGETS)
def test_a_process_that_is_really_killed_leaves_one_job(
    on: str, google: StandIn, request: pytest.FixtureRequest, screen: Callable[..., Any], tmp_path: Path
) -> None:
    """A plan's file is submitted by processes of their own; the kernel ends the first one wherever it is by then."""
    spec, output, create = spec_of(on, request), tmp_path / "output.txt", KINDS[on.partition(":")[2]].create

    def plan_anew() -> None:
        for uri in google.storage.keys(f"gs://{google.bucket}/"):
            google.storage.remove(uri)
        shown = screen("plan", str(spec), "--on", on, "--out", "plan.json")
        assert shown.status == 0, shown.stderr

    plan_anew()
    before = len(google.requests)
    assert submitting(tmp_path, output).wait(timeout=120) == 0, output.read_text()
    whole = len(google.requests) - before
    made = next(number for number, one in enumerate(google.requests[before:], 1) if one.operation == create)
    killed = 0
    for requests in sorted({1, 2, made // 2, made - 1, made, whole}):
        plan_anew()
        before_it = set(jobs(google, on))
        process = submitting(tmp_path, output)
        kill_after(process, lambda: len(google.requests), requests)
        killed += process.returncode == -signal.SIGKILL
        assert submitting(tmp_path, output).wait(timeout=120) == 0, output.read_text()
        run_id = output.read_text().split()[-1]
        with Registry() as registry:
            row = registry.get(run_id)
        assert set(jobs(google, on)) - before_it == {row.remote}, requests
        assert row.state in ("pending", "running")
        if on == "vertex:automl":
            assert sorted(map(run_of, data_sets(google))) == sorted(map(run_of, described(google, on)))
    assert killed >= 4, "most were to be ended before their own end"
