"""Jobs at the stand-in of Google from their start to their end, as `status`, `trials`, `logs` and `fetch` tell of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cloud_nas as cn
from cloud_nas.operations._remote import remote_of
from cloud_nas.operations.logs import logs
from cloud_nas.rehearse.script import Script
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.targets.plan import Request

from .google_answers import PROGRESS, RUN, target_of

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

ROOM = Path(__file__).parents[1]
PLANS = {
    "tuning": "plan/golden/vertex/bayesian.json",
    "engine": "plan/golden/vertex/image-engine.json",
    "automl": "automl/golden/two-classes.json",
}
EDGE = "automl/golden/edge.json"
LISTS = {"tuning": "ListHyperparameterTuningJobs", "engine": "ListCustomJobs", "automl": "ListTrainingPipelines"}
FAILS = Script(failure="cloud-nas: the rows are gone", lines=("begun", "no rows here"))


def submit(google: StandIn, kind: str, run_id: str = RUN, golden: str | None = None) -> RunRow:
    """Makes the job of golden requests, and its row. Nothing is uploaded, and no images are imported."""
    from cloud_nas.targets.vertex.client import Client
    from cloud_nas.targets.vertex.data_set import filled

    text = (ROOM / (golden or PLANS[kind])).read_text()
    for old, new in (
        (RUN, run_id),
        ("my-bucket", google.bucket),
        ("my-project", google.project),
        ("europe-west4", google.location),
    ):
        text = text.replace(old, new)
    plan = json.loads(text)
    client, data_set, made = Client(plan["place"], sleep=google.advance), None, {}
    for request in (Request(**one) for one in plan["requests"] if one["operation"] != "ImportData"):
        made = client.call(request.operation, filled(request, data_set).body)
        if request.operation == "CreateDataset":
            data_set = client.wait_operation(made["name"])["response"]["name"]
    row = RunRow(
        run_id=run_id,
        target=f"vertex:{kind}",
        name="digits",
        state="running",
        spec_sha256="0",
        identity=Identity("0", "0", run_id, f"vertex:{kind}"),
        remote=made["name"],
        nonce="0123456789abcdef",
        place=plan["place"],
    )
    with Registry() as registry:
        return registry.create(row)


@pytest.mark.parametrize("kind", PLANS)
def test_a_job_is_followed_from_its_start_to_its_end(kind: str, google: StandIn) -> None:
    submit(google, kind)
    (found,) = cn.status()
    assert found.state in ("pending", "running") and (found.source, found.trouble) == ("cloud", None)
    google.settle()
    (found,) = cn.status()
    assert (found.state, found.reason) == ("succeeded", None)
    if kind != "engine":
        assert found.best is not None and found.best.value == max(one.value or 0.0 for one in cn.trials(RUN))
    if kind != "automl":
        assert found.cost is not None and found.cost.amount > 0
    asked = len(google.requests)
    assert cn.status()[0].source == "cache" and len(google.requests) == asked


def test_trials_have_the_spaces_own_values_and_the_best_is_one_of_them(google: StandIn) -> None:
    submit(google, "tuning")
    google.settle()
    (found,) = cn.status()
    trials = cn.trials(RUN)
    assert [one.number for one in trials] == list(range(60)) and found.trials.done == 60
    assert found.best is not None and found.best.value == max(one.value or 0.0 for one in trials)
    assert {type(one.params["blocks"]) for one in trials} == {int}


def test_a_failure_is_told_with_our_own_words(make_google: Callable[..., StandIn], screen: Any) -> None:
    google = make_google(run_jobs=False, script=FAILS)
    submit(google, "engine")
    google.settle()
    shown = screen("wait", RUN)
    assert shown.status == 1
    assert "the rows are gone" in shown.stderr and "no rows here" in shown.stderr
    google.expire()
    assert "no rows here" in screen("wait", RUN).stderr


def test_a_tuning_job_without_a_good_trial_has_failed(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=FAILS)
    submit(google, "tuning")
    google.settle()
    google.advance(90)
    (found,) = cn.status()
    assert found.state == "failed" and "the rows are gone" in (found.reason or "")
    trials = cn.trials(RUN)
    assert "done" not in {one.state for one in trials}
    assert trials[0].state == "failed" and "the rows are gone" in (trials[0].reason or "")


def test_an_engines_study_is_read_from_the_bucket(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(checkpoints={"progress.json": json.dumps(PROGRESS).encode()}))
    submit(google, "engine")
    google.advance(90)
    (found,) = cn.status()
    assert (found.trials.done, found.trials.failed, found.seconds) == (2, 1, 12.5)
    assert found.best is not None and found.best.to_json() == PROGRESS["best"]


@pytest.mark.parametrize("kind", PLANS)
def test_cancelling_ends_a_job_and_what_was_found_stays(kind: str, google: StandIn) -> None:
    submit(google, kind)
    google.advance(90 if kind == "engine" else 400)
    known = cn.status()[0]
    assert cn.Run(RUN).cancel().state in ("stopping", "cancelled")
    google.settle()
    (found,) = cn.status()
    assert found.state == "cancelled" and found.best == known.best
    if kind == "tuning":
        assert found.best is not None and {one.state for one in cn.trials(RUN)} <= {"done", "preempted"}


def test_logs_follow_the_trials_as_they_come(google: StandIn) -> None:
    submit(google, "tuning")
    followed = list(logs(RUN, follow=True, sleep=lambda seconds: google.advance(300)))
    whole = list(logs(RUN))
    assert sorted(map(repr, followed)) == sorted(map(repr, whole)) and whole
    assert {one.trial for one in whole} == set(range(60))


def test_a_trials_model_is_downloaded_as_it_is(google: StandIn, tmp_path: Path) -> None:
    row = submit(google, "tuning")
    google.settle()
    (found,) = cn.status()
    assert found.best is not None
    brought = target_of(row).bring(remote_of(row), tmp_path)
    assert brought.trial == found.best.trial and brought.metrics == {"accuracy": found.best.value}
    other = target_of(row).bring(remote_of(row), tmp_path / "other", trial=(found.best.trial + 1) % 60)
    assert other.archives[0].read_bytes() != brought.archives[0].read_bytes()


def test_an_edge_model_is_exported_and_brought(google: StandIn, tmp_path: Path) -> None:
    row = submit(google, "automl", golden=EDGE)
    with pytest.raises(cn.FailedError, match="no model yet"):
        target_of(row).bring(remote_of(row), tmp_path)
    google.settle()
    google.advance(600)
    said: list[str] = []
    brought = target_of(row).bring(remote_of(row), tmp_path, note=said.append)
    assert [path.name for path in brought.archives] == ["model.tflite", "saved_model.pb"]
    assert len(google.asked("ExportModel")) == 2 and brought.candidates[0]["state"] == "SUCCEEDED"


def test_many_jobs_are_looked_up_in_lists(google: StandIn) -> None:
    for number in range(6):
        for kind in PLANS:
            submit(google, kind, f"r-{kind[0]}{number}aaa")
    before = len(google.requests)
    assert {one.source for one in cn.status()} == {"cloud"}
    asked = [one.operation for one in google.requests[before:]]
    assert {asked.count(name) for name in LISTS.values()} == {1}
    assert "GetCustomJob" not in asked
    google.settle()
    assert {one.state for one in cn.status()} == {"succeeded"}


def test_a_slow_list_with_empty_pages_is_read_to_its_end(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, faults=["slow-list"])
    for number in range(6):
        submit(google, "engine", f"r-e{number}aaa")
    begun = time.monotonic()
    assert {one.source for one in cn.status()} == {"cloud"}
    assert time.monotonic() - begun < 30
