"""The three targets on Vertex AI. Each part of the contract is a file of its own; the plan is what differs between the three."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from cloud_nas.errors import CloudNasError
from cloud_nas.package.parcel import Parcel
from cloud_nas.states import Trial
from cloud_nas.targets.base import Submits, Target
from cloud_nas.targets.job import Job, Parcels, Rows
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.priced import Price, Priced, Unpriced
from cloud_nas.targets.remote import Brought, Found, Left, LogPage, Remote, State
from cloud_nas.targets.scoring import Scores, ScoresThere


class _Vertex(Target, Submits, Priced):
    """What the three have in common: all that happens once there is a plan."""

    def settings(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """The section `targets.vertex`, with project and location of Google's own configuration where the spec has none."""
        from cloud_nas.targets.vertex.placement import settings

        return settings(place)

    def validate(self, plan: Plan) -> tuple[str, ...]:
        """What the service's protos and the documented rules say against the plan's requests."""
        from cloud_nas.targets.vertex.validation import problems

        return problems(plan)

    def submit(self, plan: Plan, *, note: Callable[[str], None] = lambda text: None) -> Remote:
        """Uploads and creates, once."""
        from cloud_nas.targets.vertex.submitting import submit

        return submit(plan, note=note)

    def refresh(self, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
        """By lists, not by a call a job."""
        from cloud_nas.targets.vertex.watching import refresh

        return refresh(remotes)

    def cancel(self, remote: Remote) -> None:
        """Stops the job."""
        from cloud_nas.targets.vertex.stopping import cancel

        cancel(remote)

    def trials(self, remote: Remote) -> list[Trial]:
        """The service's own trials, AutoML's one model, or what the engine last wrote into its checkpoints."""
        from cloud_nas.targets.vertex.trials import trials

        return trials(remote)

    def logs(self, remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
        """From Cloud Logging."""
        from cloud_nas.targets.vertex.logs import page

        return page(remote, trial=trial, after=after)

    def bring(
        self, remote: Remote, folder: Path, *, trial: int | None = None, note: Callable[[str], None] = lambda text: None
    ) -> Brought:
        """From Cloud Storage."""
        from cloud_nas.targets.vertex.bringing import bring

        return bring(remote, folder, trial=trial, note=note)

    def find(self, place: Mapping[str, Any], *, owner: str | None) -> list[Found]:
        """By labels."""
        from cloud_nas.targets.vertex.finding import find

        return find(place, owner=owner, target=self.name)

    def left(self, remote: Remote) -> list[Left]:
        """Objects below the run's own prefix, and AutoML's data set and model."""
        from cloud_nas.targets.vertex.leftovers import left

        return left(remote)

    def remove(self, remote: Remote, left: Sequence[Left]) -> None:
        """Deletes them."""
        from cloud_nas.targets.vertex.leftovers import remove

        remove(remote, left)

    def prices(self, region: str | None = None) -> list[Price]:
        """From the table."""
        from cloud_nas.targets.vertex.priced import prices

        return prices(region)

    def refresh_prices(self, region: str | None = None) -> str:
        """From the place's public list."""
        from cloud_nas.targets.vertex.priced import refresh

        return refresh(region)

    def unpriced(self, place: Mapping[str, Any]) -> Unpriced | None:
        """The first that is not known."""
        from cloud_nas.targets.vertex.priced import unpriced

        return unpriced(place)

    def what_fits(self, plan: Plan, max_cost: float) -> str:
        """By the bound's own formula."""
        from cloud_nas.targets.vertex.priced import what_fits

        return what_fits(plan, max_cost)

    def monthly(self, place: Mapping[str, Any], bytes: int) -> float | None:
        """Of the bucket."""
        from cloud_nas.targets.vertex.priced import monthly

        return monthly(place, bytes)


class AutoML(_Vertex, ScoresThere):
    """AutoML searches; it gets the rows, the objective and the budget."""

    name: ClassVar[str] = "vertex:automl"
    needs: ClassVar[Parcels] = Parcels(rows="vertex")

    def packed(self, job: Job) -> Job:
        """With the list of images, which names where each is uploaded to."""
        from cloud_nas.targets.vertex.automl import packed

        return packed(job)

    def plan(self, job: Job) -> Plan:
        """A data set and a training pipeline."""
        from cloud_nas.targets.vertex.automl import plan

        return plan(job)

    def scoring(self, remote: Remote, parcel: Parcel, rows: Rows) -> Plan:
        """A batch prediction job."""
        from cloud_nas.targets.vertex.batch import plan

        return plan(remote, parcel, rows)

    def score(self, plan: Plan, remote: Remote, folder: Path, *, note: Callable[[str], None] = lambda text: None) -> Scores:
        """By batch prediction."""
        from cloud_nas.targets.vertex.batch import score

        return score(plan, remote, folder, note=note)

    def scored_by(self, plan: Plan) -> str:
        """The model's resource name."""
        from cloud_nas.targets.vertex.batch import model_of

        return model_of(plan)


class Tuning(_Vertex):
    """Vertex AI's tuner proposes, and each trial is our trainer in a TensorFlow container."""

    name: ClassVar[str] = "vertex:tuning"
    needs: ClassVar[Parcels] = Parcels(rows="bundle", code="trial", container="vertex", space=True)

    def plan(self, job: Job) -> Plan:
        """One HyperparameterTuningJob."""
        from cloud_nas.targets.vertex.tuning import plan

        return plan(job)


class Engine(_Vertex):
    """The whole engine in one CustomJob."""

    name: ClassVar[str] = "vertex:engine"
    needs: ClassVar[Parcels] = Parcels(rows="bundle", code="engine", container="vertex")

    def plan(self, job: Job) -> Plan:
        """One CustomJob."""
        from cloud_nas.targets.vertex.engine import plan

        return plan(job)
