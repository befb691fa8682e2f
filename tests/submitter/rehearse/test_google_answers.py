"""Google's stand-in takes what the official protos take and no more, and answers what they can read, at any time of a life."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.rehearse.script import Script

from .google_asked import LAYERS, RATE, UNITS, ask, custom, get, listed, made, pipeline, table, tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_nas.rehearse.gcp import StandIn

pytest.importorskip("google.cloud.aiplatform_v1")

KINDS = {
    "customJobs": "CustomJob",
    "hyperparameterTuningJobs": "HyperparameterTuningJob",
    "trainingPipelines": "TrainingPipeline",
    "datasets": "Dataset",
    "models": "Model",
    "batchPredictionJobs": "BatchPredictionJob",
}
JOB = "jobSpec"
POOL = f"{JOB}.workerPoolSpecs.0"
STUDY = "studySpec"
KIND = {"parameterId": "kind", "categoricalValueSpec": {"values": ["a", "b"]}}


def strict(kind: str, answer: dict[str, Any]) -> None:
    """An answer is of its proto: an unknown field, or a value of another type, raises."""
    from google.cloud.aiplatform_v1 import types
    from google.protobuf import json_format

    json_format.ParseDict(answer, getattr(types, kind).pb()())


def everything(cloud: StandIn) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every resource that there is, as lists and as gets have it."""
    for collection, kind in KINDS.items():
        status, page = ask(cloud, "GET", collection)
        assert status == 200
        strict(f"List{collection[0].upper()}{collection[1:]}Response", page)
        for one in page.get(collection, []):
            assert get(cloud, one["name"]) == one
            yield kind, one


@pytest.mark.parametrize("failure", [None, "broken"])
def test_every_answer_is_of_its_proto_from_beginning_to_end(failure: str | None, make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(failure=failure))
    data_set = made(google, "datasets", table(google))
    made(google, "trainingPipelines", pipeline(data_set))
    made(google, "customJobs", custom(google))
    made(google, "hyperparameterTuningJobs", tuning(google))
    states = set()
    for _ in range(30):
        for kind, one in everything(google):
            strict(kind, one)
            states.add(str(one.get("state")).rpartition("_STATE_")[2])
        google.advance(30)
    google.settle()
    (model,) = listed(google, "models")
    status, evaluations = ask(google, "GET", f"/v1/{model['name']}/evaluations")
    assert status == 200 and evaluations["modelEvaluations"][0]["metrics"]["auRoc"] > 0
    strict("ListModelEvaluationsResponse", evaluations)
    assert get(google, f"{model['name']}@1") == model
    assert {"PENDING", "RUNNING"} <= states and ("FAILED" if failure else "SUCCEEDED") in states


