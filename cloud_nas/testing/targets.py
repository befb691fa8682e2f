"""The suite that any target must pass; what a target does not claim (by its capabilities) is not asked of it.

    class TestMine(TargetSuite):
        def target(self) -> Target:
            return MyTarget()

What a test needs beside the target, such as a stand-in of the place on loopback, is made in a fixture of the class.
"""

from __future__ import annotations

import functools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.package.parcel import Parcel
from cloud_nas.states import RUN_STATES
from cloud_nas.targets.base import RunsHere, Submits, Target, Work
from cloud_nas.targets.job import Job, JobName
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.priced import Priced
from cloud_nas.targets.remote import Remote, State
from local_engine.definition import Budget, Code, Data, Definition, Final, ModelSpace, Objective, Search, Split, Task, Train
from local_engine.events import Event, SearchStarted, TrialEnded, TrialStarted

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.flat import Space

_MODEL = """
from sklearn.tree import DecisionTreeClassifier


def build(hp):
    return DecisionTreeClassifier(max_depth=hp.Int("depth", 1, 8))
"""
_PLAN_KEYS = {"target", "requests", "uploads", "losses", "max_cost", "permissions", "remains"}


class TargetSuite(ABC):
    """Subclass it as `Test...` and say which target; methods may be overridden to make what the place needs."""

    trials = 3
    """How many trials the search makes."""

    @abstractmethod
    def target(self) -> Target:
        """The target under test, a new one each time."""

    def definition(self, folder: Path) -> Definition:
        """A search that is small enough to run: random, a tree a trial, on 270 of the digits."""
        file = folder / "model.py"
        file.write_text(_MODEL)
        return Definition(
            name="suite",
            task="image-classification",
            data=Data("builtin:digits", split=Split(validation=0.05, test=0.85)),
            objective=Objective("accuracy", "maximize"),
            space=ModelSpace(str(file), "build"),
            search=Search("random", seed=3),
            train=Train(epochs=1),
            final=Final(fit="keep"),
            budget=Budget(trials=self.trials),
            code=Code(root=str(folder)),
        )

    def place(self) -> Mapping[str, Any]:
        """The section of the spec's `targets` that the place needs."""
        return {}

    def job(self, folder: Path, attempt: int = 1) -> Job:
        """The search as a target plans it, with all that the target needs; what travels is packed as it is for a user."""
        from cloud_nas.operations._job import rows_of
        from local_engine.space.flat import Space
        from local_engine.space.parameters import Int

        target, definition = self.target(), self.definition(folder)
        place = target.settings(self.place()) if isinstance(target, Submits) else {}
        space = Space((Int("depth", 1, 8),)) if target.needs.space else None
        data = _rows(definition.data, definition.task)
        return target.packed(
            Job(
                definition,
                JobName("r-7k2xq", attempt, "nonce", "suite"),
                rows_of(data),
                place=place,
                parcels=_parcels(target, definition, data, space, place),
                space=space,
            )
        )

    def test_it_has_a_name(self) -> None:
        """As `--on` takes it."""
        assert re.fullmatch(r"[a-z][a-z0-9_-]*(:[a-z][a-z0-9_-]*)?", self.target().name)

    def test_a_plan_is_a_function_of_the_job(self, tmp_path: Path) -> None:
        """Twice the same, plain data, with the keys that scripts read; and the same again when read back."""
        job = self.job(tmp_path)
        before = job.definition.to_json()
        plan = self.target().plan(job)
        assert plan == self.target().plan(job)
        assert plan.target == self.target().name
        assert set(json.loads(json.dumps(plan.to_json()))) >= _PLAN_KEYS
        assert Plan.from_json(json.loads(json.dumps(plan.to_json()))).to_json() == plan.to_json()
        assert job.definition.to_json() == before

    def test_a_plan_writes_nothing(self, tmp_path: Path) -> None:
        """Not even in the working folder."""
        job = self.job(tmp_path)
        before = sorted(tmp_path.rglob("*"))
        self.target().plan(job)
        assert sorted(tmp_path.rglob("*")) == before

    def test_every_loss_names_its_code_and_its_key(self, tmp_path: Path) -> None:
        """So that a user can look it up, and find the line."""
        job = self.job(tmp_path)
        for loss in self.target().plan(job).losses:
            assert re.fullmatch(r"CN3\d\d", loss.code)
            assert loss.what and loss.why
            assert loss.path.split(".")[0] in {*job.definition.to_json(), "targets"}

    def test_the_plan_is_one_that_the_place_would_take(self, tmp_path: Path) -> None:
        """By the place's own model of its requests."""
        target = self.target()
        if isinstance(target, Submits):
            assert target.validate(target.plan(self.job(tmp_path))) == ()

    def test_a_search_runs_to_its_end(self, tmp_path: Path) -> None:
        """The outcome agrees with what was said on the way, and everything lies in the run's folder."""
        target = self.target()
        if not isinstance(target, RunsHere):
            return
        said: list[Event] = []
        folder = tmp_path / "run"
        definition = self.definition(tmp_path)
        outcome = target.run(Work(definition, folder, said.append, stop=lambda: None))
        ended = {event.number: event for event in said if isinstance(event, TrialEnded)}
        assert any(isinstance(event, SearchStarted) for event in said)
        assert sorted(ended) == list(range(self.trials))
        assert outcome.best is not None and outcome.best.value == ended[outcome.best.number].value
        assert outcome.best.value == max(event.value or 0.0 for event in ended.values())
        assert outcome.model is not None and outcome.model.is_relative_to(folder)
        leftovers = {path.name for path in tmp_path.iterdir()} - {"model.py", "run", "__pycache__"}
        assert not leftovers

    def test_an_interrupted_search_goes_on(self, tmp_path: Path) -> None:
        """A finished trial stands once; the best is that of a search which nobody interrupted."""
        target = self.target()
        if not isinstance(target, RunsHere):
            return
        definition = self.definition(tmp_path)
        again = self.target()
        assert isinstance(again, RunsHere)
        first: list[Event] = []
        target.run(Work(definition, tmp_path / "run", first.append, lambda: "enough" if _trials(first, TrialStarted) else None))
        second: list[Event] = []
        outcome = again.run(Work(definition, tmp_path / "run", second.append, stop=lambda: None))
        whole = again.run(Work(definition, tmp_path / "other", lambda event: None, stop=lambda: None))
        ended = _trials(first, TrialEnded)
        finished = {event.number for event in first if isinstance(event, TrialEnded) and event.state == "done"}
        assert len(ended) < self.trials
        assert not finished & set(_trials(second, TrialStarted))
        assert outcome.best is not None and whole.best is not None
        assert (outcome.best.number, outcome.best.value) == (whole.best.number, whole.best.value)

    def test_a_job_is_submitted_once(self, tmp_path: Path) -> None:
        """Submitting an attempt again finds the same job; looking changes nothing; cancelling may be repeated."""
        target = self.target()
        if not isinstance(target, Submits):
            return
        plan = target.plan(self.job(tmp_path))
        remote = target.submit(plan)
        assert self.target().plan(self.job(tmp_path)) == plan
        assert target.submit(plan) == remote
        assert target.submit(target.plan(self.job(tmp_path, attempt=2))).name != remote.name
        assert _state(target, remote).state in RUN_STATES
        target.cancel(remote)
        target.cancel(remote)
        assert _state(target, remote).state in ("stopping", "cancelled", "succeeded", "failed")

    def test_a_job_can_be_looked_at_from_its_first_moment(self, tmp_path: Path) -> None:
        """It has no trials yet that have ended, and nothing to bring; the next page of its log begins where this one ends."""
        target = self.target()
        if not isinstance(target, Submits):
            return
        remote = target.submit(target.plan(self.job(tmp_path)))
        assert all(trial.value is None for trial in target.trials(remote))
        page = target.logs(remote)
        assert target.logs(remote, after=page.next).lines == ()

    def test_prices_say_what_they_are_of_and_since_when(self, tmp_path: Path) -> None:
        """A price that is not the user's own has a date; one that is not known is none, not 0."""
        target = self.target()
        if not isinstance(target, Priced):
            return
        for price in target.prices():
            assert price.usd > 0 and price.what and price.unit and price.source
            assert price.date or price.origin == "user"
        assert target.monthly(target.plan(self.job(tmp_path)).place, 0) in (None, 0)

    def test_a_job_is_found_again_by_its_tags(self, tmp_path: Path) -> None:
        """On a machine that knows nothing of it."""
        target = self.target()
        if not isinstance(target, Submits):
            return
        target.submit(target.plan(self.job(tmp_path)))
        found = target.find(self.place(), owner="suite")
        assert [(one.remote.run_id, one.remote.attempt, one.target) for one in found] == [("r-7k2xq", 1, target.name)]
        assert target.find(self.place(), owner="somebody else") == []

    def test_what_a_job_left_is_its_own_and_can_be_taken_away(self, tmp_path: Path) -> None:
        """Objects have the run's id in their names; whatever else is there, such as a data set, goes with them."""
        target = self.target()
        if not isinstance(target, Submits):
            return
        remote = target.submit(target.plan(self.job(tmp_path)))
        target.cancel(remote)
        left = target.left(remote)
        assert all("r-7k2xq" in one.uri for one in left if one.bytes is not None)
        target.remove(remote, left)
        assert target.left(remote) == []


