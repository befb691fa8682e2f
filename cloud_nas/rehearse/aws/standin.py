"""An AWS account on loopback, for a rehearsal and for tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.course import Course, Scripted, Trained
from cloud_nas.rehearse.aws.faults import Faults
from cloud_nas.rehearse.aws.storage import ACCOUNT, Storage
from cloud_nas.rehearse.aws.work import Work
from cloud_nas.rehearse.aws.worker import Worker
from cloud_nas.rehearse.aws.world import World
from cloud_nas.rehearse.clock import Clock
from cloud_nas.rehearse.script import Script, Scripts
from cloud_nas.rehearse.standing import Standing

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.server import Asked

REGION = "eu-west-1"
UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_CA_BUNDLE")
"""What has to be out of the environment beside what `StandIn.environment` puts into it."""


class StandIn(Standing):
    """A stand-in for AWS, between `with` and its end; one at a time in a process.

    Args:
        folder: where jobs run; what they leave there goes away with the stand-in.
        faults: names of `FAULTS`.
        run_jobs: training jobs really run the package that was uploaded, with AWS's own toolkit; otherwise their `script` is
            what happens, at times of the clock.
        clock: the time; the real one where jobs are run, one that `advance` moves where they are not.
        region: where bucket and role are.
        script: what training jobs do where none are run; or what makes one from a job's name and hyperparameters.
        grace: seconds between a stop and the container's end; the service's 120 where jobs are not run, 2 where they are.
        list_rate: the most lists a second of each operation; None: as many as you like.
        quotas: the account's limits by their names.
    """

    account = ACCOUNT

    def __init__(
        self,
        folder: Path,
        *,
        faults: Iterable[str] = (),
        run_jobs: bool = True,
        clock: Clock | None = None,
        region: str = REGION,
        script: Script | Scripts | None = None,
        grace: float | None = None,
        list_rate: float | None = None,
        quotas: Mapping[str, int] | None = None,
    ) -> None:
        self.folder, self.region = folder, region
        self.bucket = "cloud-nas-rehearsal"
        self.role = ""
        self.faults = Faults(faults)
        super().__init__(clock, self.faults, run_jobs=run_jobs)
        self.script = script
        self._list_rate = list_rate
        self._grace = grace if grace is not None else (2.0 if run_jobs else 120.0)
        self._quotas = dict(quotas or {})
        self._machines: list[Any] = []

    def __enter__(self) -> StandIn:
        from cloud_nas.rehearse.aws.server import Server

        self.folder.mkdir(parents=True, exist_ok=True)
        self.storage = Storage()
        restart = 0.5 if self._run_jobs else 60.0
        self.world = World(
            self.clock,
            self.storage,
            self._machine,
            grace=self._grace,
            restart=restart,
            transform=0.0 if self._run_jobs else 300.0,
            quotas=self._quotas,
            course=self._course,
            noticed=self.faults.noticed,
        )
        self.storage.make_bucket(self.bucket, self.region)
        self.role = self.storage.make_role("cloud-nas-rehearsal")
        self._server = Server(self.world, self.faults, self._list_rate)
        self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()
        for machine in self._machines:
            machine.vanish(self.clock.now())
        self._server.close()
        shutil.rmtree(self.folder / "jobs", ignore_errors=True)

    def asked(self, operation: str) -> list[Asked]:
        """The requests for an operation, by botocore's name; for S3 by method and path, of which this is a part."""
        return [
            one for one in self.requests if one.operation == operation or (one.service == "s3" and operation in one.operation)
        ]

    def environment(self) -> dict[str, str]:
        """What sends AWS's clients here, with credentials that are none; `UNSET` has to go."""
        nowhere = str(self.folder / "no-such-file")
        local = "127.0.0.1,localhost"
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "CLOUD_NAS_PRICES_ENDPOINT": self.endpoint,
            "NO_PROXY": local,
            "no_proxy": local,
        }

    def preempt(self, job: str) -> None:
        """Takes a training job's spot machine away."""
        with self.world.lock:
            self.world.find("training-job", self.region, job).preempt(self.clock.now())

    def _machine(self, work: Work, at: float) -> Worker:
        if self._run_jobs:
            from cloud_nas.rehearse.aws.container import Container

            machine = Container(work, self.folder / "jobs", self.storage, self.clock)
            self._machines.append(machine)
            return machine
        from cloud_nas.rehearse.aws.simulated import Simulated

        script = self.script(work.name, work.hyperparameters) if callable(self.script) else self.script
        return Simulated(work, script or Script(), self.storage, at)

    def _course(self, world: World, name: str, request: Mapping[str, Any], at: float) -> Course:
        if not self._run_jobs:
            return Scripted(name, request, self.storage, at)
        from cloud_nas.rehearse.aws.learning import learning

        return Trained(self.clock, learning(world, name, request, self.faults.spoils_a_candidate))

    def _look(self) -> None:
        """Faults see checkpoints that no line tells of."""
        for job in self.world.all("training-job", self.region):
            if job.live:
                self.faults.look(job, self.clock.now())