def test_an_operation_is_not_done_in_its_first_answer_and_is_found_at_both_addresses(google: StandIn) -> None:
    from google.cloud.aiplatform_v1 import types  # noqa: F401  (what its metadata and its response are made of)
    from google.longrunning.operations_pb2 import Operation
    from google.protobuf import json_format
    from google.rpc import error_details_pb2  # noqa: F401

    status, begun = ask(google, "POST", "datasets", table(google))
    assert status == 200 and not begun.get("done")
    for address in ("v1", "ui"):
        answer = ask(google, "GET", f"/{address}/{begun['name']}")[1]
        json_format.ParseDict(answer, Operation())
        assert answer["done"] and answer["response"]["displayName"] == "rows"
    owner = begun["name"].partition("/operations/")[0]
    assert [one["name"] for one in ask(google, "GET", f"/v1/{owner}/operations")[1]["operations"]] == [begun["name"]]
    assert ask(google, "GET", f"/v1/{owner}/operations/1")[0] == 404
    json_format.ParseDict(ask(google, "DELETE", f"/v1/{owner}")[1], Operation())
    assert ask(google, "GET", f"/v1/{owner}")[0] == 404


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a path; None: without it."""
    found = copy.deepcopy(body)
    *above, last = path.split(".")
    at: Any = found
    for key in above:
        at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
    if value is None:
        at.pop(last, None)
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return found


def child(parent: dict[str, Any], **condition: Any) -> list[dict[str, Any]]:
    return [{**parent, "conditionalParameterSpecs": [{**condition, "parameterSpec": RATE}]}]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("displayNam", "x"),
        ("displayName", None),
        ("displayName", "x" * 129),
        ("labels", {"Team": "x"}),
        ("labels", {"team": "x:y"}),
        ("labels", {"team": "x" * 64}),
        (JOB, None),
        (f"{JOB}.workerPoolSpecs", []),
        (f"{JOB}.workerPoolSpecs", "one"),
        (f"{POOL}.replicaCount", None),
        (f"{POOL}.replicaCount", 2),
        (f"{POOL}.machineSpec.machineType", "n1-standard-2"),
        (f"{POOL}.machineSpec.machineType", "c4-standard-8"),
        (f"{POOL}.machineSpec.machineType", "g2-standard-8"),
        (f"{POOL}.machineSpec", {"machineType": "g2-standard-8", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1}),
        (f"{POOL}.machineSpec", {"machineType": "e2-standard-4", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1}),
        (f"{POOL}.machineSpec.acceleratorType", "NVIDIA_TESLA_T4"),
        (f"{POOL}.machineSpec.acceleratorType", "NVIDIA_TESLA_L4"),
        (f"{POOL}.diskSpec", {"bootDiskSizeGb": 50}),
        (f"{POOL}.containerSpec", None),
        (f"{POOL}.containerSpec.imageUri", "quay.io/someone/image"),
        (f"{POOL}.containerSpec.args", ["x" * 100_001]),
        (f"{POOL}.containerSpec.env", [{"name": f"N{number}", "value": "1"} for number in range(101)]),
        (f"{POOL}.containerSpec.env", [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
        (f"{JOB}.scheduling.timeout", "0s"),
        (f"{JOB}.scheduling.timeout", "an hour"),
        (f"{JOB}.scheduling", {"timeout": "700000s", "strategy": "FLEX_START"}),
        (f"{JOB}.network", "default"),
        (f"{JOB}.serviceAccount", "me"),
        (f"{JOB}.baseOutputDirectory.outputUriPrefix", "s3://bucket/x"),
        (f"{JOB}.baseOutputDirectory.outputUriPrefix", "gs://nobodys-bucket/x"),
        ("encryptionSpec", {"kmsKeyName": "my-key"}),
        ("encryptionSpec", {"kmsKeyName": "projects/p/locations/elsewhere/keyRings/r/cryptoKeys/k"}),
    ],
)
def test_a_custom_job_that_the_service_would_refuse_is_refused(path: str, value: Any, google: StandIn) -> None:
    status, answer = ask(google, "POST", "customJobs", changed(custom(google), path, value))
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT"), answer
    assert listed(google, "customJobs") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("maxTrialCount", 0),
        ("parallelTrialCount", 0),
        ("parallelTrialCount", 5),
        ("maxFailedTrialCount", 5),
        (f"{STUDY}.metrics", []),
        (f"{STUDY}.metrics.0.metricId", "val accuracy"),
        (f"{STUDY}.metrics.0.goal", None),
        (f"{STUDY}.metrics.0.goal", "MAXIMISE"),
        (f"{STUDY}.parameters", []),
        (f"{STUDY}.parameters", [UNITS, UNITS]),
        (f"{STUDY}.parameters.0.parameterId", "a b"),
        (f"{STUDY}.parameters.0.discreteValueSpec.values", [32, 16]),
        (f"{STUDY}.parameters.0.discreteValueSpec.values", [1, 1 + 1e-12]),
        (f"{STUDY}.parameters.0.discreteValueSpec.values", list(range(1001))),
        (f"{STUDY}.parameters.0.discreteValueSpec.defaultValue", 16),
        (f"{STUDY}.parameters.1.integerValueSpec", {"minValue": "3", "maxValue": "1"}),
        (f"{STUDY}.parameters.1.integerValueSpec", None),
        (f"{STUDY}.parameters.2.doubleValueSpec.minValue", 0),
        (f"{STUDY}.parameters.2.scaleType", "LOG"),
        (f"{STUDY}.algorithm", "GRID_SEARCH"),
        (f"{STUDY}.algorithm", "HYPERBAND"),
        (f"{STUDY}.parameters", [{**KIND, "categoricalValueSpec": {"values": []}}]),
        (
            f"{STUDY}.parameters",
            [{"parameterId": "k", "categoricalValueSpec": {"values": ["a"]}, "scaleType": "UNIT_LINEAR_SCALE"}],
        ),
        (f"{STUDY}.parameters", child(UNITS)),
        (f"{STUDY}.parameters", child(UNITS, parentDiscreteValues={"values": [17]})),
        (f"{STUDY}.parameters", child(LAYERS, parentIntValues={"values": ["9"]})),
        (f"{STUDY}.parameters", child(LAYERS, parentDiscreteValues={"values": [1]})),
        (f"{STUDY}.parameters", child({**RATE, "parameterId": "r"}, parentDiscreteValues={"values": [0.01]})),
        ("trialJobSpec.workerPoolSpecs.0.machineSpec.machineType", "n1-standard-1"),
    ],
)
def test_a_tuning_job_that_the_service_would_refuse_is_refused(path: str, value: Any, google: StandIn) -> None:
    status, answer = ask(google, "POST", "hyperparameterTuningJobs", changed(tuning(google), path, value))
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT"), answer
    assert listed(google, "customJobs") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("inputDataConfig.datasetId", "17"),
        ("inputDataConfig.fractionSplit.testFraction", 0.3),
        ("trainingTaskDefinition", "gs://google-cloud-aiplatform/schema/trainingjob/definition/automl_text_1.0.0.yaml"),
        ("trainingTaskInputs.predictionType", "ranking"),
        ("trainingTaskInputs.optimizationObjective", "minimize-rmse"),
        ("trainingTaskInputs.trainBudgetMilliNodeHours", 10),
        ("trainingTaskInputs.trainBudgetMilliNodeHours", 100_000),
        ("trainingTaskInputs.targetColumn", None),
        ("trainingTaskInputs.transformations", []),
        ("trainingTaskInputs.transformations", [{"number": {"column_name": "a"}}]),
        ("modelToUpload", None),
    ],
)
def test_a_training_that_the_service_would_refuse_is_refused(path: str, value: Any, google: StandIn) -> None:
    body = pipeline(made(google, "datasets", table(google)))
    status, answer = ask(google, "POST", "trainingPipelines", changed(body, path, value))
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT"), answer


def test_images_have_two_regions_and_some_have_no_tables(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, location="us-east5")
    images = {"displayName": "x", "metadataSchemaUri": "gs://google-cloud-aiplatform/schema/dataset/metadata/image_1.0.0.yaml"}
    assert ask(google, "POST", "datasets", images)[0] == 400
    assert ask(google, "POST", "trainingPipelines", pipeline(made(google, "datasets", table(google))))[0] == 400


def test_what_is_elsewhere_or_somebody_elses_is_not_here(google: StandIn) -> None:
    assert ask(google, "GET", f"/v1/projects/other/locations/{google.location}/customJobs")[0] == 403
    assert ask(google, "GET", f"/v1/projects/{google.project}/locations/europe-west9/customJobs")[0] == 404
    assert ask(google, "GET", "customJobs/17")[0] == 404
    assert ask(google, "POST", "customJobs/17:cancel", {})[0] == 404
