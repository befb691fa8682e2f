"""A Google Cloud project on loopback, for a rehearsal and for tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from cloud_nas.rehearse.clock import Clock
from cloud_nas.rehearse.gcp.api import VertexApi
from cloud_nas.rehearse.gcp.container import Container
from cloud_nas.rehearse.gcp.faults import Faults
from cloud_nas.rehearse.gcp.objects import Objects
from cloud_nas.rehearse.gcp.runs import Run, Work
from cloud_nas.rehearse.gcp.server import Asked, Server
from cloud_nas.rehearse.gcp.simulated import Simulated
from cloud_nas.rehearse.gcp.world import World
from cloud_nas.rehearse.script import Script, Scripts
from cloud_nas.rehearse.standing import Standing

LOCATION = "us-central1"
UNSET = (
    "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT", "CLOUDSDK_CONFIG", "CLOUDSDK_CORE_PROJECT",
    "GOOGLE_CLOUD_REGION", "GCLOUD_PROJECT",
)  # fmt: skip
"""What has to be out of the environment beside what `StandIn.environment` puts into it."""


class StandIn(Standing):
    """A stand-in for Google Cloud, between `with` and its end.

    Args:
        folder: where jobs run; what they leave there goes away with the stand-in.
        faults: names of `FAULTS`.
        run_jobs: containers really run what was uploaded; otherwise their `script` is what happens, at times of the clock.
        clock: the time; the real one where jobs are run, one that `advance` moves where they are not.
        location: where bucket and jobs are.
        script: what jobs do where none are run; or what makes one from a job's name and the values that were proposed.
    """

    project = "cloud-nas-rehearsal"

    def __init__(
        self,
        folder: Path,
        *,
        faults: Iterable[str] = (),
        run_jobs: bool = True,
        clock: Clock | None = None,
        location: str = LOCATION,
        script: Script | Scripts | None = None,
    ) -> None:
        self.folder, self.location, self.script = folder, location, script
        self.bucket = "cloud-nas-rehearsal"
        self.faults = Faults(faults)
        super().__init__(clock, self.faults, run_jobs=run_jobs)
        self._containers: list[Container] = []

    def __enter__(self) -> StandIn:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.storage = Objects(self.clock)
        self.storage.make_bucket(self.bucket, self.location)
        self.world = World(self.clock, self.storage, self.project, self.location)
        self._server = Server(self.world)
        self._server.begin(VertexApi(self.world, self.faults, self._start, really=self._run_jobs))
        self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()
        for one in self._containers:
            one.vanish()
        self._server.close()
        shutil.rmtree(self.folder / "jobs", ignore_errors=True)

    def asked(self, operation: str) -> list[Asked]:
        """The requests for an operation of Vertex AI by its name; for others by method and path, of which this is a part."""
        return [one for one in self.requests if one.operation == operation or (" " in operation and operation in one.operation)]

    def environment(self) -> dict[str, str]:
        """What sends Google's clients here; `UNSET` has to go."""
        local = "127.0.0.1,localhost"
        return {
            "CLOUD_NAS_VERTEX_ENDPOINT": self.endpoint,
            "STORAGE_EMULATOR_HOST": self.endpoint,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "NO_GCE_CHECK": "true",
            "CLOUD_NAS_GCP_RATE": "0",
            "NO_PROXY": local,
            "no_proxy": local,
        }

    def preempt(self, name: str) -> None:
        """Takes the machine of a custom job on spare capacity away."""
        with self.world.lock:
            self.world.find(name).preempt(self.clock.now())

    def _start(self, work: Work, at: float) -> Run:
        if not self._run_jobs:
            script = self.script(work.name, work.values) if callable(self.script) else self.script
            return Simulated(work, script or Script(), self.storage, at)
        number = len(self._containers)  # every other one has its buckets mounted: the service has been seen without
        made = Container(
            work, self.folder / "jobs" / str(number), self.storage, self.endpoint, self.clock, mounted=number % 2 == 1
        )
        self._containers.append(made)
        return made
