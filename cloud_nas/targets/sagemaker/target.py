"""The three targets on SageMaker. Each part of the contract is a file of its own; the plan is what differs between the three."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from cloud_nas.package.parcel import Parcel
from cloud_nas.targets.by_rooms import ByRooms
from cloud_nas.targets.job import Job, Parcels, Rows
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.scoring import Scores, ScoresThere


class _SageMaker(ByRooms):
    """What the three have in common."""

    rooms: ClassVar[str] = "cloud_nas.targets.sagemaker"


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
