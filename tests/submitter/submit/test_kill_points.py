"""A process that is killed after any of its calls or writes, and then started again, leaves exactly one job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
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


@pytest.mark.parametrize("most", [10, pytest.param(None, marks=pytest.mark.slow)])
@pytest.mark.parametrize("on", CREATES)
def test_killed_at_any_point_and_started_again_there_is_one_job(on: str, most: int | None, spec: Path, cloud: StandIn) -> None:
    made = cn.plan(spec, on=on)
    whole = Steps()
    with counted(whole):
        submit_remote(made, Terms(), fresh=True)
    points = len(whole.done)
    assert points >= 10 and CREATES[on] in whole.done
    for point in _spread(points, most):
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


def _spread(points: int, most: int | None) -> list[int]:
    """So many of the points at most, from the first to the last."""
    if most is None or points <= most:
        return list(range(1, points + 1))
    return [1 + number * (points - 1) // (most - 1) for number in range(most)]


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


ROOT = Path(cn.__file__).resolve().parents[1]
COMMAND = "import cloud_nas as cn; print(cn.submit('plan.json').id)"


def _submitting(folder: Path, output: Path) -> subprocess.Popen[bytes]:
    """A process that submits `plan.json`, at the head of a group of its own."""
    command, here = [sys.executable, "-c", COMMAND], {**os.environ, "PYTHONPATH": str(ROOT)}
    with output.open("wb") as said:
        return subprocess.Popen(command, cwd=folder, env=here, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)


def _kill_after(process: subprocess.Popen[bytes], cloud: StandIn, requests: int) -> None:
    """Kills the process and all that it started, when so many requests have come in since now."""
    before = len(cloud.requests)

    def watch() -> None:
        while process.poll() is None and len(cloud.requests) - before < requests:
            threading.Event().wait(0.0005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    watching = threading.Thread(target=watch)
    watching.start()
    process.wait(timeout=120)
    watching.join()


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
    assert _submitting(tmp_path, output).wait(timeout=120) == 0, output.read_text()
    whole = len(cloud.requests) - before
    create = next(number for number, one in enumerate(cloud.requests[before:], 1) if one.operation == CREATES[on])
    killed = 0
    for requests in sorted({1, 2, create // 2, create - 1, create, whole}):
        plan_anew()
        done = len(_jobs(cloud, on))
        process = _submitting(tmp_path, output)
        _kill_after(process, cloud, requests)
        killed += process.returncode == -signal.SIGKILL
        assert _submitting(tmp_path, output).wait(timeout=120) == 0, output.read_text()
        run_id = output.read_text().split()[-1]
        assert _jobs(cloud, on)[done:] == [f"{run_id}-1"], requests
        with Registry() as registry:
            row = registry.get(run_id)
            assert (row.state, row.remote) == ("running", f"{run_id}-1")
    assert killed >= 4, "most were to be ended before their own end"
