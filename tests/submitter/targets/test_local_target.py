"""The local target passes the suite; the suite holds a target of somebody else, and finds what is wrong with one."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import ClassVar

import pytest

from cloud_nas import targets
from cloud_nas.errors import UsageError
from cloud_nas.targets.base import Loss, Plan, Remote, State, Submits, Target
from cloud_nas.targets.local import LocalTarget
from cloud_nas.testing import TargetSuite
from local_engine.definition import Definition


class TestLocal(TargetSuite):
    def target(self) -> Target:
        return LocalTarget()


class PaperTarget(Target, Submits):
    """A place that only remembers what it was asked."""

    name: ClassVar[str] = "paper:jobs"

    def __init__(self) -> None:
        self.jobs: dict[Remote, State] = {}

    def plan(self, definition: Definition) -> Plan:
        loss = Loss("CN301", "search.strategy", 3, "the strategy", "paper proposes nothing", "dropped")
        return Plan(self.name, losses=(loss,))

    def submit(self, plan: Plan, run_id: str, attempt: int) -> Remote:
        remote = Remote(run_id, attempt, f"{run_id}-{attempt}")
        self.jobs.setdefault(remote, State("running"))
        return remote

    def refresh(self, remote: Remote) -> State:
        return self.jobs[remote]

    def cancel(self, remote: Remote) -> None:
        self.jobs[remote] = State("cancelled")


class TestPaper(TargetSuite):
    def target(self) -> Target:
        return PaperTarget()


class _Forgetful(PaperTarget):
    """Submits a second job where it was asked for the same one, and plans something else each time."""

    count = itertools.count()

    def plan(self, definition: Definition) -> Plan:
        return dataclasses.replace(super().plan(definition), remains=(str(next(self.count)),))

    def submit(self, plan: Plan, run_id: str, attempt: int) -> Remote:
        return super().submit(plan, f"{run_id}-{next(self.count)}", attempt)


def test_the_suite_finds_a_target_that_breaks_its_promises(tmp_path: Path) -> None:
    class Wrong(TargetSuite):
        def target(self) -> Target:
            return _Forgetful()

    with pytest.raises(AssertionError):
        Wrong().test_a_plan_is_a_function_of_the_definition(tmp_path)
    with pytest.raises(AssertionError):
        Wrong().test_a_job_is_submitted_once(tmp_path)


def test_targets_are_found_by_name() -> None:
    assert "local" in targets.names()
    assert isinstance(targets.find("local"), LocalTarget)
    with pytest.raises(UsageError, match="no target moon") as error:
        targets.find("moon")
    assert "local" in (error.value.hint or "")


def test_a_plan_at_home_loses_and_costs_nothing(tmp_path: Path) -> None:
    plan = LocalTarget().plan(TestLocal().definition(tmp_path))
    assert plan == Plan("local") and plan.to_json()["max_cost"] is None
