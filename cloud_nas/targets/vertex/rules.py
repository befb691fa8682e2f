"""Documented rules between the members of a request, which the protos cannot say; a file for each kind of job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloud_nas.targets.vertex import rules_automl, rules_job, rules_scoring, rules_study

Body = Mapping[str, Any]


def problems(operation: str, body: Body) -> Iterator[str]:
    """What is wrong between the members of a request whose shape is right: `member: the rule`."""
    if operation in _RULES:
        yield from _RULES[operation](body)


def _custom_job(body: Body) -> Iterator[str]:
    location, job = location_of(body["parent"]), body["customJob"]
    yield from rules_job.place_problems(location, job, "customJob")
    yield from rules_job.spec_problems(job["jobSpec"], "customJob.jobSpec")


def _tuning_job(body: Body) -> Iterator[str]:
    location, job = location_of(body["parent"]), body["hyperparameterTuningJob"]
    path = "hyperparameterTuningJob"
    yield from rules_job.place_problems(location, job, path)
    yield from rules_study.count_problems(job, path)
    yield from rules_study.problems(job["studySpec"], f"{path}.studySpec")
    yield from rules_job.spec_problems(job["trialJobSpec"], f"{path}.trialJobSpec")


def _data_set(body: Body) -> Iterator[str]:
    yield from rules_job.place_problems(location_of(body["parent"]), body["dataset"], "dataset")
    yield from rules_automl.data_set_problems(location_of(body["parent"]), body["dataset"])


def _pipeline(body: Body) -> Iterator[str]:
    location, pipeline = location_of(body["parent"]), body["trainingPipeline"]
    yield from rules_job.place_problems(location, pipeline, "trainingPipeline")
    yield from rules_job.place_problems(location, pipeline.get("modelToUpload", {}), "trainingPipeline.modelToUpload")
    yield from rules_automl.pipeline_problems(location, pipeline)


def _batch(body: Body) -> Iterator[str]:
    yield from rules_job.place_problems(location_of(body["parent"]), body["batchPredictionJob"], "batchPredictionJob")
    yield from rules_scoring.batch_problems(location_of(body["parent"]), body["batchPredictionJob"])


_RULES: dict[str, Callable[[Body], Iterator[str]]] = {
    "CreateCustomJob": _custom_job,
    "CreateHyperparameterTuningJob": _tuning_job,
    "CreateDataset": _data_set,
    "ImportData": rules_automl.import_problems,
    "CreateTrainingPipeline": _pipeline,
    "CreateBatchPredictionJob": _batch,
    "ExportModel": rules_scoring.export_problems,
}


def location_of(name: str) -> str:
    """The location in a resource's full name."""
    return name.split("/")[3]
