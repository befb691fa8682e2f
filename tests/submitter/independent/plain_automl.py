"""The plain server with AutoML: data sets, training pipelines, models and batch predictions, as their protos and pages have them.

It trains nothing: a table's model knows how often each class came with each value of one column, an edge model is given.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from typing import Any

from google.cloud.aiplatform_v1 import types
from google.protobuf import json_format

from .plain_google import BUCKET, NotThere, PlainGoogle, _fits, _now

PROTOS: dict[str, Any] = {
    "datasets": types.Dataset,
    "trainingPipelines": types.TrainingPipeline,
    "models": types.Model,
    "batchPredictionJobs": types.BatchPredictionJob,
}
_TYPE = "type.googleapis.com/google.cloud.aiplatform.v1."


class PlainAutoML(PlainGoogle):
    """`made` has all resources by name; `edge` is the model that is exported."""

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[str, dict[str, Any]] = {}
        self.operations: dict[str, dict[str, Any]] = {}
        self.edge = b""

    def vertex(self, method: str, path: str, query: dict[str, str], body: bytes) -> dict[str, Any]:
        """As the plain server's; a long-running operation has ended when it is asked for."""
        if "/operations/" in path:
            return self.operations[path]
        found = re.fullmatch(r"(projects/[^/]+/locations/[^/]+)/(\w+)(?:/(\d+)(?:@\d+)?)?(?:/(\w+))?(?::(\w+))?", path)
        if found is None or found[2] not in PROTOS:
            raise NotThere
        parent, kind, number, below, verb = found.groups()
        if number is None:
            return self._new(parent, kind, body) if method == "POST" else self._listed(kind, query)
        one = self.made.get(f"{parent}/{kind}/{number}")
        if one is None:
            raise NotThere
        if below == "evaluations":
            return {"modelEvaluations": [{"name": f"{one['name']}/evaluations/1", "metrics": {"auRoc": 0.75, "auPrc": 0.5}}]}
        if verb == "import":
            json_format.Parse(body, types.ImportDataRequest.pb()())
            return self._operation(one["name"], "ImportDataResponse", {}, "ImportDataOperationMetadata")
        if verb == "export":
            return self._export(one, json.loads(body)["outputConfig"])
        if kind == "batchPredictionJobs" and one["state"] == "JOB_STATE_PENDING":
            self._predict(one)
        return _shown(kind, one)

    def train(self) -> None:
        """Ends every pipeline well: each has its model now."""
        for name, one in [(name, one) for name, one in self.made.items() if "/trainingPipelines/" in name]:
            parent, number = name.partition("/trainingPipelines/")[0], next(self._numbers)
            forms = [{"id": form, "exportableContents": ["ARTIFACT"]} for form in ("tflite", "tf-saved-model")]
            model = {**one["modelToUpload"], "name": f"{parent}/models/{number}", "versionId": "1", "createTime": _now()}
            model["supportedExportFormats"] = forms if "MOBILE" in str(one["trainingTaskInputs"]) else []
            self.made[model["name"]] = model
            one.update(state="PIPELINE_STATE_SUCCEEDED", modelToUpload={"name": model["name"]}, startTime=_now(), endTime=_now())

    def _new(self, parent: str, kind: str, body: bytes) -> dict[str, Any]:
        asked: dict[str, Any] = json_format.MessageToDict(json_format.Parse(body, PROTOS[kind].pb()()))
        name = f"{parent}/{kind}/{next(self._numbers)}"
        state = {"trainingPipelines": "PIPELINE_STATE_PENDING", "batchPredictionJobs": "JOB_STATE_PENDING"}.get(kind)
        self.made[name] = asked | {"name": name, "createTime": _now()} | ({"state": state} if state else {})
        if kind == "datasets":
            return self._operation(name, "Dataset", self.made[name], "CreateDatasetOperationMetadata")
        return _shown(kind, self.made[name])

    def _listed(self, kind: str, query: dict[str, str]) -> dict[str, Any]:
        chosen = [one for one in self.made.values() if f"/{kind}/" in one["name"] and _fits(one, query.get("filter", ""))]
        begin = int(query.get("pageToken") or 0)
        page = {kind: [_shown(kind, one) for one in chosen[begin : begin + 1]]}
        return page | ({"nextPageToken": str(begin + 1)} if begin + 1 < len(chosen) else {})

    def _operation(self, whose: str, response: str, value: dict[str, Any], metadata: str, **told: Any) -> dict[str, Any]:
        name = f"{whose}/operations/{next(self._numbers)}"
        self.operations[name] = {
            "name": name,
            "done": True,
            "metadata": {"@type": f"{_TYPE}{metadata}", **told},
            "response": {"@type": f"{_TYPE}{response}", **value},
        }
        return {"name": name, "metadata": {"@type": f"{_TYPE}{metadata}"}}

    def _export(self, model: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        form, folder = asked["exportFormatId"], asked["artifactDestination"]["outputUriPrefix"]
        where = f"{folder.rstrip('/')}/model-{model['name'].rpartition('/')[2]}/{form}/2026-11-24T10:00:00.123456Z/"
        file, content = ("model.tflite", self.edge) if form == "tflite" else ("saved_model.pb", b"a program")
        self.keep(_inside(where) + file, content, {})
        return self._operation(
            model["name"], "ExportModelResponse", {}, "ExportModelOperationMetadata", outputInfo={"artifactOutputUri": where}
        )

    def _predict(self, job: dict[str, Any]) -> None:
        """The answers to a table's rows, the last first, in two files, and a file of errors that has none."""
        (pipeline,) = (one for name, one in self.made.items() if "/trainingPipelines/" in name)
        data_set = self.made[f"{job['model'].partition('/models/')[0]}/datasets/{pipeline['inputDataConfig']['datasetId']}"]
        rows = self._table(data_set["metadata"]["inputConfig"]["gcsSource"]["uri"][0])
        target = pipeline["trainingTaskInputs"]["targetColumn"]
        by = next(name for name in rows[0] if name != target and len({row[name] for row in rows}) < 10)
        seen = Counter((row[by], row[target]) for row in rows)
        answers = []
        for row in reversed(self._table(job["inputConfig"]["gcsSource"]["uris"][0])):
            assert target not in row, "the target is predicted, not sent"
            counts = {name: 1 + seen[row[by], name] for name in sorted({row[target] for row in rows})}
            answers.append(row | {f"{target}_{name}_score": count / sum(counts.values()) for name, count in counts.items()})
        prefix = job["outputConfig"]["gcsDestination"]["outputUriPrefix"]
        where = f"{prefix.rstrip('/')}/prediction-{job['displayName']}-2026_11_24T02_00_00_123Z"
        half = len(answers) // 2
        for number, part in enumerate((answers[:half], answers[half:]), 1):
            text = io.StringIO()
            writer = csv.DictWriter(text, list(answers[0]))
            writer.writeheader()
            writer.writerows(part)
            self.keep(f"{_inside(where)}/predictions_{number}.csv", text.getvalue().encode(), {})
        self.keep(f"{_inside(where)}/errors_1.csv", b"", {})
        job.update(state="JOB_STATE_SUCCEEDED", outputInfo={"gcsOutputDirectory": where})

    def _table(self, uri: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.objects[_inside(uri)][1].decode())))


def _inside(uri: str) -> str:
    assert uri.startswith(f"gs://{BUCKET}/"), uri
    return uri.removeprefix(f"gs://{BUCKET}/")


def _shown(kind: str, one: dict[str, Any]) -> dict[str, Any]:
    """A resource as its own proto would write it: a field that it has not raises."""
    answer: dict[str, Any] = json_format.MessageToDict(json_format.ParseDict(one, PROTOS[kind].pb()()))
    return answer
