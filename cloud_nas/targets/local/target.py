"""The engine here: nothing is converted, so nothing is lost; nothing is uploaded, and nothing costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cloud_nas.targets.base import RunsHere, Target, Work
from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Plan

if TYPE_CHECKING:
    from local_engine.search import Outcome


class LocalTarget(Target, RunsHere):
    """Runs the search in this process; needs the extra `local`."""

    name: ClassVar[str] = "local"

    def plan(self, job: Job) -> Plan:
        """No request, no upload, no loss."""
        return Plan(target=self.name, name=job.name)

    def run(self, work: Work) -> Outcome:
        """Runs the search, or goes on with what is in the folder."""
        from local_engine.search import search

        return search(
            work.definition,
            folder=work.folder,
            observer=work.observer,
            builder=work.builder,
            data=work.data,
            stop=work.stop,
            parallel=work.parallel,
            gpus=work.gpus,
        )
