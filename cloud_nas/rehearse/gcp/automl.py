"""AutoML's resources: data sets, training pipelines, models, what was measured of them."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from threading import Thread
from typing import Any

from cloud_nas.rehearse.gcp import learning
from cloud_nas.rehearse.gcp.answers import CODES, Refused
from cloud_nas.rehearse.gcp.objects import Objects
from cloud_nas.rehearse.gcp.world import World, at_text

PIPELINE_LIVE = ("PIPELINE_STATE_QUEUED", "PIPELINE_STATE_PENDING", "PIPELINE_STATE_RUNNING", "PIPELINE_STATE_CANCELLING")
EDGE = ("MOBILE_TF_LOW_LATENCY_1", "MOBILE_TF_VERSATILE_1", "MOBILE_TF_HIGH_ACCURACY_1")
_FORMATS = ("tflite", "tf-saved-model")
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MOST_BYTES = 30 * 2**20


class Still:
    """A resource that time does not change."""

    live = False

    def move(self, now: float) -> None:
        """Nothing happens."""


class DataSet(Still):
    """Rows by reference, or images that were imported."""

    def __init__(self, world: World, request: Mapping[str, Any], at: float) -> None:
        self.name, self.request, self.created = world.name("datasets"), dict(request), at
        self.imported: list[str] = []

    def take(self, objects: Objects, uri: str) -> None:
        """Imports the images that a file lists, one `[ML_USE],URI,LABEL` a line.

        Raises:
            ValueError: an image is not there, or a label is none.
        """
        found = objects.get(uri).decode().splitlines()
        for line in csv.reader(found):
            use, image, label = line if len(line) == 3 else ("", *line)
            if use.upper() not in ("", "TRAINING", "VALIDATION", "TEST"):
                raise ValueError(f"{use} is not one of TRAINING, VALIDATION, TEST.")
            if _LABEL.fullmatch(label) is None:
                raise ValueError(
                    f"The label {label!r} must start with a letter and only contain letters, numbers and underscores."
                )
            if len(objects.get(image)) > _MOST_BYTES:
                raise ValueError(f"{image} is larger than 30 MB.")
        self.imported = list(dict.fromkeys([*self.imported, *found]))

    def describe(self) -> dict[str, Any]:
        """As the service tells it."""
        count = {"dataItemCount": str(len(self.imported))} if self.imported else {}
        times = {"createTime": at_text(self.created), "updateTime": at_text(self.created)}
        return {**self.request, "name": self.name, **times, **count}


class Model(Still):
    """What a pipeline made."""

    def __init__(self, world: World, pipeline: Pipeline, learnt: learning.Learnt | None, at: float) -> None:
        self.name, self.created, self.pipeline, self.learnt = world.name("models"), at, pipeline, learnt
        self.request = dict(pipeline.request.get("modelToUpload", {}))

    @property
    def edge(self) -> bool:
        """Whether it can be exported, and not be served."""
        return self.pipeline.inputs.get("modelType") in EDGE

    def metrics(self) -> Mapping[str, float]:
        """What was measured; where nothing was trained, a number that follows from the name."""
        if self.learnt is not None:
            return self.learnt.metrics
        value = int(hashlib.sha256(str(self.request.get("displayName")).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
        if self.pipeline.inputs.get("predictionType") == "regression":
            return {"rootMeanSquaredError": value, "meanAbsoluteError": value, "rootMeanSquaredLogError": value}
        return {"auRoc": value, "auPrc": value, "logLoss": 1 - value}

    def describe(self) -> dict[str, Any]:
        """As the service tells it."""
        found = {
            **self.request,
            "name": self.name,
            "description": "a plain scikit-learn model, which stands in for AutoML's in a rehearsal",
            "versionId": "1",
            "versionAliases": ["default"],
            "createTime": at_text(self.created),
            "updateTime": at_text(self.created),
            "trainingPipeline": self.pipeline.name,
        }
        if self.edge:
            found["supportedExportFormats"] = [{"id": one, "exportableContents": ["ARTIFACT"]} for one in _FORMATS]
            return found
        return found | {
            "supportedDeploymentResourcesTypes": ["AUTOMATIC_RESOURCES" if not self._tabular else "DEDICATED_RESOURCES"]
        }

    @property
    def _tabular(self) -> bool:
        return "targetColumn" in self.pipeline.inputs

    def evaluation(self) -> dict[str, Any]:
        """Its one evaluation."""
        kind = "classification" if "logLoss" in self.metrics() else "regression"
        schema = f"gs://google-cloud-aiplatform/schema/modelevaluation/{kind}_metrics_1.0.0.yaml"
        return {
            "name": f"{self.name}/evaluations/1",
            "metricsSchemaUri": schema,
            "metrics": dict(self.metrics()),
            "createTime": at_text(self.created),
        }


class Pipeline:
    """A training pipeline; `learn` trains a plain model, None: nothing is trained, and it takes `seconds` of the clock."""

    def __init__(self, world: World, request: Mapping[str, Any], at: float, *, seconds: float, really: bool) -> None:
        self.world, self.request, self.created = world, dict(request), at
        self.name = world.name("trainingPipelines")
        self.inputs: Mapping[str, Any] = request.get("trainingTaskInputs", {})
        self.state = "PIPELINE_STATE_PENDING"
        self.started: float | None = None
        self.ended: float | None = None
        self.model: Model | None = None
        self._seconds = seconds
        self._error: tuple[str, str] | None = None
        self._found: tuple[learning.Learnt | None, str | None] | None = None
        self._data_set: DataSet = world.find(f"{world.parent}/datasets/{request['inputDataConfig']['datasetId']}")
        if really:
            Thread(target=self._learn, daemon=True).start()

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.state in PIPELINE_LIVE

    def move(self, now: float) -> None:
        """Begins, and ends when the model is there."""
        if self.state == "PIPELINE_STATE_PENDING":
            self.state, self.started = "PIPELINE_STATE_RUNNING", now
        if self.state == "PIPELINE_STATE_CANCELLING":
            self._end("PIPELINE_STATE_CANCELLED", now)
        elif self._found is not None:
            learnt, problem = self._found
            if problem is not None:
                self._error = ("INVALID_ARGUMENT", problem)
                self._end("PIPELINE_STATE_FAILED", now)
            else:
                self._succeed(learnt, now)
        elif self._seconds and now >= self.created + self._seconds:
            self._succeed(None, self.created + self._seconds)

    def cancel(self, now: float) -> None:
        """Asks for an end."""
        if self.live:
            self.state = "PIPELINE_STATE_CANCELLING"

    def describe(self) -> dict[str, Any]:
        """As the service tells it."""
        found = {**self.request, "name": self.name, "state": self.state, "createTime": at_text(self.created)}
        found["updateTime"] = at_text(self.ended or self.created)
        if self.started is not None:
            found["startTime"] = at_text(self.started)
        if self.ended is not None:
            found["endTime"] = at_text(self.ended)
        if self._error is not None:
            found["error"] = {"code": CODES[self._error[0]], "message": self._error[1]}
        if self.model is not None:
            found["modelToUpload"] = {**found.get("modelToUpload", {}), "name": self.model.name}
        return found

    def learn(self) -> learning.Learnt:
        """Trains a plain model on what the data set points to.

        Raises:
            ValueError: the rows are not such as AutoML takes.
        """
        if "targetColumn" in self.inputs:
            uris = self._data_set.request["metadata"]["inputConfig"]["gcsSource"]["uri"]
            return learning.learn_table(self.world.objects, uris, self.inputs)
        return learning.learn_images(self.world.objects, self._data_set.imported)

    def _learn(self) -> None:
        try:
            self._found = self.learn(), None
        except (ValueError, Refused) as error:
            self._found = None, str(error)
        except Exception as error:  # noqa: BLE001 - a defect of the stand-in ends the job, so that nobody waits for it
            self._found = None, f"the stand-in failed: {error!r}"

    def _succeed(self, learnt: learning.Learnt | None, at: float) -> None:
        self.model = Model(self.world, self, learnt, at)
        self.world.add("models", self.model)
        self._end("PIPELINE_STATE_SUCCEEDED", at)

    def _end(self, state: str, at: float) -> None:
        self.state, self.ended = state, at
