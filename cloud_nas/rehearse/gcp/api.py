"""Vertex AI's REST API, as far as cloud-nas uses it: requests parsed strictly by the official protos, answers valid by them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.rehearse.gcp import operations, rules
from cloud_nas.rehearse.gcp.answers import Refused
from cloud_nas.rehearse.gcp.automl import DataSet, Model, Pipeline
from cloud_nas.rehearse.gcp.batch import BatchJob
from cloud_nas.rehearse.gcp.faults import Faults
from cloud_nas.rehearse.gcp.filters import fits
from cloud_nas.rehearse.gcp.jobs import CustomJob
from cloud_nas.rehearse.gcp.learning import edge_files
from cloud_nas.rehearse.gcp.operations import Done, Operation
from cloud_nas.rehearse.gcp.runs import Runs
from cloud_nas.rehearse.gcp.tuning import TuningJob
from cloud_nas.rehearse.gcp.world import World, at_text

PAGE = 100
_KINDS = {
    "customJobs": "CustomJob",
    "hyperparameterTuningJobs": "HyperparameterTuningJob",
    "trainingPipelines": "TrainingPipeline",
    "datasets": "Dataset",
    "models": "Model",
    "batchPredictionJobs": "BatchPredictionJob",
}
"""The proto of each collection."""

_CREATED = ("customJobs", "hyperparameterTuningJobs", "trainingPipelines", "datasets", "batchPredictionJobs")


class VertexApi:
    """Answers requests.

    Args:
        world: what there is.
        faults: what is done to the caller.
        runs: starts containers.
        really: whether anything is trained.
    """

    def __init__(self, world: World, faults: Faults, runs: Runs, *, really: bool) -> None:
        self.world, self.faults, self._runs, self._really = world, faults, runs, really

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[str, dict[str, Any], bool]:
        """One request: the operation's name, the answer, and whether it gets lost on its way.

        Args:
            method: of HTTP.
            path: behind `/v1/` or `/ui/`.
            query: its parameters.
            body: JSON, or nothing.

        Raises:
            Refused: as Google would.
        """
        told: dict[str, Any] = json.loads(body) if body else {}
        operation, do = self._route(method, path, query, told)
        self.world.advance()
        self.faults.before(operation)
        with self.world.hiding(lambda one: self.faults.keeps_out(operation, one.name)):
            answer = do()
        self.world.advance()
        return operation, answer, self.faults.created(operation)

    def _route(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> tuple[str, Callable[[], dict[str, Any]]]:
        verb = path.partition(":")[2]
        name = path.partition(":")[0]
        parts = name.split("/")
        if "operations" in parts:
            if parts[-1] == "operations":
                return "ListOperations", lambda: self._list_operations(name.removesuffix("/operations"))
            return "GetOperation", lambda: operations.find(self.world, name).describe()
        if len(parts) == 5 and method == "POST" and parts[4] in _CREATED:
            kind = _KINDS[parts[4]]
            return f"Create{kind}", lambda: self._create(parts[4], "/".join(parts[:4]), body)
        if len(parts) == 5 and method == "GET" and parts[4] in _KINDS:
            return f"List{_plural(parts[4])}", lambda: self._list(parts[4], "/".join(parts[:4]), query)
        if len(parts) >= 6 and parts[4] in _KINDS:
            return self._on_one(method, name, verb, parts, query, body)
        raise Refused(404, f"There is no {method} {path} here.")

    def _on_one(
        self, method: str, name: str, verb: str, parts: list[str], query: Mapping[str, str], body: Mapping[str, Any]
    ) -> tuple[str, Callable[[], dict[str, Any]]]:
        kind = _KINDS[parts[4]]
        if verb == "cancel":
            return f"Cancel{kind}", lambda: self._cancel(name)
        if verb == "import":
            return "ImportData", lambda: self._import(name, body)
        if verb == "export":
            return "ExportModel", lambda: self._export(name, body)
        if parts[6:7] == ["evaluations"]:
            return "ListModelEvaluations", lambda: self._evaluations("/".join(parts[:6]))
        if method == "DELETE":
            return f"Delete{kind}", lambda: self._delete(name, kind)
        if method == "GET" and len(parts) == 6:
            return f"Get{kind}", lambda: self._get(kind, name)
        raise Refused(404, f"There is no {method} {name} here.")

    def _get(self, kind: str, name: str) -> dict[str, Any]:
        found = self.world.find(name)
        if kind == "Model" and self.faults.late(found.name):
            raise Refused(404, "Model does not exist.")
        return _valid(kind, found.describe())

    def _create(self, collection: str, parent: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.world.check_parent(parent)
        request = _strict(_KINDS[collection], body)
        rules.check(collection, request, self.world)
        now = self.world.clock.now()
        if collection == "customJobs":
            made: Any = CustomJob(
                self.world, self._runs, request, now, restart=self._restart, noticed=self.faults.look, slow_error=self._slow
            )
        elif collection == "hyperparameterTuningJobs":
            made = TuningJob(
                self.world, self._runs, request, now, restart=self._restart, noticed=self.faults.look, slow_error=self._slow
            )
        elif collection == "trainingPipelines":
            made = Pipeline(self.world, request, now, seconds=0 if self._really else 3600, really=self._really)
        elif collection == "batchPredictionJobs":
            made = BatchJob(self.world, request, now, seconds=0 if self._really else 600)
        else:
            made = DataSet(self.world, request, now)
            self.world.add(collection, made)
            return self._begin(made.name, "CreateDataset", lambda: ("Dataset", _valid("Dataset", made.describe()), {}))
        self.world.add(collection, made)
        return _valid(_KINDS[collection], made.describe())

    @property
    def _restart(self) -> float:
        return 0.5 if self._really else 60.0

    @property
    def _slow(self) -> float:
        return 0.0 if self._really else 60.0

    def _list(self, collection: str, parent: str, query: Mapping[str, str]) -> dict[str, Any]:
        self.world.check_parent(parent)
        token = query.get("pageToken", "")
        if self.faults.empty_first(f"List{_plural(collection)}", token):
            return {"nextPageToken": "page-0"}
        start = _offset(token)
        most = min(PAGE, int(query.get("pageSize") or PAGE))
        kind = _KINDS[collection]
        found = [_valid(kind, one.describe()) for one in self.world.all(collection)]
        found = [one for one in found if fits(query.get("filter", ""), one, collection)]
        page = [_masked(one, query.get("readMask", "")) for one in found[start : start + most]]
        answer: dict[str, Any] = {collection: page} if page else {}
        return answer | ({"nextPageToken": f"page-{start + most}"} if start + most < len(found) else {})

    def _cancel(self, name: str) -> dict[str, Any]:
        self.world.find(name).cancel(self.world.clock.now())
        return {}

    def _delete(self, name: str, kind: str) -> dict[str, Any]:
        found = self.world.find(name)
        if found.live:
            raise Refused(400, f"{found.name} is in state {found.state} and cannot be deleted.")
        self.world.remove(name)
        return self._begin(found.name, "Delete", lambda: (None, {}, {}))

    def _import(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        request = _strict("ImportDataRequest", {**body, "name": name})
        found: DataSet = self.world.find(name)

        def finish() -> Done:
            for config in request["importConfigs"]:
                for uri in config["gcsSource"]["uris"]:
                    found.take(self.world.objects, uri)
            return "ImportDataResponse", {}, {}

        return self._begin(found.name, "ImportData", finish)

    def _export(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        request = _strict("ExportModelRequest", {**body, "name": name})
        model: Model = self.world.find(name)
        form, prefix = (
            request["outputConfig"]["exportFormatId"],
            request["outputConfig"]["artifactDestination"]["outputUriPrefix"],
        )
        if not model.edge or form not in ("tflite", "tf-saved-model"):
            raise Refused(400, f"Exporting artifact in format {form} is not supported for the model.")
        number, now = model.name.rpartition("/")[2], at_text(self.world.clock.now())
        folder = f"{prefix.rstrip('/')}/model-{number}/{form}/{now}"

        def finish() -> Done:
            files = {"model.tflite" if form == "tflite" else "saved_model.pb": b"a stand-in; nothing was trained"}
            for path, content in (files if model.learnt is None else edge_files(model.learnt, form)).items():
                self.world.objects.put(f"{folder}/{path}", content)
            return "ExportModelResponse", {}, {"outputInfo": {"artifactOutputUri": folder}}

        return self._begin(model.name, "ExportModel", finish, long=model.learnt is not None)

    def _evaluations(self, name: str) -> dict[str, Any]:
        return {"modelEvaluations": [_valid("ModelEvaluation", self.world.find(name).evaluation())]}

    def _begin(self, owner: str, what: str, work: Callable[[], Done], *, long: bool = False) -> dict[str, Any]:
        made = Operation(self.world, owner, what, work, long=long)
        return made.describe() if made.live else {"name": made.name}

    def _list_operations(self, owner: str) -> dict[str, Any]:
        mine = self.world.find(owner).name
        return {"operations": [one.describe() for one in operations.about(self.world, mine)]}


def _strict(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A request as its proto has it; what the proto does not know is refused."""
    from google.cloud import aiplatform_v1
    from google.protobuf import json_format

    try:
        found = json_format.ParseDict(dict(body), getattr(aiplatform_v1.types, kind).pb()())
    except json_format.ParseError as error:
        raise Refused(400, f'Invalid JSON payload received. Unknown name or value: "{error}"') from error
    plain: dict[str, Any] = json_format.MessageToDict(found)
    return plain


def _valid(kind: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as its proto writes it; a defect of the stand-in raises."""
    from google.cloud import aiplatform_v1
    from google.protobuf import json_format

    plain: dict[str, Any] = json_format.MessageToDict(
        json_format.ParseDict(dict(found), getattr(aiplatform_v1.types, kind).pb()())
    )
    return plain


def _masked(found: dict[str, Any], mask: str) -> dict[str, Any]:
    if not mask:
        return found
    names = {re.sub(r"_(\w)", lambda one: one[1].upper(), name.strip()) for name in mask.split(",")}
    return {key: value for key, value in found.items() if key in names}


def _offset(token: str) -> int:
    number = token.removeprefix("page-") or "0"
    if not number.isdigit():
        raise Refused(400, f"Invalid page token: {token}")
    return int(number)


def _plural(collection: str) -> str:
    return collection[0].upper() + collection[1:]
