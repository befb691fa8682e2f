"""What a search in one training job does otherwise than at home: next to nothing, since the engine is the same."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.sagemaker.losses import PLACE, loss, of_machine


def losses(job: Job) -> Iterator[Loss]:
    """Every loss of a plan for the engine."""
    longest, seconds = job.place["max_runtime"], job.definition.budget.seconds
    if seconds is None or seconds >= longest:
        what = f"the end of a search that takes longer than {longest:g} s"
        why = "every training job has a cap, so that it cannot cost without end; the search ends in time for its final model"
        yield loss(job, "CN334", f"{PLACE}.max_runtime", what, why, "added")
    yield from of_machine(job)
