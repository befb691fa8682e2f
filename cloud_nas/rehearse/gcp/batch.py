"""A batch prediction's life: files of answers below the folder that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.rehearse.gcp import learning
from cloud_nas.rehearse.gcp.answers import CODES, Refused, require
from cloud_nas.rehearse.gcp.automl import Model
from cloud_nas.rehearse.gcp.world import World, at_text


class BatchJob:
    """One job. A model that was never trained, since nothing is, learns now what it needs.

    Args:
        world: what it is in.
        request: the job as it was created, in JSON.
        at: when.
        seconds: that it takes.
    """

    def __init__(self, world: World, request: Mapping[str, Any], at: float, *, seconds: float) -> None:
        self.world, self.request, self.created = world, dict(request), at
        self.name = world.name("batchPredictionJobs")
        self.model: Model = world.find(str(request["model"]))
        require(not self.model.edge, "Edge models cannot be used for batch prediction.")
        self.state = "JOB_STATE_PENDING"
        self.started: float | None = None
        self.ended: float | None = None
        self._seconds = seconds
        self._error: str | None = None
        self._folder = ""

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in ("JOB_STATE_PENDING", "JOB_STATE_RUNNING")

    def move(self, now: float) -> None:
        """Writes the answers when its time has come."""
        if self.started is None:
            self.state, self.started = "JOB_STATE_RUNNING", now
        if now < self.created + self._seconds:
            return
        self.ended = now
        try:
            self._write()
            self.state = "JOB_STATE_SUCCEEDED"
        except (Refused, ValueError) as error:
            self.state, self._error = "JOB_STATE_FAILED", str(error)

    def cancel(self, now: float) -> None:
        """Ends it."""
        if self.live:
            self.state, self.ended = "JOB_STATE_CANCELLED", now

    def describe(self) -> dict[str, Any]:
        """As the service tells it."""
        found = {**self.request, "name": self.name, "state": self.state, "createTime": at_text(self.created)}
        found["updateTime"] = at_text(self.ended or self.started or self.created)
        if self.started is not None:
            found["startTime"] = at_text(self.started)
        if self.ended is not None:
            found["endTime"] = at_text(self.ended)
        if self._error is not None:
            found["error"] = {"code": CODES["INVALID_ARGUMENT"], "message": self._error}
        if self.state == "JOB_STATE_SUCCEEDED":
            found["outputInfo"] = {"gcsOutputDirectory": self._folder}
        return found

    def _write(self) -> None:
        prefix = self.request["outputConfig"]["gcsDestination"]["outputUriPrefix"].rstrip("/")
        self._folder = f"{prefix}/prediction-{self.model.request.get('displayName')}-{at_text(self.created)}"
        if self.model.learnt is None:
            self.model.learnt = self.model.pipeline.learn()
        objects, kind = self.world.objects, self.request["inputConfig"]["instancesFormat"]
        number = 0
        for uri in self.request["inputConfig"]["gcsSource"]["uris"]:
            content = objects.get(uri)
            if kind == "csv":
                files = learning.batch_table(self.model.learnt, content)
            else:
                files = [learning.batch_images(self.model.learnt, objects, content)]
            for answers in files:
                number += 1
                objects.put(f"{self._folder}/predictions_{number}.{kind}", answers)
        objects.put(f"{self._folder}/errors_1.{kind}", b"")
