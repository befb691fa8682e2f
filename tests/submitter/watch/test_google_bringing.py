"""What runs at Vertex AI left, brought home: trials, an engine's model and study, edge models that are exported first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._remote import remote_of
from cloud_nas.runs.row import RunRow
from cloud_nas.targets.remote import Brought
from cloud_nas.targets.vertex import evaluations, exports
from cloud_nas.targets.vertex.client import Client

from .canned_google import BUCKET, PARENT, CannedGoogle
from .google_answers import FOLDER, PROGRESS, RUN, Known, ago, target_of, trial, tuning_job


def test_the_models_of_trials_come_home(canned: CannedGoogle, known: Known, tmp_path: Path) -> None:
    row = known("tuning")
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, 0.4), trial(1, 0.9), trial(2, None)))
    canned.objects[f"{FOLDER}2/model/model.tar.gz"] = b"the best"
    said: list[str] = []
    brought = target_of(row).bring(remote_of(row), tmp_path, note=said.append)
    assert (brought.kind, brought.trial, brought.metrics) == ("artifact", 1, {"accuracy": 0.9})
    assert [path.read_bytes() for path in brought.archives] == [b"the best"]
    assert f"gs://{BUCKET}/{FOLDER}2/model/model.tar.gz" in said[0]
    with pytest.raises(cn.NotFoundError, match=r"trial 2 .* infeasible, left no model\.tar\.gz"):
        target_of(row).bring(remote_of(row), tmp_path, trial=2)
    with pytest.raises(cn.NotFoundError, match="no trial 7"):
        target_of(row).bring(remote_of(row), tmp_path, trial=7)


def test_an_engine_brings_its_model_and_its_study_once_it_has_ended(canned: CannedGoogle, known: Known, tmp_path: Path) -> None:
    row = known("engine")
    canned.objects[f"searches/runs/{RUN}/checkpoints/progress.json"] = json.dumps(PROGRESS).encode()
    canned.objects |= {f"{FOLDER}model/model.tar.gz": b"model", f"{FOLDER}model/output.tar.gz": b"study"}
    canned.put("customJobs", 1, state="JOB_STATE_RUNNING")
    with pytest.raises(cn.FailedError, match="no model yet"):
        target_of(row).bring(remote_of(row), tmp_path)
    canned.put("customJobs", 1, state="JOB_STATE_SUCCEEDED")
    brought = target_of(row).bring(remote_of(row), tmp_path)
    assert [path.name for path in brought.archives] == ["model.tar.gz", "output.tar.gz"] and brought.trial == 1
    with pytest.raises(cn.NotFoundError, match="no trial 3"):
        target_of(row).bring(remote_of(row), tmp_path, trial=3)


def edge(canned: CannedGoogle, known: Known, kind: str = "edge-fast") -> RunRow:
    """An AutoML run of images that has ended, with a model that can be exported."""
    row = known("automl", place={"task": "image", "model": kind, "metric": "auPrc"}, state="running")
    about = {"modelToUpload": {"name": f"{PARENT}/models/1"}, "endTime": ago(900), "state": "PIPELINE_STATE_SUCCEEDED"}
    canned.put("trainingPipelines", 1, **about)
    canned.put("models", 1, displayName=f"{RUN}-1", supportedExportFormats=[{"id": "tflite"}, {"id": "tf-saved-model"}])
    canned.put("models/1/evaluations", 5, metrics={"auPrc": 0.8})
    saved = {"saved_model.pb": b"graph", "variables/variables.index": b"weights"}
    canned.exports = {"tflite": {"model.tflite": b"lite"}, "tf-saved-model": saved}
    return row


def test_an_edge_model_is_exported_once_and_brought_in_both_forms(canned: CannedGoogle, known: Known, tmp_path: Path) -> None:
    row = edge(canned, known)
    said: list[str] = []

    def bring(folder: str) -> Brought:
        return target_of(row).bring(remote_of(row), tmp_path / folder, note=said.append)

    brought = bring("first")
    names = [path.relative_to(tmp_path / "first").as_posix() for path in brought.archives]
    assert names == ["model.tflite", "saved_model/saved_model.pb", "saved_model/variables/variables.index"]
    assert (brought.kind, brought.trial, brought.image, brought.metrics) == ("candidate", 0, None, {"auPrc": 0.8})
    assert brought.candidates[0]["value"] == 0.8 and brought.candidates[0]["model"] == f"{PARENT}/models/1"
    assert sum("exports the model" in text for text in said) == 2
    assert bring("again").archives and canned.count("POST", ":export") == 2


def test_an_export_that_somebody_did_not_wait_for_is_waited_for(canned: CannedGoogle, known: Known, tmp_path: Path) -> None:
    row = edge(canned, known)
    target_of(row).bring(remote_of(row), tmp_path / "first")
    name, done = next(iter(canned.operations.items()))
    canned.operations[name] = {key: value for key, value in done.items() if key not in ("done", "response")}
    canned.objects = {key: value for key, value in canned.objects.items() if not key.endswith("model.tflite")}
    asked: list[float] = []

    def passes(seconds: float) -> None:
        asked.append(seconds)
        canned.operations[name] = done
        folder = done["metadata"]["outputInfo"]["artifactOutputUri"].removeprefix(f"gs://{BUCKET}/")
        canned.objects[f"{folder}model.tflite"] = b"late"

    client, storage_row = Client(row.place, sleep=passes), remote_of(row)
    model = evaluations.model(client, canned.resources[f"{PARENT}/trainingPipelines/1"])
    assert model is not None
    (lite, *_) = exports.bring(client, storage_row, model, tmp_path / "again", lambda text: None)
    assert lite.read_bytes() == b"late" and asked and canned.count("POST", ":export") == 2


@pytest.mark.parametrize("name", ["../saved_model.pb", "variables/a:b", "variables/..\\x"])
def test_an_export_with_a_name_that_is_not_safe_is_refused(name: str, canned: CannedGoogle, known: Known, tmp_path: Path) -> None:
    row = edge(canned, known)
    canned.exports["tf-saved-model"][name] = b"elsewhere"
    with pytest.raises(cn.FailedError, match="a name that is not taken"):
        target_of(row).bring(remote_of(row), tmp_path / "here")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"elsewhere"]


def test_a_model_that_stays_at_the_service_leaves_its_table(canned: CannedGoogle, known: Known, screen: Any) -> None:
    edge(canned, known, kind="cloud")
    shown = screen("fetch", RUN)
    assert shown.status == 0, shown.stderr
    assert "stays at the service" in shown.stderr and canned.count("POST", ":export") == 0


def test_fetched_edge_models_are_the_same_when_fetched_again(canned: CannedGoogle, known: Known, screen: Any) -> None:
    edge(canned, known)
    for _ in range(2):
        shown = screen("fetch", RUN, "--to", "here")
        assert shown.status == 0, shown.stderr
    assert sorted(path.name for path in Path("here").rglob("*") if path.is_file()) == [
        "candidate.json",
        "model.tflite",
        "saved_model.pb",
        "variables.index",
    ]
