"""A process that is killed after any of its calls or writes, and then started again, leaves exactly one job."""

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
from cloud_nas.targets.sagemaker.client import Client

from .killing import Killed, Steps, counted, kill_after, renamed, spread, submitting

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

CREATES = {"sagemaker:tuning": "CreateHyperParameterTuningJob", "sagemaker:engine": "CreateTrainingJob"}


def counted_calls(steps: Steps) -> AbstractContextManager[None]:
    """Counts calls to AWS beside what any submission writes."""
    return counted(steps, (Client, "call", lambda client, service, operation, **body: operation))


@pytest.mark.parametrize("most", [10, pytest.param(None, marks=pytest.mark.slow)])
@pytest.mark.parametrize("on", CREATES)
def test_killed_at_any_point_and_started_again_there_is_one_job(on: str, most: int | None, spec: Path, cloud: StandIn) -> None:
    made = cn.plan(spec, on=on)
    whole = Steps()
    with counted_calls(whole):
        submit_remote(made, Terms(), fresh=True)
    points = len(whole.done)
    assert points >= 10 and CREATES[on] in whole.done
    for point in spread(points, most):
        with Registry() as registry:
            for row in registry.rows():
                registry.delete(row.run_id)
        for uri in cloud.storage.keys(f"s3://{cloud.bucket}/"):
            cloud.storage.remove(uri)
        fresh = renamed(made)
        before = len(_jobs(cloud, on))
        with pytest.raises(Killed), counted_calls(Steps(point)):
            submit_remote(fresh, Terms())
        submitted = submit_remote(renamed(made), Terms())
        jobs = _jobs(cloud, on)[before:]
        assert len(jobs) == 1, (whole.done[point - 1], jobs)
        assert jobs[0] == submitted.row.remote
        with Registry() as registry:
            assert [row.state for row in registry.rows()] == ["running"]


def _jobs(cloud: StandIn, on: str) -> list[str]:
    """The names of the jobs that were really made."""
    return [
        next(value for key, value in one.body.items() if key.endswith("JobName"))
        for one in cloud.asked(CREATES[on])
        if one.error is None
    ]


@pytest.mark.slow
@pytest.mark.parametrize("on", CREATES)
def test_a_process_that_is_really_killed_leaves_one_job(
    on: str, spec: Path, cloud: StandIn, screen: Callable[..., Any], tmp_path: Path
) -> None:
    """A plan's file is submitted by processes of their own; the kernel ends the first one wherever it is by then."""
    output = tmp_path / "output.txt"

    def plan_anew() -> None:
        for uri in cloud.storage.keys(f"s3://{cloud.bucket}/"):
            cloud.storage.remove(uri)
        shown = screen("plan", str(spec), "--on", on, "--out", "plan.json")
        assert shown.status == 0, shown.stderr

    plan_anew()
    before = len(cloud.requests)
    assert submitting(tmp_path, output).wait(timeout=120) == 0, output.read_text()
    whole = len(cloud.requests) - before
    create = next(number for number, one in enumerate(cloud.requests[before:], 1) if one.operation == CREATES[on])
    killed = 0
    for requests in sorted({1, 2, create // 2, create - 1, create, whole}):
        plan_anew()
        done = len(_jobs(cloud, on))
        process = submitting(tmp_path, output)
        kill_after(process, lambda: len(cloud.requests), requests)
        killed += process.returncode == -signal.SIGKILL
        assert submitting(tmp_path, output).wait(timeout=120) == 0, output.read_text()
        run_id = output.read_text().split()[-1]
        assert _jobs(cloud, on)[done:] == [f"{run_id}-1"], requests
        with Registry() as registry:
            row = registry.get(run_id)
            assert (row.state, row.remote) == ("running", f"{run_id}-1")
    assert killed >= 4, "most were to be ended before their own end"