def _state(target: Submits, remote: Remote) -> State:
    (found,) = target.refresh([remote])
    assert isinstance(found, State), found
    return found


@functools.cache
def _rows(data: Data, task: Task) -> Dataset:
    from local_engine.data import load

    return load(data, task)


def _parcels(
    target: Target, definition: Definition, data: Dataset, space: Space | None, place: Mapping[str, Any]
) -> dict[str, Parcel]:
    """What the target wants to travel, in this machine's cache; without wheels, which nobody would fetch."""
    from cloud_nas.package import code, rows
    from cloud_nas.package.user_files import collect

    needs, found = target.needs, {}
    if needs.rows is not None:
        found["rows"] = rows.pack(data, definition.data, needs.rows)
    if needs.code is not None:
        assert definition.space.file is not None
        file = Path(definition.space.file)
        files, runtime = collect([(file, None)], [file.parent]), float(place.get("max_runtime", 3600))
        cargo = code.Cargo(needs.code, definition, files, data.fingerprint, runtime, space, False, needs.container)
        found["code"] = code.pack(cargo)
    return found


def _trials(said: list[Event], kind: type[TrialStarted] | type[TrialEnded]) -> list[int]:
    """The numbers of the trials that were said to have started, or ended."""
    return [event.number for event in said if isinstance(event, kind)]
