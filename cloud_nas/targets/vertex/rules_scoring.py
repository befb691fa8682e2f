"""Rules of what is done with a model: batch prediction, and bringing it home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.targets.vertex.rules_job import machine_problems

INSTANCES = ("jsonl", "csv", "bigquery", "tf-record", "tf-record-gzip", "file-list")
PREDICTIONS = ("jsonl", "csv", "bigquery")
EXPORTS = ("tflite", "edgetpu-tflite", "tf-saved-model", "tf-js", "core-ml", "custom-trained")

_DEFAULT_REPLICAS = 10


def batch_problems(location: str, job: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a BatchPredictionJob.

    Args:
        location: of the parent.
        job: the job.
    """
    path = "batchPredictionJob"
    model = job.get("model")
    if model is None:
        yield f"{path}.model: missing"
    elif model.split("/")[3] != location:
        yield f"{path}.model: it is in {model.split('/')[3]}, and the job is in {location}"
    given, wanted = job["inputConfig"], job["outputConfig"]
    if given["instancesFormat"] not in INSTANCES:
        yield f"{path}.inputConfig.instancesFormat: {given['instancesFormat']!r} is none of {', '.join(INSTANCES)}"
    if wanted["predictionsFormat"] not in PREDICTIONS:
        yield f"{path}.outputConfig.predictionsFormat: {wanted['predictionsFormat']!r} is none of {', '.join(PREDICTIONS)}"
    if not {"gcsSource", "bigquerySource", "vertexMultimodalDatasetSource"} & set(given):
        yield f"{path}.inputConfig: gcsSource is needed"
    if not {"gcsDestination", "bigqueryDestination", "vertexMultimodalDatasetDestination"} & set(wanted):
        yield f"{path}.outputConfig: gcsDestination is needed"
    resources = job.get("dedicatedResources")
    if resources is not None:
        yield from machine_problems(resources["machineSpec"], f"{path}.dedicatedResources.machineSpec")
        yield from _replicas(resources, f"{path}.dedicatedResources")


def _replicas(resources: Mapping[str, Any], path: str) -> Iterator[str]:
    if "maxReplicaCount" not in resources:
        yield f"{path}.maxReplicaCount: missing, and the service would take {_DEFAULT_REPLICAS}"
    elif resources.get("startingReplicaCount", 1) > resources["maxReplicaCount"]:
        yield f"{path}.startingReplicaCount: more than maxReplicaCount"


def export_problems(body: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an ExportModel."""
    wanted = body["outputConfig"]
    if wanted.get("exportFormatId") not in EXPORTS:
        yield f"outputConfig.exportFormatId: {wanted.get('exportFormatId')!r} is none of {', '.join(EXPORTS)}"
    if not {"artifactDestination", "imageDestination"} & set(wanted):
        yield "outputConfig: artifactDestination is needed"
