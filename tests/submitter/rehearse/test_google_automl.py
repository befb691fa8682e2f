"""AutoML at Google's stand-in: plain models on the rows that were sent, under the service's rules for rows."""

from __future__ import annotations

import csv
import io
import struct
import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .google_asked import SCHEMA, ask, get, listed, made, pipeline, table

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

pytest.importorskip("google.cloud.aiplatform_v1")


@pytest.fixture
def real(make_google: Callable[..., StandIn]) -> StandIn:
    """A stand-in that really trains."""
    return make_google()


def ended(cloud: StandIn, name: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while "endTime" not in get(cloud, name):
        assert time.monotonic() < until
        time.sleep(0.01)
    return get(cloud, name)


def trained(cloud: StandIn, rows: int = 1200) -> str:
    """The model of a table."""
    done = ended(cloud, made(cloud, "trainingPipelines", pipeline(made(cloud, "datasets", table(cloud, rows)))))
    assert done["state"] == "PIPELINE_STATE_SUCCEEDED", done
    return str(done["modelToUpload"]["name"])


def asked(cloud: StandIn, model: str, content: str, **changes: Any) -> dict[str, Any]:
    """A batch prediction."""
    uri = f"gs://{cloud.bucket}/held/rows.csv"
    cloud.storage.put(uri, content.encode())
    sink = {"predictionsFormat": "csv", "gcsDestination": {"outputUriPrefix": f"gs://{cloud.bucket}/out/"}}
    machine = {"machineSpec": {"machineType": "n1-standard-4"}, "startingReplicaCount": 1, "maxReplicaCount": 1}
    source = {"instancesFormat": "csv", "gcsSource": {"uris": [uri]}}
    body = {"displayName": "held", "model": model, "inputConfig": source, "outputConfig": sink, "dedicatedResources": machine}
    return {**body, **changes}


def answers(cloud: StandIn, folder: str) -> list[dict[str, str]]:
    files = [uri for uri in cloud.storage.keys(f"{folder}/") if "/predictions_" in uri]
    return [row for uri in files for row in csv.DictReader(io.StringIO(cloud.storage.get(uri).decode()))]


@pytest.mark.parametrize("scripted", [False, True])
def test_a_table_is_trained_measured_and_scored_row_by_row_in_no_order(
    scripted: bool, make_google: Callable[..., StandIn]
) -> None:
    cloud = make_google(run_jobs=not scripted)
    name = made(cloud, "trainingPipelines", pipeline(made(cloud, "datasets", table(cloud))))
    if scripted:
        cloud.settle()
    model = ended(cloud, name)["modelToUpload"]["name"]
    (evaluation,) = ask(cloud, "GET", f"/v1/{model}/evaluations")[1]["modelEvaluations"]
    assert scripted or evaluation["metrics"]["auRoc"] > 0.9
    assert "stands in" in get(cloud, model)["description"]
    rows = "\n".join(['"row","a","b"', *(f'"{number}",{number % 7},{number}' for number in range(50)), ""])
    job = made(cloud, "batchPredictionJobs", asked(cloud, model, rows))
    if scripted:
        cloud.settle()
    done = ended(cloud, job)
    found = answers(cloud, done["outputInfo"]["gcsOutputDirectory"])
    assert "prediction-r-7k2xq-1-" in done["outputInfo"]["gcsOutputDirectory"]
    assert [one["row"] for one in found] != [str(number) for number in range(50)]
    assert {int(one["row"]) for one in found} == set(range(50)) and set(found[0]) == {
        "row",
        "a",
        "b",
        "y_yes_score",
        "y_no_score",
    }
    for one in found:
        assert float(one["y_yes_score"]) + float(one["y_no_score"]) == pytest.approx(1)
        assert (float(one["y_yes_score"]) > 0.5) == (int(one["a"]) > 3)
    assert [uri for uri in cloud.storage.keys(done["outputInfo"]["gcsOutputDirectory"]) if "errors_1" in uri]


def test_a_regression_is_measured_and_scored_by_numbers(real: StandIn) -> None:
    body = pipeline(
        made(real, "datasets", table(real)),
        predictionType="regression",
        targetColumn="b",
        transformations=[{"numeric": {"column_name": "a"}}, {"categorical": {"column_name": "y"}}],
        optimizationObjective="minimize-rmse",
    )
    model = ended(real, made(real, "trainingPipelines", body))["modelToUpload"]["name"]
    (evaluation,) = ask(real, "GET", f"/v1/{model}/evaluations")[1]["modelEvaluations"]
    assert {"rootMeanSquaredError", "meanAbsoluteError"} <= set(evaluation["metrics"])
    job = made(real, "batchPredictionJobs", asked(real, model, 'row,a,y\n"1",3,"no"\n'))
    (one,) = answers(real, ended(real, job)["outputInfo"]["gcsOutputDirectory"])
    assert float(one["predicted_b"]) >= 0


def test_rows_without_a_column_end_the_scoring(real: StandIn) -> None:
    done = ended(real, made(real, "batchPredictionJobs", asked(real, trained(real), "row,a\n1,3\n")))
    assert done["state"] == "JOB_STATE_FAILED" and "Missing columns in the input: b" in done["error"]["message"]


def test_a_batch_prediction_that_the_service_would_refuse_is_refused(real: StandIn) -> None:
    model = trained(real)
    good = asked(real, model, "row,a,b\n1,2,3\n")
    for changes in (
        {"model": f"{model}7"},
        {"inputConfig": {"instancesFormat": "csv"}},
        {"inputConfig": {**good["inputConfig"], "instancesFormat": "tf-record"}},
        {"outputConfig": {"predictionsFormat": "csv"}},
        {"dedicatedResources": None},
    ):
        body = {key: value for key, value in {**good, **changes}.items() if value is not None}
        assert ask(real, "POST", "batchPredictionJobs", body)[0] in (400, 404), changes
    assert ask(real, "POST", f"/v1/{model}:export", _export(real, "tflite"))[0] == 400, "a table's model has no such form"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [(999, "at least 1000"), (1200, "Missing labels")],
)
def test_rows_that_automl_does_not_take_end_the_training(rows: int, reason: str, real: StandIn) -> None:
    data_set = made(real, "datasets", table(real, rows))
    if rows > 1000:
        uri = f"gs://{real.bucket}/rows.csv"
        real.storage.put(uri, real.storage.get(uri) + b"1,1,maybe\n")
    done = ended(real, made(real, "trainingPipelines", pipeline(data_set)))
    assert done["state"] == "PIPELINE_STATE_FAILED" and reason in done["error"]["message"]
    assert listed(real, "models") == [] and "name" not in done["modelToUpload"]


