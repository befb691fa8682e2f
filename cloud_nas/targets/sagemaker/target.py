"""The three targets on SageMaker. Each part of the contract is a file of its own; the plan is what differs between the three."""

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


class _SageMaker(Target, Submits, Priced):
    """What the three have in common: all that happens once there is a plan."""

    def settings(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """The section `targets.sagemaker`, with the region of AWS's own configuration where the spec has none."""
        from cloud_nas.targets.sagemaker.placement import settings

        return settings(place)

    def validate(self, plan: Plan) -> tuple[str, ...]:
        """What botocore's model of the service and the documented rules say against the plan's requests."""
        from cloud_nas.targets.sagemaker.validation import problems

        return problems(plan)

    def submit(self, plan: Plan, *, note: Callable[[str], None] = lambda text: None) -> Remote:
        """Uploads and creates, once."""
        from cloud_nas.targets.sagemaker.submitting import submit

        return submit(plan, note=note)

    def refresh(self, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
        """By lists and tags, not by a call a job."""
        from cloud_nas.targets.sagemaker.watching import refresh

        return refresh(remotes)

    def cancel(self, remote: Remote) -> None:
        """Stops the job."""
        from cloud_nas.targets.sagemaker.stopping import cancel

        cancel(remote)

    def trials(self, remote: Remote) -> list[Trial]:
        """Training jobs of a tuning job, candidates of Autopilot, or what the engine last wrote into its checkpoints."""
        from cloud_nas.targets.sagemaker.trials import trials

        return trials(remote)

    def logs(self, remote: Remote, *, trial: int | None = None, after: str | None = None) -> LogPage:
        """From CloudWatch."""
        from cloud_nas.targets.sagemaker.logs import page

        return page(remote, trial=trial, after=after)

    def bring(
        self, remote: Remote, folder: Path, *, trial: int | None = None, note: Callable[[str], None] = lambda text: None
    ) -> Brought:
        """From S3."""
        from cloud_nas.targets.sagemaker.bringing import bring

        return bring(remote, folder, trial=trial, note=note)

    def find(self, place: Mapping[str, Any], *, owner: str | None) -> list[Found]:
        """By tags."""
        from cloud_nas.targets.sagemaker.finding import find

        return find(place, owner=owner, target=self.name)

    def left(self, remote: Remote) -> list[Left]:
        """Objects below the run's own prefix."""
        from cloud_nas.targets.sagemaker.leftovers import left

        return left(remote)

    def remove(self, remote: Remote, left: Sequence[Left]) -> None:
        """Deletes them."""
        from cloud_nas.targets.sagemaker.leftovers import remove

        remove(remote, left)

    def prices(self, region: str | None = None) -> list[Price]:
        """From the table."""
        from cloud_nas.targets.sagemaker.priced import prices

        return prices(region)

    def refresh_prices(self, region: str | None = None) -> str:
        """From the place's public list."""
        from cloud_nas.targets.sagemaker.priced import refresh

        return refresh(region)

    def unpriced(self, place: Mapping[str, Any]) -> Unpriced | None:
        """The first that is not known."""
        from cloud_nas.targets.sagemaker.priced import unpriced

        return unpriced(place)

    def what_fits(self, plan: Plan, max_cost: float) -> str:
        """By the bound's own formula."""
        from cloud_nas.targets.sagemaker.priced import what_fits

        return what_fits(plan, max_cost)

    def monthly(self, place: Mapping[str, Any], bytes: int) -> float | None:
        """Of the bucket."""
        from cloud_nas.targets.sagemaker.priced import monthly

        return monthly(place, bytes)


class Autopilot(_SageMaker, ScoresThere):
    """Autopilot searches; it gets the rows, the objective and the budget."""

    name: ClassVar[str] = "sagemaker:autopilot"
    needs: ClassVar[Parcels] = Parcels(rows="automl")

    def plan(self, job: Job) -> Plan:
        """One CreateAutoMLJobV2."""
        from cloud_nas.targets.sagemaker.autopilot import plan

        return plan(job)

    def scoring(self, remote: Remote, parcel: Parcel, rows: Rows) -> Plan:
        """A model and a transform job."""
        from cloud_nas.targets.sagemaker.client import Client
        from cloud_nas.targets.sagemaker.transform import plan

        return plan(Client(remote.place["region"]), remote, parcel, rows)

    def score(self, plan: Plan, remote: Remote, folder: Path, *, note: Callable[[str], None] = lambda text: None) -> Scores:
        """By batch transform."""
        from cloud_nas.targets.sagemaker.client import Client
        from cloud_nas.targets.sagemaker.transform import score

        return score(Client(remote.place["region"]), plan, remote, folder, note=note)

    def scored_by(self, plan: Plan) -> str:
        """Where the candidate's own model lies."""
        return str(plan.requests[0].body["Containers"][-1]["ModelDataUrl"])


class Tuning(_SageMaker):
    """SageMaker's tuner proposes, and each trial is our trainer in AWS's TensorFlow container."""

    name: ClassVar[str] = "sagemaker:tuning"
    needs: ClassVar[Parcels] = Parcels(rows="bundle", code="trial", space=True)

    def plan(self, job: Job) -> Plan:
        """One CreateHyperParameterTuningJob."""
        from cloud_nas.targets.sagemaker.tuning import plan

        return plan(job)


class Engine(_SageMaker):
    """The whole engine in one training job; nothing is lost."""

    name: ClassVar[str] = "sagemaker:engine"
    needs: ClassVar[Parcels] = Parcels(rows="bundle", code="engine", space=False)

    def plan(self, job: Job) -> Plan:
        """One CreateTrainingJob."""
        from cloud_nas.targets.sagemaker.engine import plan

        return plan(job)
