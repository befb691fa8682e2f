"""Documented rules between members: each is broken once, in a request that is right otherwise, and is told where and why."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.targets.plan import Request
from cloud_nas.targets.vertex.client import unreadable
from cloud_nas.targets.vertex.validation import of_request

from . import google_bodies as bodies

TUNING, CUSTOM, PIPELINE = "CreateHyperparameterTuningJob", "CreateCustomJob", "CreateTrainingPipeline"
WHOLE: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "tuning": (TUNING, bodies.tuning_job),
    "custom": (CUSTOM, bodies.custom_job),
    "table set": ("CreateDataset", bodies.data_set),
    "import": ("ImportData", bodies.imported),
    "table": (PIPELINE, bodies.pipeline),
    "image": (PIPELINE, lambda: bodies.pipeline("image")),
    "image set": ("CreateDataset", lambda: bodies.data_set("image")),
    "batch": ("CreateBatchPredictionJob", bodies.batch),
    "export": ("ExportModel", bodies.export),
}
TESTS = Path(__file__).resolve().parents[1]
GOLDEN = sorted([*(TESTS / "plan" / "golden" / "vertex").glob("*.json"), *(TESTS / "automl" / "golden").glob("*.json")])
STUDY = "hyperparameterTuningJob.studySpec"
POOL = "customJob.jobSpec.workerPoolSpecs.0"
PLAN = "customJob.jobSpec.scheduling"
INPUTS = "trainingPipeline.trainingTaskInputs"
LAYERS, KIND, RATE = (f"{STUDY}.parameters.{index}" for index in range(3))
GRID = {"parameterId": "x", "doubleValueSpec": {"minValue": 1, "maxValue": 2}}


def found(which: str, path: str = "", new: Any = None) -> list[str]:
    """What is said of a request with one member changed (`...`: taken away)."""
    operation, made = WHOLE[which]
    body = copy.deepcopy(made())
    if path:
        *way, last = path.split(".")
        place: Any = body
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        if new is ...:
            del place[last]
        elif isinstance(place, list):
            place[int(last)] = new
        else:
            place[last] = new
    assert unreadable(operation, body) is None, "the protos alone do not catch it"
    return list(of_request(Request("aiplatform", operation, body)))


@pytest.mark.parametrize("which", WHOLE)
def test_what_the_service_takes_is_let_through(which: str) -> None:
    assert found(which) == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: str(path.stem))
def test_every_request_that_the_conversions_make_is_let_through(path: Path) -> None:
    for one in json.loads(path.read_text(encoding="utf-8"))["requests"]:
        assert list(of_request(Request(**one))) == []


BROKEN: list[tuple[str, str, Any, str]] = [
    ("tuning", "hyperparameterTuningJob.parallelTrialCount", 11, "11 at once of 10 in all"),
    ("tuning", "hyperparameterTuningJob.maxFailedTrialCount", 11, "11, of 10 in all"),
    ("tuning", "hyperparameterTuningJob.maxFailedTrialCount", ..., "the first failure would end the search"),
    ("tuning", "hyperparameterTuningJob.maxFailedTrialCount", 0, "1 at least"),
    ("tuning", f"{STUDY}.algorithm", "GRID_SEARCH", "a grid has no doubles"),
    ("tuning", f"{STUDY}.observationNoise", "LOW", "not for hyperparameter tuning jobs"),
    ("tuning", f"{STUDY}.metrics.0.goal", "GOAL_TYPE_UNSPECIFIED", "MAXIMIZE or MINIMIZE"),
    ("tuning", f"{STUDY}.metrics", [{"metricId": "a", "goal": "MINIMIZE"}] * 2, "a is there more than once"),
    ("tuning", f"{RATE}.doubleValueSpec.minValue", 0.0, "UNIT_LOG_SCALE is for values above 0"),
    ("tuning", f"{RATE}.scaleType", "SCALE_TYPE_UNSPECIFIED", "leave it out"),
    ("tuning", f"{RATE}.doubleValueSpec.minValue", 0.2, "is below minValue"),
    ("tuning", f"{RATE}.doubleValueSpec.defaultValue", 0.01, "not for hyperparameter tuning jobs"),
    ("tuning", f"{RATE}.doubleValueSpec", ..., "not none of them"),
    ("tuning", f"{RATE}.parameterId", "kind", "kind is there already"),
    ("tuning", f"{RATE}.parameterId", "units", "units is there already"),
    (
        "tuning",
        f"{RATE}.conditionalParameterSpecs",
        [{"parentDiscreteValues": {"values": [0.01]}, "parameterSpec": GRID}],
        "nothing can depend on a double",
    ),
    ("tuning", f"{KIND}.scaleType", "UNIT_LINEAR_SCALE", "categories have none"),
    ("tuning", f"{KIND}.categoricalValueSpec.values", ["conv", "conv"], "more than once"),
    ("tuning", f"{KIND}.categoricalValueSpec.values", ["conv", ""], "one is empty"),
    ("tuning", f"{KIND}.categoricalValueSpec.values", ["dense", "pool"], "the parent is never 'conv'"),
    ("tuning", f"{LAYERS}.integerValueSpec.maxValue", 2, "the parent is never 3"),
    ("tuning", f"{LAYERS}.conditionalParameterSpecs.1.parentIntValues.values", [1, 2], "under conditions that are not apart"),
    ("tuning", f"{LAYERS}.conditionalParameterSpecs.0.parentIntValues", ..., "parentIntValues is needed"),
    (
        "tuning",
        f"{LAYERS}.conditionalParameterSpecs.0",
        {"parentCategoricalValues": {"values": ["1"]}, "parameterSpec": GRID},
        "parentIntValues is needed, since the parent has integerValueSpec",
    ),
    ("tuning", f"{LAYERS}.conditionalParameterSpecs.0.parameterSpec.discreteValueSpec.values", [64, 32], "they ascend"),
    ("tuning", f"{LAYERS}.conditionalParameterSpecs.0.parameterSpec.discreteValueSpec.values", [1, 1 + 1e-11], "they ascend"),
    ("tuning", f"{LAYERS}.conditionalParameterSpecs.0.parameterSpec.discreteValueSpec.values", [0, 32], "is for values above 0"),
    ("tuning", "hyperparameterTuningJob.trialJobSpec.scheduling.timeout", "604801s", "7 days at most"),
    ("custom", "parent", "projects/p/locations/global", "jobs run in no location 'global'"),
    (
        "custom",
        "customJob.encryptionSpec.kmsKeyName",
        "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k",
        "a key in us-central1, and the job is in europe-west4",
    ),
    ("custom", f"{POOL}.machineSpec.machineType", "c4-standard-8", "train nothing"),
    ("custom", f"{POOL}.machineSpec.machineType", "n1-standard-1", "it is too small"),
    ("custom", f"{POOL}.machineSpec.machineType", "e2-standard-8", "takes no NVIDIA_TESLA_T4"),
    ("custom", f"{POOL}.machineSpec.machineType", "g2-standard-8", "has 1 x NVIDIA_L4"),
    ("custom", f"{POOL}.machineSpec", {"machineType": "g2-standard-8"}, "acceleratorType: missing"),
    ("custom", f"{POOL}.machineSpec.acceleratorCount", 3, "cannot be had in one machine"),
    ("custom", f"{POOL}.machineSpec.acceleratorCount", ..., "come together"),
    ("custom", f"{POOL}.machineSpec", {}, "machineType: missing"),
    ("custom", f"{POOL}.replicaCount", 2, "the first pool has one machine"),
    ("custom", f"{POOL}.containerSpec", ..., "not none of them"),
    ("custom", f"{POOL}.containerSpec.args", ["a" * 100_001], "100000 at most"),
    ("custom", f"{POOL}.containerSpec.env.1.name", "A", "A is there more than once"),
    (
        "custom",
        f"{POOL}.containerSpec.imageUri",
        "europe-docker.pkg.dev/vertex-ai/training/tf-gpu.2-17.py310:latest",
        "ended on 2026-07-11",
    ),
    ("custom", f"{POOL}.containerSpec.imageUri", "ghcr.io/me/image:1", "not from ghcr.io"),
    ("custom", f"{PLAN}.timeout", "604801s", "7 days at most"),
    ("custom", f"{PLAN}.timeout", "0s", "more than nothing"),
    ("custom", f"{PLAN}.strategy", "LOW_COST", "not to be sent any more"),
    ("custom", f"{PLAN}.strategy", "FLEX_START", "FLEX_START is for GPUs such as"),
    ("custom", f"{PLAN}.maxWaitDuration", "60s", "goes with FLEX_START alone"),
    ("custom", f"{PLAN}.restartJobOnWorkerRestart", True, "disableRetries forbids it"),
    ("table set", "dataset.metadata", {}, "a list of gs://BUCKET/NAME is needed"),
    ("table set", "dataset.metadata.inputConfig.gcsSource.uri", "gs://b/x", "a list of gs://BUCKET/NAME is needed"),
    ("image set", "parent", "projects/p/locations/us-east1", "europe-west4 and us-central1 alone"),
    ("import", "importConfigs.0.gcsSource", ..., "gcsSource: missing"),
    ("table", "parent", "projects/p/locations/us-east5", "not offered in us-east5"),
    ("image", "parent", "projects/p/locations/us-east1", "europe-west4 and us-central1 alone"),
    ("table", "trainingPipeline.inputDataConfig", ..., "inputDataConfig: missing"),
    ("table", "trainingPipeline.modelToUpload", ..., "modelToUpload: missing"),
    ("table", "trainingPipeline.inputDataConfig.fractionSplit.testFraction", 0.2, "sum to 1.1, not to 1"),
    ("table", "trainingPipeline.trainingTaskDefinition", "gs://x/automl_forecasting_1.0.0.yaml", "none that is sent from here"),
    ("table", f"{INPUTS}.bogus", 1, "there is no such member"),
    ("table", f"{INPUTS}.predictionType", "bogus", "none of classification, regression"),
    ("table", f"{INPUTS}.predictionType", 7, "a text is needed"),
    ("table", f"{INPUTS}.targetColumn", ..., "targetColumn: missing"),
    ("table", f"{INPUTS}.optimizationObjective", "minimize-rmse", "none of maximize-au-roc"),
    ("table", f"{INPUTS}.optimizationObjective", "maximize-recall-at-precision", "PrecisionValue: goes with"),
    ("table", f"{INPUTS}.optimizationObjectiveRecallValue", 0.5, "RecallValue: goes with"),
    ("table", f"{INPUTS}.trainBudgetMilliNodeHours", 10, "from 1000 to 72000"),
    ("table", f"{INPUTS}.trainBudgetMilliNodeHours", 72_001, "from 1000 to 72000"),
    ("table", f"{INPUTS}.transformations.0", {"bogus": {"column_name": "a"}}, "one of auto, numeric"),
    ("table", f"{INPUTS}.transformations.0", {"numeric": {"column": "a"}}, "column_name is needed"),
    ("table", f"{INPUTS}.transformations.0", {"numeric": {"column_name": "_a"}}, "no name of a column"),
    ("table", f"{INPUTS}.transformations.0", {"numeric": {"column_name": "b"}}, "b is there more than once"),
    ("table", f"{INPUTS}.transformations.0", {"numeric": {"column_name": "label"}}, "label is the target"),
    ("table", f"{INPUTS}.transformations", [{"auto": {"column_name": f"c{i}"}} for i in range(1000)], "1 to 999"),
    ("image", f"{INPUTS}.modelType", "EFFICIENTNET", "none of CLOUD"),
    ("image", f"{INPUTS}.budgetMilliNodeHours", 7_999, "from 8000 to 800000"),
    ("batch", "batchPredictionJob.model", ..., "model: missing"),
    ("batch", "batchPredictionJob.model", "projects/p/locations/us-central1/models/1", "it is in us-central1"),
    ("batch", "batchPredictionJob.inputConfig.instancesFormat", "xml", "none of jsonl"),
    ("batch", "batchPredictionJob.outputConfig.predictionsFormat", "xml", "none of jsonl"),
    ("batch", "batchPredictionJob.inputConfig.gcsSource", ..., "gcsSource is needed"),
    ("batch", "batchPredictionJob.outputConfig.gcsDestination", ..., "gcsDestination is needed"),
    ("batch", "batchPredictionJob.dedicatedResources.maxReplicaCount", ..., "the service would take 10"),
    ("batch", "batchPredictionJob.dedicatedResources.startingReplicaCount", 2, "more than maxReplicaCount"),
    ("batch", "batchPredictionJob.dedicatedResources.machineSpec.machineType", "c4-standard-8", "train nothing"),
    ("export", "outputConfig.exportFormatId", "onnx", "none of tflite"),
    ("export", "outputConfig.artifactDestination", ..., "artifactDestination is needed"),
]


@pytest.mark.parametrize(("which", "path", "new", "said"), BROKEN)
def test_a_broken_rule_is_told_where_it_is_broken(which: str, path: str, new: Any, said: str) -> None:
    told = found(which, path, new)
    assert any(said in one for one in told), told


def test_how_many_rules_there_are() -> None:
    """None of them can be told by the protos: `found` sees to it that these read every request."""
    print(f"{len(BROKEN)} broken rules between members, all caught here, none by the strict reading of the protos")
    assert len(BROKEN) > 80


@pytest.mark.slow
def test_the_training_tasks_members_are_those_of_googles_definitions() -> None:
    from google.cloud.aiplatform.v1.schema.trainingjob.definition_v1 import types  # type: ignore[import-untyped]

    from cloud_nas.targets.vertex.task_inputs import BUDGETS, IMAGE, MEMBERS, TABULAR, TRANSFORMATIONS

    tables, images = types.AutoMlTablesInputs, types.AutoMlImageClassificationInputs
    for name, kind in ((TABULAR, tables), (IMAGE, images)):
        assert set(MEMBERS[name]) == {field.json_name for field in kind.pb().DESCRIPTOR.fields}
    told = tables.Transformation.pb().DESCRIPTOR
    assert {one.name: {field.name for field in one.message_type.fields} - {"column_name"} for one in told.fields} == {
        name: set(members) for name, members in TRANSFORMATIONS.items()
    }
    models = {one.name for one in images.pb().DESCRIPTOR.enum_types_by_name["ModelType"].values}
    assert set(BUDGETS) - {TABULAR} == models - {"MODEL_TYPE_UNSPECIFIED"}
