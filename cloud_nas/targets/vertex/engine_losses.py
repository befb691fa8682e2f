"""What a search in one job does otherwise than at home: next to nothing, since the engine is the same."""

from __future__ import annotations

from collections.abc import Iterator

from cloud_nas.targets.job import Job
from cloud_nas.targets.losses import of_search_cap
from cloud_nas.targets.plan import Loss
from cloud_nas.targets.vertex.losses import PLACE


def losses(job: Job) -> Iterator[Loss]:
    """Every loss of a plan for the engine."""
    yield from of_search_cap(job, PLACE)
