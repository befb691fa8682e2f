"""A process that is killed after any of its calls or writes, and then started again, leaves exactly one job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._submit_remote import Terms, submit_remote
from cloud_nas.runs.registry import Registry
from cloud_nas.targets.sagemaker.client import Client
from local_engine import files

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

CREATES = {"sagemaker:tuning": "CreateHyperParameterTuningJob", "sagemaker:engine": "CreateTrainingJob"}


class Killed(BaseException):
    """The process ended here; nothing of ours catches it."""


class Steps:
    """Counts everything that a submission does to the world outside, and ends it after the step of a number."""

    def __init__(self, last: int | None = None) -> None:
        self.done: list[str] = []
        self._last = last

    def step(self, what: str) -> None:
        self.done.append(what)
        if len(self.done) == self._last:
            raise Killed(what)


@contextmanager
def counted(steps: Steps) -> Iterator[None]:
    """Counts calls to AWS, files and rows that are written, each once it is done."""

    def after(function: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            found = function(*given, **named)
            steps.step(name(*given, **named))
            return found

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "call", after(Client.call, lambda client, service, operation, **body: operation))
        patch.setattr(Registry, "_write", after(Registry._write, lambda registry, statement, values: statement[:11]))
        for name in ("write_bytes", "write_json"):
            written = after(getattr(files, name), lambda path, *rest, **named: Path(path).name)
            patch.setattr(f"cloud_nas.operations._submit_remote.{name}", written)
        yield


@pytest.mark.parametrize("on", CREATES)
def test_killed_at_any_point_and_started_again_there_is_one_job(
    on: str, make_spec: Callable[..., Path], cloud: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"{{sagemaker: {{region: {cloud.region}, bucket: {cloud.bucket}, role: '{cloud.role}'}}}}"
    made = cn.plan(make_spec(targets=place), on=on)
    whole = Steps()
    with counted(whole):
        submit_remote(made, Terms(), fresh=True)
    points = len(whole.done)
    assert points >= 10 and CREATES[on] in whole.done
    for point in range(1, points + 1):
        with Registry() as registry:
            for row in registry.rows():
                registry.delete(row.run_id)
        for uri in cloud.storage.keys(f"s3://{cloud.bucket}/"):
            cloud.storage.remove(uri)
        fresh = _renamed(made)
        before = len(_jobs(cloud, on))
        with pytest.raises(Killed), counted(Steps(point)):
            submit_remote(fresh, Terms())
        submitted = submit_remote(_renamed(made), Terms())
        jobs = _jobs(cloud, on)[before:]
        assert len(jobs) == 1, (whole.done[point - 1], jobs)
        assert jobs[0] == submitted.row.remote
        with Registry() as registry:
            assert [row.state for row in registry.rows()] == ["running"]


def _renamed(made: cn.PlanResult) -> cn.PlanResult:
    """The plan as a new process would make it: under a name of its own, which counts only where no run is there yet."""
    import dataclasses

    from cloud_nas.operations._job_name import new_name
    from cloud_nas.operations.plan import planned

    assert made.prepared is not None
    prepared = dataclasses.replace(made.prepared, job=dataclasses.replace(made.prepared.job, name=new_name()))
    return dataclasses.replace(made, plan=planned(prepared, made.target), prepared=prepared)


def _jobs(cloud: StandIn, on: str) -> list[str]:
    """The names of the jobs that were really made."""
    return [
        next(value for key, value in one.body.items() if key.endswith("JobName"))
        for one in cloud.asked(CREATES[on])
        if one.error is None
    ]