def test_a_cancelled_training_leaves_no_model(google: StandIn) -> None:
    name = made(google, "trainingPipelines", pipeline(made(google, "datasets", table(google))))
    google.advance(100)
    assert ask(google, "POST", f"/v1/{name}:cancel", {})[0] == 200
    google.settle()
    assert get(google, name)["state"] == "PIPELINE_STATE_CANCELLED" and listed(google, "models") == []


def _export(cloud: StandIn, form: str) -> dict[str, Any]:
    return {"outputConfig": {"exportFormatId": form, "artifactDestination": {"outputUriPrefix": f"gs://{cloud.bucket}/export/"}}}


def _png(shade: int) -> bytes:
    """A grey square of 4 by 4."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = part(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress((b"\0" + bytes([shade] * 4)) * 4)) + part(b"IEND", b"")


def _images(cloud: StandIn, lines: list[str]) -> tuple[str, dict[str, Any]]:
    """A data set, and the operation that fills it, which has ended."""
    schema = f"{SCHEMA}/dataset/metadata/image_1.0.0.yaml"
    name = made(cloud, "datasets", {"displayName": "images", "metadataSchemaUri": schema, "metadata": {}})
    uri = f"gs://{cloud.bucket}/import.csv"
    cloud.storage.put(uri, "\n".join([*lines, ""]).encode())
    form = f"{SCHEMA}/dataset/ioformat/image_classification_single_label_io_format_1.0.0.yaml"
    body = {"importConfigs": [{"gcsSource": {"uris": [uri]}, "importSchemaUri": form}]}
    status, begun = ask(cloud, "POST", f"/v1/{name}:import", body)
    assert status == 200 and not begun.get("done")
    return name, ask(cloud, "GET", f"/v1/{begun['name']}")[1]


def _trained_on_images(cloud: StandIn, data_set: str, model: str) -> dict[str, Any]:
    body = pipeline(data_set) | {
        "trainingTaskDefinition": f"{SCHEMA}/trainingjob/definition/automl_image_classification_1.0.0.yaml",
        "trainingTaskInputs": {"modelType": model, "budgetMilliNodeHours": 8000, "multiLabel": False},
    }
    return ended(cloud, made(cloud, "trainingPipelines", body))


def test_images_are_imported_and_trained_on_by_their_labels(real: StandIn) -> None:
    lines = []
    for number in range(40):
        uri = f"gs://{real.bucket}/images/{number}.png"
        real.storage.put(uri, _png(20 + number if number % 2 else 200 + number))
        lines.append(f"{uri},{'dark' if number % 2 else 'bright'}")
    name, done = _images(real, lines)
    assert done["done"] and "error" not in done and get(real, name)["dataItemCount"] == "40"
    ended_well = _trained_on_images(real, name, "MOBILE_TF_LOW_LATENCY_1")
    assert ended_well["state"] == "PIPELINE_STATE_SUCCEEDED", ended_well
    model = get(real, ended_well["modelToUpload"]["name"])
    assert {one["id"] for one in model["supportedExportFormats"]} == {"tflite", "tf-saved-model"}
    status, answer = ask(real, "POST", "batchPredictionJobs", asked(real, model["name"], "x"))
    assert status == 400, answer
    few, _ = _images(real, lines[:30])
    assert _trained_on_images(real, few, "CLOUD")["state"] == "PIPELINE_STATE_SUCCEEDED"
    fewer, _ = _images(real, lines[:10])
    assert "at least 10" in _trained_on_images(real, fewer, "CLOUD")["error"]["message"]


@pytest.mark.parametrize("line", ["gs://BUCKET/none.png,dark", "gs://BUCKET/there.png,0", "LATER,gs://BUCKET/there.png,dark"])
def test_an_import_of_what_is_not_there_or_has_no_such_label_fails(line: str, google: StandIn) -> None:
    google.storage.put(f"gs://{google.bucket}/there.png", _png(1))
    name, done = _images(google, [line.replace("BUCKET", google.bucket)])
    assert done["done"] and done["error"]["message"]
    assert "dataItemCount" not in get(google, name)
