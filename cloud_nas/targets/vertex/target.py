"""The three targets on Vertex AI. Each part of the contract is a file of its own; the plan is what differs between the three."""

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


class _Vertex(ByRooms):
    """What the three have in common."""

    rooms: ClassVar[str] = "cloud_nas.targets.vertex"


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
