"""Batch prediction of held-out rows: one machine, made once, waited for, and each row's answer brought back to its row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.errors import CloudNasError, FailedError, NotFoundError, UnreachableError
from cloud_nas.package.parcel import Parcel, parcel
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits
from cloud_nas.targets.job import Rows
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.scoring import Scores
from cloud_nas.targets.vertex import batch
from cloud_nas.targets.vertex.storage import Object

MODEL = "projects/my-project/locations/us-central1/models/77"
PIPELINE = "projects/my-project/locations/us-central1/trainingPipelines/5"
TABLE = Rows("table", 900, 100, 3, {"no": (0, 0), "yes": (0, 0)})
IMAGES = Rows("image", 900, 100, 3, {"cat": (0, 0), "dog": (0, 0)})
PLACE = {
    "project": "my-project",
    "location": "us-central1",
    "bucket": "my-bucket",
    "prefix": "cloud-nas/",
    "machine": "n1-standard-8",
    "kind": "automl",
    "task": "classification",
    "model": "cloud",
    "target": "grade",
    "labels": {"team": "vision"},
}


class Google:
    """What batch prediction asks of Google, in memory; `lost` answers to creates get lost, `late` looks find no model yet."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.state, self.ends, self.lost, self.late = "PIPELINE_STATE_SUCCEEDED", "JOB_STATE_SUCCEEDED", 0, 0
        self.hides: list[CloudNasError] = []
        self.supports: list[str] = []
        self.answers: dict[str, str] = {}

    def call(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        found: dict[str, Any] = getattr(self, f"_{operation}")(body)
        return found

    def pages(self, operation: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """One job a page, whatever the filter says: a client has to look at what it gets."""
        self.asked.append(operation)
        yield from ({"batchPredictionJobs": [one]} for one in self.jobs)

    def _GetTrainingPipeline(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": PIPELINE, "state": self.state, "modelToUpload": {"name": f"{MODEL}@1"}}

    def _GetModel(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.late -= 1
        if self.late >= 0:
            raise NotFoundError("Model does not exist")
        return {
            "name": "projects/my-project/locations/us-central1/models/77",
            "supportedDeploymentResourcesTypes": self.supports,
        }

    def _CreateBatchPredictionJob(self, body: Mapping[str, Any]) -> dict[str, Any]:
        number = len(self.jobs)
        job = {
            **body["batchPredictionJob"],
            "name": f"projects/my-project/locations/us-central1/batchPredictionJobs/{number}",
            "createTime": f"2026-01-01T00:00:{number:02}Z",
            "state": "JOB_STATE_PENDING",
        }
        self.jobs.append(job)
        if self.lost:
            self.lost -= 1
            raise UnreachableError("no answer")
        return job

    def _GetBatchPredictionJob(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if self.hides:
            raise self.hides.pop()
        (job,) = (one for one in self.jobs if one["name"] == body["name"])
        before, job["state"] = job["state"], "JOB_STATE_RUNNING" if job["state"] == "JOB_STATE_PENDING" else self.ends
        prefix = job["outputConfig"]["gcsDestination"]["outputUriPrefix"]
        done = {"outputInfo": {"gcsOutputDirectory": f"{prefix}prediction-r-7k2xq-1-2026_01_01T00:00:00"}}
        return {**job, **(done if before != "JOB_STATE_PENDING" else {}), "error": {"code": 8, "message": "no\nmore  nodes"}}

    def list(self, uri: str) -> Iterator[Object]:
        assert uri.startswith("gs://my-bucket/cloud-nas/runs/r-7k2xq/1/scored/") and uri.endswith("T00:00:00/")
        yield from (Object(uri + name, len(text), 1) for name, text in self.answers.items())

    def download(self, uri: str, path: Path) -> Path:
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.answers[uri.rpartition("/")[2]])
        return path


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Google:
    """Google, which the code under test reaches instead of the network."""
    found = Google()
    monkeypatch.setattr(batch, "Client", lambda place: found)
    monkeypatch.setattr(batch, "Storage", lambda place: found)
    monkeypatch.setattr(batch, "send", lambda storage, plan, note: found.asked.append("upload"))
    return found


@pytest.fixture
def remote() -> Remote:
    """An AutoML job that has ended."""
    return Remote("r-7k2xq", 1, PIPELINE, "nonce", PLACE)


@pytest.fixture
def table(tmp_path: Path) -> Parcel:
    """Three rows of a table."""
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "rows.csv").write_text('cloud_nas_row,age,job\n0,7,"a"\n1,8,"b\nc"\n2,9,\n')
    return parcel(tmp_path / "rows")


@pytest.fixture
def images(tmp_path: Path) -> Parcel:
    """Three images, as far as their names go."""
    (tmp_path / "rows").mkdir()
    for number in range(3):
        (tmp_path / "rows" / f"{number:08}.png").write_bytes(b"png")
    return parcel(tmp_path / "rows")


def planned(remote: Remote, sent: Parcel, rows: Rows) -> Plan:
    return batch.plan(remote, sent, rows, sleep=lambda seconds: None)


def scored(plan: Plan, remote: Remote, folder: Path) -> Scores:
    return batch.score(plan, remote, folder / "answers", sleep=lambda seconds: None)


def asked_for(plan: Plan) -> Mapping[str, Any]:
    (request,) = plan.requests
    found: Mapping[str, Any] = request.body["batchPredictionJob"]
    return found


def test_a_table_is_scored_by_one_machine_and_not_by_ten(google: Google, remote: Remote, table: Parcel) -> None:
    made = planned(remote, table, TABLE)
    job = asked_for(made)
    assert job["dedicatedResources"] == {
        "machineSpec": {"machineType": "n1-standard-8"},
        "startingReplicaCount": 1,
        "maxReplicaCount": 1,
    }
    assert job["model"] == MODEL and job["inputConfig"]["gcsSource"]["uris"] == [made.uploads[0].destination]
    assert job["labels"]["team"] == "vision" and "cloud-nas-nonce" not in job["labels"]
    assert made.max_cost is not None and made.max_cost.kind == "estimate"
    target = find("vertex:automl")
    assert isinstance(target, Submits) and target.validate(made) == ()


def test_a_machine_with_gpus_of_its_own_is_not_taken_for_scoring(google: Google, remote: Remote, table: Parcel) -> None:
    own = Remote(remote.run_id, 1, remote.name, "nonce", {**PLACE, "machine": "g2-standard-8"})
    assert asked_for(planned(own, table, TABLE))["dedicatedResources"]["machineSpec"] == {"machineType": "n1-standard-8"}


def test_images_are_listed_by_where_they_are_uploaded_to(google: Google, remote: Remote, images: Parcel) -> None:
    made = planned(remote, images, IMAGES)
    job, listed = asked_for(made), made.uploads[-1]
    assert job["inputConfig"] == {"instancesFormat": "jsonl", "gcsSource": {"uris": [listed.destination]}}
    lines = [json.loads(line) for line in Path(listed.source).read_text().splitlines()]
    assert [line["content"] for line in lines] == [one.destination for one in made.uploads[:-1]]
    assert job["modelParameters"] == {"confidenceThreshold": 0.0, "maxPredictions": 2}
    assert "dedicatedResources" not in job
    google.supports = ["DEDICATED_RESOURCES"]
    assert asked_for(planned(remote, images, IMAGES))["dedicatedResources"]["maxReplicaCount"] == 1
    target = find("vertex:automl")
    assert isinstance(target, Submits) and target.validate(made) == ()


ANSWERS = "cloud_nas_row,age,grade_no_score,grade_yes_score\n2,9,0.5,0.5\n0,7,0.75,0.25\n1,8,0.25,0.75\n"


def test_answers_come_back_to_their_rows_and_the_same_rows_are_scored_once(
    google: Google, remote: Remote, table: Parcel, tmp_path: Path
) -> None:
    google.answers = {"predictions_1.csv": ANSWERS, "errors_1.csv": ""}
    made = planned(remote, table, TABLE)
    found = scored(made, remote, tmp_path)
    assert found.predictions == ("no", "yes", "no")
    assert scored(made, remote, tmp_path) == found
    assert google.asked.count("CreateBatchPredictionJob") == 1
    assert batch.model_of(made) == MODEL


def test_images_come_back_in_their_order(google: Google, remote: Remote, images: Parcel, tmp_path: Path) -> None:
    made = planned(remote, images, IMAGES)
    lines = [
        {
            "instance": {"content": one.destination},
            "prediction": {"displayNames": ["c_0", "c_1"], "confidences": [value, 1 - value]},
        }
        for one, value in zip(made.uploads[:-1], (0.75, 0.25, 0.625), strict=True)
    ]
    google.answers = {
        "predictions_00002.jsonl": f"{json.dumps(lines[0])}\n",
        "predictions_00001.jsonl": "".join(f"{json.dumps(line)}\n" for line in lines[:0:-1]),
    }
    assert scored(made, remote, tmp_path).predictions == ("c_0", "c_1", "c_0")


def test_an_answer_that_got_lost_makes_no_second_job(google: Google, remote: Remote, table: Parcel, tmp_path: Path) -> None:
    google.answers, google.lost = {"predictions_1.csv": ANSWERS}, 1
    scored(planned(remote, table, TABLE), remote, tmp_path)
    assert len(google.jobs) == 1


def test_a_job_that_failed_is_told_and_made_anew_the_next_time(
    google: Google, remote: Remote, table: Parcel, tmp_path: Path
) -> None:
    google.ends = "JOB_STATE_FAILED"
    with pytest.raises(FailedError, match="failed: no more nodes"):
        scored(planned(remote, table, TABLE), remote, tmp_path)
    google.ends, google.answers = "JOB_STATE_SUCCEEDED", {"predictions_1.csv": ANSWERS}
    assert len(scored(planned(remote, table, TABLE), remote, tmp_path).predictions) == 3
    assert len(google.jobs) == 2


def test_a_job_of_other_rows_is_not_taken_for_it(google: Google, remote: Remote, table: Parcel, tmp_path: Path) -> None:
    google.answers = {"predictions_1.csv": ANSWERS}
    other = planned(remote, table, TABLE)
    google.jobs.append({**asked_for(other), "name": "theirs", "state": "JOB_STATE_SUCCEEDED", "labels": {}})
    scored(other, remote, tmp_path)
    assert google.asked.count("CreateBatchPredictionJob") == 1


def test_an_unreachable_service_is_asked_again(google: Google, remote: Remote, table: Parcel, tmp_path: Path) -> None:
    google.answers, google.hides = {"predictions_1.csv": ANSWERS}, [UnreachableError("gone"), UnreachableError("gone")]
    assert len(scored(planned(remote, table, TABLE), remote, tmp_path).predictions) == 3


def test_a_model_that_is_not_found_at_once_is_looked_for_again(google: Google, remote: Remote, table: Parcel) -> None:
    google.late = 3
    assert asked_for(planned(remote, table, TABLE))["model"] == MODEL
    google.late = 99
    with pytest.raises(NotFoundError, match="the model of r-7k2xq is not there"):
        planned(remote, table, TABLE)


def test_a_job_that_has_not_succeeded_has_nothing_that_scores(google: Google, remote: Remote, table: Parcel) -> None:
    google.state = "PIPELINE_STATE_RUNNING"
    with pytest.raises(FailedError, match="no model"):
        planned(remote, table, TABLE)


def test_an_edge_model_is_not_sent_rows(google: Google, remote: Remote, images: Parcel) -> None:
    edge = Remote(remote.run_id, 1, remote.name, "nonce", {**PLACE, "model": "edge-fast"})
    with pytest.raises(FailedError, match="does not serve edge models"):
        planned(edge, images, IMAGES)
    assert not google.asked
