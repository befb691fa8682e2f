"""The local target passes the suite; the suite holds a target of somebody else, and finds what is wrong with one."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cloud_nas import targets
from cloud_nas.errors import CloudNasError, FailedError, UsageError
from cloud_nas.states import Trial
from cloud_nas.targets.base import Submits, Target
from cloud_nas.targets.job import Job
from cloud_nas.targets.local import LocalTarget
from cloud_nas.targets.plan import Loss, Plan
from cloud_nas.targets.remote import Brought, Found, Left, LogPage, Remote, State
from cloud_nas.testing import TargetSuite


class TestLocal(TargetSuite):
    def target(self) -> Target:
        return LocalTarget()


class PaperTarget(Target, Submits):
    """A place that only remembers what it was asked."""

    name: ClassVar[str] = "paper:jobs"

    def __init__(self, jobs: dict[str, Found]) -> None:
        self.jobs = jobs

    def settings(self, place: Mapping[str, Any]) -> dict[str, Any]:
        return {"sheet": "A4", **place}

    def plan(self, job: Job) -> Plan:
        loss = Loss("CN301", "search.strategy", job.line("search.strategy"), "the strategy", "paper proposes nothing", "dropped")
        return Plan(self.name, job.name, losses=(loss,), place=job.place)

    def validate(self, plan: Plan) -> tuple[str, ...]:
        return ()

    def submit(self, plan: Plan, *, note: Callable[[str], None] = print) -> Remote:
        assert plan.name is not None
        name = plan.name
        remote = Remote(name.run_id, name.attempt, name.remote, name.nonce, plan.place)
        self.jobs.setdefault(name.remote, Found(remote, self.name, "suite", name.owner, "", "", "", State("running")))
        return remote

    def refresh(self, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
        return [self.jobs[remote.name].state for remote in remotes]

    def cancel(self, remote: Remote) -> None:
        self.jobs[remote.name] = dataclasses.replace(self.jobs[remote.name], state=State("cancelled"))

    def trials(self, remote: Remote) -> list[Trial]:
        return []

    def logs(self, remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
        return LogPage((), "")

    def bring(self, remote: Remote, folder: Path, *, trial: int | None = None, note: Callable[[str], None] = print) -> Brought:
        raise FailedError("paper trains nothing")

    def find(self, place: Mapping[str, Any], *, owner: str | None) -> list[Found]:
        return [one for one in self.jobs.values() if owner in (None, one.owner)]

    def left(self, remote: Remote) -> list[Left]:
        return []

    def remove(self, remote: Remote, left: Sequence[Left]) -> None:
        pass


class TestPaper(TargetSuite):
    @pytest.fixture(autouse=True)
    def paper(self) -> None:
        self.jobs: dict[str, Found] = {}

    def target(self) -> Target:
        return PaperTarget(self.jobs)


class _Forgetful(PaperTarget):
    """Submits a second job where it was asked for the same one, and plans something else each time."""

    count = itertools.count()

    def plan(self, job: Job) -> Plan:
        return dataclasses.replace(super().plan(job), notes=(str(next(self.count)),))

    def submit(self, plan: Plan, *, note: Callable[[str], None] = print) -> Remote:
        return dataclasses.replace(super().submit(plan), attempt=next(self.count))


def test_the_suite_finds_a_target_that_breaks_its_promises(tmp_path: Path) -> None:
    class Wrong(TargetSuite):
        def target(self) -> Target:
            return _Forgetful({})

    with pytest.raises(AssertionError):
        Wrong().test_a_plan_is_a_function_of_the_job(tmp_path)
    with pytest.raises(AssertionError):
        Wrong().test_a_job_is_submitted_once(tmp_path)


def test_targets_are_found_by_name() -> None:
    assert "local" in targets.names()
    assert isinstance(targets.find("local"), LocalTarget)
    with pytest.raises(UsageError, match="no target moon") as error:
        targets.find("moon")
    assert "local" in (error.value.hint or "")


def test_a_plan_at_home_loses_and_costs_nothing(tmp_path: Path) -> None:
    job = TestLocal().job(tmp_path)
    plan = LocalTarget().plan(job)
    assert plan == Plan("local", job.name) and plan.to_json()["max_cost"] is None
