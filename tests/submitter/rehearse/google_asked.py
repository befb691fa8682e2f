"""Requests to Google's stand-in by plain HTTP, and bodies for them, written from the protos."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

SCHEMA = "gs://google-cloud-aiplatform/schema"
UNITS = {"parameterId": "units", "discreteValueSpec": {"values": [16, 32, 128]}}
LAYERS = {"parameterId": "layers", "integerValueSpec": {"minValue": "1", "maxValue": "3"}}
RATE = {"parameterId": "rate", "doubleValueSpec": {"minValue": 1e-4, "maxValue": 0.1}, "scaleType": "UNIT_LOG_SCALE"}


def ask(cloud: StandIn, method: str, path: str, body: Any = None, **query: str) -> tuple[int, dict[str, Any]]:
    """Status and answer; a path without a slash at its beginning is one below the project and location."""
    below = path if path.startswith("/") else f"/v1/projects/{cloud.project}/locations/{cloud.location}/{path}"
    url = f"{cloud.endpoint}{below}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def made(cloud: StandIn, collection: str, body: Any) -> str:
    """The name of what was made; of a data set, when it is there."""
    status, answer = ask(cloud, "POST", collection, body)
    assert status == 200, answer
    return str(answer["name"]).partition("/operations/")[0]


def get(cloud: StandIn, name: str) -> dict[str, Any]:
    """A resource by its name."""
    status, answer = ask(cloud, "GET", f"/v1/{name}")
    assert status == 200, answer
    return answer


def listed(cloud: StandIn, collection: str, **query: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        status, answer = ask(cloud, "GET", collection, **query, **({"pageToken": token} if token else {}))
        assert status == 200, answer
        found += answer.get(collection, [])
        token = answer.get("nextPageToken", "")
        if not token:
            return found


def job_spec(cloud: StandIn, **changes: Any) -> dict[str, Any]:
    """One machine with one container."""
    container = {"imageUri": "python:3.11", "command": ["python3", "-c", "print(1)"], "env": [{"name": "A", "value": "1"}]}
    machine = {"machineSpec": {"machineType": "n1-standard-4"}, "replicaCount": 1, "containerSpec": container}
    base = {"outputUriPrefix": f"gs://{cloud.bucket}/runs/1"}
    return {"workerPoolSpecs": [machine], "scheduling": {"timeout": "3600s"}, "baseOutputDirectory": base, **changes}


def running(cloud: StandIn, program: str, *arguments: str, **changes: Any) -> dict[str, Any]:
    """A custom job whose container really runs a program."""
    spec = job_spec(cloud, **changes)
    spec["workerPoolSpecs"][0]["containerSpec"] |= {"command": ["python3", "-c", program], "args": list(arguments)}
    return {"displayName": "really", "jobSpec": spec}


def custom(cloud: StandIn, **changes: Any) -> dict[str, Any]:
    """A custom job."""
    return {"displayName": "r-7k2xq-1", "labels": {"team": "vision"}, "jobSpec": job_spec(cloud), **changes}


def tuning(cloud: StandIn, *, trials: int = 4, parallel: int = 2, failed: int = 4, **study: Any) -> dict[str, Any]:
    """A tuning job."""
    metrics = [{"metricId": "val_accuracy", "goal": "MAXIMIZE"}]
    return {
        "displayName": "r-7k2xq-1",
        "labels": {"team": "vision"},
        "studySpec": {"metrics": metrics, "parameters": [UNITS, LAYERS, RATE], **study},
        "maxTrialCount": trials,
        "parallelTrialCount": parallel,
        "maxFailedTrialCount": failed,
        "trialJobSpec": job_spec(cloud),
    }


def table(cloud: StandIn, rows: int = 1200) -> dict[str, Any]:
    """A data set of a table, whose rows are put into the bucket."""
    lines = [f"{number % 7},{(number * 7919) % 100},{'yes' if number % 7 > 3 else 'no'}" for number in range(rows)]
    uri = f"gs://{cloud.bucket}/rows.csv"
    cloud.storage.put(uri, "\n".join(["a,b,y", *lines, ""]).encode())
    schema = f"{SCHEMA}/dataset/metadata/tabular_1.0.0.yaml"
    return {"displayName": "rows", "metadataSchemaUri": schema, "metadata": {"inputConfig": {"gcsSource": {"uri": [uri]}}}}


def pipeline(data_set: str, **inputs: Any) -> dict[str, Any]:
    """A training of AutoML's on a table."""
    told: Mapping[str, Any] = {
        "predictionType": "classification",
        "targetColumn": "y",
        "transformations": [{"numeric": {"column_name": "a"}}, {"numeric": {"column_name": "b"}}],
        "optimizationObjective": "maximize-au-roc",
        "trainBudgetMilliNodeHours": 1000,
        **inputs,
    }
    split = {"trainingFraction": 0.8, "validationFraction": 0.1, "testFraction": 0.1}
    return {
        "displayName": "r-7k2xq-1",
        "inputDataConfig": {"datasetId": data_set.rpartition("/")[2], "fractionSplit": split},
        "trainingTaskDefinition": f"{SCHEMA}/trainingjob/definition/automl_tabular_1.0.0.yaml",
        "trainingTaskInputs": told,
        "modelToUpload": {"displayName": "r-7k2xq-1"},
    }
