"""`status` and `trials` of runs at Vertex AI: few calls, the last known state where nobody answers, and nothing asked twice."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._remote import remote_of
from cloud_nas.runs.registry import Registry

from .canned_google import PARENT, CannedGoogle
from .google_answers import FOLDER, PROGRESS, RUN, Known, ago, target_of, trial, tuning_job

EVALUATION = {"auRoc": 0.97, "logLoss": 0.2, "confusionMatrix": {"rows": []}}


def test_a_tuning_job_is_told_whole_and_asked_once_after_its_end(canned: CannedGoogle, known: Known) -> None:
    known("tuning")
    trials = [trial(2, 0.5), trial(0, 0.9, startTime=ago(3900), endTime=ago(300)), trial(1, None, infeasibleReason="it broke")]
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(*trials))
    (found,) = cn.status()
    assert (found.state, found.source) == ("succeeded", "cloud")
    assert found.best is not None and (found.best.trial, found.best.value, found.best.params) == (0, 0.9, {"units": 16})
    assert (found.trials.done, found.trials.failed, found.trials.total) == (2, 1, 4)
    assert found.cost is not None and found.cost.amount > 0
    asked = len(canned.asked)
    assert cn.status()[0].source == "cache" and len(canned.asked) == asked


def test_a_tuning_job_that_failed_tells_why_its_first_trial_did(canned: CannedGoogle, known: Known) -> None:
    known("tuning")
    error = {"code": 9, "message": "Too many failed trials."}
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, None), state="FAILED", error=error))
    canned.objects[f"{FOLDER}1/failure.txt"] = b"cloud-nas: no room on the GPU"
    (found,) = cn.status()
    assert (found.state, found.reason) == ("failed", "Too many failed trials.; trial 0: cloud-nas: no room on the GPU")


def test_why_a_trial_failed_is_what_our_container_wrote(canned: CannedGoogle, known: Known) -> None:
    known("tuning")
    exited = "The replica workerpool0-0 exited with a non-zero status of 1."
    canned.put(
        "hyperparameterTuningJobs", 1, **tuning_job(trial(0, 0.9), trial(1, None, infeasibleReason=exited), trial(2, None))
    )
    canned.objects[f"{FOLDER}2/failure.txt"] = b"cloud-nas: no room on the GPU\n"
    found = cn.trials(RUN)
    assert [(one.number, one.state, one.value, one.epochs) for one in found[:2]] == [
        (0, "done", 0.9, 4),
        (1, "failed", None, None),
    ]
    assert found[1].reason == "cloud-nas: no room on the GPU"
    assert found[2].reason == "it told no value of the objective"


def test_a_trial_that_is_to_stop_is_at_work_and_is_over_with_its_job(canned: CannedGoogle, known: Known) -> None:
    row = known("tuning")
    stopping = {"id": "1", "state": "STOPPING"}
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(stopping, state="RUNNING"))
    assert [one.state for one in target_of(row).trials(remote_of(row))] == ["running"]
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(stopping, {"id": "2", "state": "INFEASIBLE"}, state="CANCELLED"))
    assert [one.state for one in target_of(row).trials(remote_of(row))] == ["preempted", "preempted"]


def test_an_engine_job_tells_its_study_and_its_own_reason(canned: CannedGoogle, known: Known) -> None:
    known("engine")
    canned.put("customJobs", 1, state="JOB_STATE_QUEUED", createTime=ago(100))
    (found,) = cn.status()
    assert found.state == "pending" and "quota" in (found.note or "")
    canned.objects[f"searches/runs/{RUN}/checkpoints/progress.json"] = json.dumps(PROGRESS).encode()
    canned.put("customJobs", 1, state="JOB_STATE_RUNNING", createTime=ago(100), startTime=ago(60))
    (found,) = cn.status()
    assert (found.state, found.trials.done, found.trials.failed, found.seconds) == ("running", 2, 1, 12.5)
    assert found.best is not None and found.best.to_json() == PROGRESS["best"]
    assert [(one.number, one.value) for one in cn.trials(RUN)] == [(1, 0.9)]
    canned.put("customJobs", 1, state="JOB_STATE_FAILED", createTime=ago(100), startTime=ago(60), endTime=ago(2))
    (found,) = cn.status()
    assert found.state == "running" and "tells why" in (found.note or "")
    canned.objects[f"{FOLDER}failure.txt"] = b"cloud-nas: the rows are gone"
    (found,) = cn.status()
    assert (found.state, found.reason) == ("failed", "cloud-nas: the rows are gone")


def test_a_study_that_cannot_be_read_is_a_note(canned: CannedGoogle, known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    known("engine")
    canned.put("customJobs", 1, state="JOB_STATE_RUNNING", createTime=ago(100))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("CLOUD_NAS_GCP_TRIES", "1")
    (found,) = cn.status()
    assert found.state == "running" and "study cannot be read" in (found.note or "")


def test_a_model_that_is_not_found_just_after_training_is_waited_for(canned: CannedGoogle, known: Known) -> None:
    known("automl", place={"task": "classification", "model": "cloud", "target": "y"})
    model = f"{PARENT}/models/1"
    pipeline = {"modelToUpload": {"name": model}, "startTime": ago(900), "state": "PIPELINE_STATE_SUCCEEDED"}
    canned.put("trainingPipelines", 1, **pipeline, endTime=ago(30))
    (found,) = cn.status()
    assert found.state == "running" and "registered" in (found.note or "")
    canned.put("models", 1, displayName=f"{RUN}-1")
    canned.put("models/1/evaluations", 5, metrics=EVALUATION)
    cost = {"trainingTaskMetadata": {"trainCostMilliNodeHours": "1000"}}
    canned.put("trainingPipelines", 1, **pipeline, **cost, endTime=ago(40))
    (found,) = cn.status()
    assert (found.state, found.reason, found.trials.done) == ("succeeded", None, 1)
    assert found.best is not None and (found.best.value, found.best.params) == (0.97, {"model": model})
    assert found.cost is not None and found.cost.amount == pytest.approx(21.252)
    assert [(one.number, one.state, one.value) for one in cn.trials(RUN)] == [(0, "done", 0.97)]


def test_many_jobs_are_looked_up_in_lists_that_ask_for_little(canned: CannedGoogle, known: Known) -> None:
    for number in range(6):
        for kind, items in (("engine", "customJobs"), ("tuning", "hyperparameterTuningJobs"), ("automl", "trainingPipelines")):
            known(kind, number, f"r-{kind[0]}{number}aaa")
            word = "PIPELINE_STATE_RUNNING" if kind == "automl" else "JOB_STATE_PENDING"
            canned.put(items, number, state=word, createTime=ago(5))
    assert {one.state for one in cn.status()} == {"running", "pending"}
    (first, *_) = [one for one in canned.asked if one.path.endswith("/customJobs")]
    assert 'labels.cloud-nas-target=vertex-engine AND create_time>="' in first.query["filter"]
    assert {"name", "state", "error"} <= set(first.query["readMask"].split(","))
    assert canned.count("GET", "/customJobs/") == canned.count("GET", "/trainingPipelines/") == 0
    assert canned.count("GET", "Jobs") + canned.count("GET", "Pipelines") == 9  # pages


def test_a_thousand_runs_take_few_lists_and_little_time(canned: CannedGoogle, known: Known) -> None:
    """900 that have ended, and 102 at work, a third of each kind."""
    canned.page = 100
    kinds = {"engine": "customJobs", "tuning": "hyperparameterTuningJobs", "automl": "trainingPipelines"}
    for number in range(34):
        for kind, items in kinds.items():
            known(kind, number, f"r-{kind[0]}{number:04}"[:7])
            word = "PIPELINE_STATE_RUNNING" if kind == "automl" else "JOB_STATE_RUNNING"
            canned.put(items, number, state=word, createTime=ago(5))
    ended = known("engine", 99, "r-zzzzz", state="succeeded")
    with Registry() as registry, registry.transaction():
        for number in range(899):
            registry.create(dataclasses.replace(ended, run_id=f"r-x{number:04}"))
    begun = time.monotonic()
    found = cn.status()
    seconds = time.monotonic() - begun
    assert (len(found), sum(one.source == "cloud" for one in found)) == (1002, 102)
    assert canned.count("GET", "/v1/projects/") == 3
    assert seconds < 3.0, seconds


def test_of_many_tuning_jobs_at_work_trials_are_told_while_that_is_few_questions(
    canned: CannedGoogle, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        known("tuning", number, f"r-t{number}aaa")
        canned.put("hyperparameterTuningJobs", number, **tuning_job(trial(0, 0.5), state="RUNNING"))
    assert {one.trials.done for one in cn.status()} == {1}
    monkeypatch.setattr("cloud_nas.targets.vertex.watching.DESCRIBED", 5)
    asked = canned.count("GET", "Jobs/")
    assert {(one.state, one.trials.done) for one in cn.status()} == {("running", 1)}  # as they were known
    assert canned.count("GET", "Jobs/") == asked


def test_a_network_that_is_gone_is_waited_for_with_two_jobs_and_no_more(
    canned: CannedGoogle, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        known("engine", number, f"r-e{number}aaa")
    monkeypatch.setenv("CLOUD_NAS_GCP_TRIES", "2")
    canned.refuses = (503, "The service is currently unavailable.")
    assert {(one.note, one.state) for one in cn.status()} == {("unreachable", "running")}
    assert len(canned.asked) == 2 * 2


def test_a_refusal_is_trouble_and_the_last_known_state_stays(canned: CannedGoogle, known: Known, screen: Any) -> None:
    known("tuning")
    canned.put("hyperparameterTuningJobs", 1, **tuning_job(trial(0, 0.9), state="RUNNING"))
    assert cn.status()[0].trials.done == 1
    canned.refuses = (401, "Request had invalid authentication credentials.")
    shown = screen("status", "--json")
    run = json.loads(shown.stdout)["runs"][0]
    assert (shown.status, run["note"], run["state"], run["trials"]["done"]) == (4, "unreachable", "running", 1)
    assert "gcloud auth application-default login" in shown.stderr


def test_a_job_that_is_not_there_is_not_called_failed(canned: CannedGoogle, known: Known) -> None:
    known("engine")
    (found,) = cn.status()
    assert found.state == "running" and "there is no job" in (found.note or "")
