"""AutoML's data set: killed after any step and started again, one is made, filled once, and none is used half full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cloud_nas.errors import FailedError, NotFoundError, UnreachableError
from cloud_nas.targets.job import JobName
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.vertex.data_set import DATA_SET, DataSet, filled
from cloud_nas.targets.vertex.sent import Sent

PARENT = "projects/p/locations/europe-west4"
NAME = JobName("r-7k2xq", 1, "n0nce", "me")
LABELS = {"cloud-nas-run": NAME.run_id, "cloud-nas-nonce": NAME.nonce}
MAKE = Request("aiplatform", "CreateDataset", {"parent": PARENT, "dataset": {"displayName": "r-7k2xq-1", "labels": LABELS}})
FILL = Request("aiplatform", "ImportData", {"name": DATA_SET, "importConfigs": [{"gcsSource": {"uris": ["gs://b/x"]}}]})
PLAN = Plan("vertex:automl", NAME, (MAKE, FILL), place={"kind": "automl"})


class Killed(BaseException):
    """The process ended here."""


class Google:
    """Data sets and their operations; `last` is the step that the process is killed after, `lag` how many lists show nothing new.

    An operation that nobody waits for goes on by itself.
    """

    parent = PARENT

    def __init__(self, *, tells_operations: bool = True, lag: int = 0, broken: bool = False) -> None:
        self.data_sets: dict[str, dict[str, Any]] = {}
        self.going: dict[str, str] = {}
        self.imports: list[str] = []
        self.steps: list[str] = []
        self.last: int | None = None
        self.lost: set[str] = set()
        self._tells, self._lag, self.broken = tells_operations, lag, broken
        self._hidden = 0

    def call(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self, f"_{operation}")(body)
        self._step(operation)
        if operation in self.lost:
            self.lost.discard(operation)
            raise UnreachableError("Google did not answer")
        return answer

    def pages(self, operation: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        assert operation == "ListDatasets" and body["filter"] == f"labels.cloud-nas-run={NAME.run_id}"
        self._hidden -= 1
        yield {}
        yield {"datasets": list(self.data_sets.values())} if self._hidden < 0 else {}

    def operations(self, name: str) -> list[dict[str, Any]]:
        if not self._tells:
            raise NotFoundError("no operations")
        return [
            {"name": one, "metadata": {"@type": "x.ImportDataOperationMetadata"}}
            for one, its in self.going.items()
            if its == name
        ]

    def wait_operation(self, name: str) -> dict[str, Any]:
        if name in self.going and self.broken:
            raise FailedError("an image is broken")
        self._step("wait")
        return {"response": {"name": self.going.get(name, "")}} if "create" not in name else {"response": {"name": name[7:]}}

    def _step(self, what: str) -> None:
        self.steps.append(what)
        if len(self.steps) == self.last:
            raise Killed(what)

    def _CreateDataset(self, body: Mapping[str, Any]) -> dict[str, Any]:
        name = f"{PARENT}/datasets/{len(self.steps) + 100}"
        self.data_sets[name] = {"name": name, "createTime": str(len(self.steps)), **body["dataset"]}
        self._hidden = self._lag
        return {"name": f"create {name}"}

    def _ImportData(self, body: Mapping[str, Any]) -> dict[str, Any]:
        operation = f"import {len(self.steps)}"
        assert body["name"] in self.data_sets, "that data set is gone"
        self.imports.append(body["name"])
        self.data_sets[body["name"]]["dataItemCount"] = "40"
        self.going[operation] = body["name"]
        return {"name": operation}

    def _GetDataset(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.data_sets[body["name"]]

    def _DeleteDataset(self, body: Mapping[str, Any]) -> dict[str, Any]:
        del self.data_sets[body["name"]]
        return {"name": "delete"}


def made(google: Google) -> str:
    def sleep(seconds: float) -> None:
        assert 0 < seconds < 10

    return DataSet(google, PLAN, Sent(NAME), note=lambda text: None, sleep=sleep).made(PLAN.requests)  # type: ignore[arg-type]


@pytest.mark.parametrize("tells", [True, False], ids=["told-of-operations", "not-told"])
@pytest.mark.parametrize("lag", [0, 3])
@pytest.mark.parametrize("point", range(1, 5))
def test_killed_after_any_step_there_is_one_that_was_filled_once(point: int, lag: int, tells: bool, home: object) -> None:
    google = Google(tells_operations=tells, lag=lag)
    google.last = point
    try:
        made(google)
    except Killed:
        google.last = None
        google.steps.append("again")
    name = made(google)
    assert list(google.data_sets) == [name]
    assert google.imports.count(name) == 1
    assert made(google) == name and google.imports.count(name) == 1


def test_without_interruption_nothing_is_done_twice(home: object) -> None:
    google = Google()
    name = made(google)
    assert made(google) == name
    assert [one for one in google.steps if one.startswith(("Create", "Import", "Delete"))] == ["CreateDataset", "ImportData"]


@pytest.mark.parametrize("lost", ["CreateDataset", "ImportData"])
@pytest.mark.parametrize("tells", [True, False])
def test_an_answer_that_got_lost_makes_no_second_one(lost: str, tells: bool, home: object) -> None:
    google = Google(tells_operations=tells, lag=2)
    google.lost.add(lost)
    if lost == "ImportData":
        with pytest.raises(UnreachableError):
            made(google)
    name = made(google)
    assert list(google.data_sets) == [name] and google.imports.count(name) == 1


def test_an_import_that_fails_leaves_nothing_that_would_be_trained_on(home: object) -> None:
    google = Google(broken=True)
    with pytest.raises(FailedError, match="an image is broken"):
        made(google)
    assert not google.data_sets
    google.broken = False
    google.steps.append("again")
    assert list(google.data_sets) == [] and google.imports.count(made(google)) == 1


def test_another_machines_half_full_data_set_is_not_taken(home: object) -> None:
    google = Google(tells_operations=False)
    half = f"{PARENT}/datasets/1"
    google.data_sets[half] = {"name": half, "labels": LABELS, "dataItemCount": "7"}
    name = made(google)
    assert list(google.data_sets) == [name] != [half] and google.imports == [name]


def test_the_data_set_stands_where_the_plan_keeps_a_place_for_it() -> None:
    name = f"{PARENT}/datasets/42"
    assert filled(FILL, name).body["name"] == name
    whole = Request("aiplatform", "ImportData", {"name": f"{PARENT}/datasets/{DATA_SET}"})
    assert filled(whole, name).body == {"name": name}
    body = {"parent": PARENT, "trainingPipeline": {"inputDataConfig": {"datasetId": DATA_SET}, "labels": {"a": "b"}}}
    asked = filled(Request("aiplatform", "CreateTrainingPipeline", body), name).body
    assert asked == {"parent": PARENT, "trainingPipeline": {"inputDataConfig": {"datasetId": "42"}, "labels": {"a": "b"}}}
    assert DATA_SET in str(body), "the plan itself stays as it is"
