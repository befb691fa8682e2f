"""The lives of jobs at Google's stand-in, as the service's pages have them; time is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.rehearse.script import Script

from .google_asked import LAYERS, UNITS, ask, custom, get, job_spec, listed, made, tuning

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

pytest.importorskip("google.cloud.aiplatform_v1")

KIND = {"parameterId": "kind", "categoricalValueSpec": {"values": ["dense", "conv"]}}
FILTERS = {"parentCategoricalValues": {"values": ["conv"]}, "parameterSpec": {**UNITS, "parameterId": "filters"}}


def trials(cloud: StandIn, name: str) -> dict[int, dict[str, Any]]:
    return {int(one["id"]): one for one in sorted(get(cloud, name).get("trials", []), key=lambda one: int(one["id"]))}


def values(trial: dict[str, Any]) -> dict[str, Any]:
    return {one["parameterId"]: one["value"] for one in trial["parameters"]}


def test_trials_are_given_one_after_another_and_each_is_a_job_of_its_own(google: StandIn) -> None:
    name = made(google, "hyperparameterTuningJobs", tuning(google, trials=5, parallel=2))
    google.advance(1)
    assert get(google, name)["state"] == "JOB_STATE_RUNNING"
    assert [one["state"] for one in trials(google, name).values()] == ["ACTIVE", "ACTIVE"]
    most = 0
    while get(google, name)["state"] == "JOB_STATE_RUNNING":
        most = max(most, sum(one["state"] == "ACTIVE" for one in trials(google, name).values()))
        google.advance(20)
    found = trials(google, name)
    assert (most, list(found), {one["state"] for one in found.values()}) == (2, [1, 2, 3, 4, 5], {"SUCCEEDED"})
    assert get(google, name)["state"] == "JOB_STATE_SUCCEEDED"
    for one in found.values():
        (measured,) = one["finalMeasurement"]["metrics"]
        assert (measured["metricId"], one["finalMeasurement"]["stepCount"]) == ("val_accuracy", "3")
        child = get(google, one["customJob"])
        assert (child["state"], child["labels"]) == ("JOB_STATE_SUCCEEDED", {"team": "vision"})
        assert google.storage.get(f"gs://{google.bucket}/runs/1/{one['id']}/model/model.tar.gz")
        assert values(one)["units"] in (16.0, 32.0, 128.0) and float(values(one)["layers"]).is_integer()
        assert 1e-4 <= values(one)["rate"] <= 0.1
    assert len(listed(google, "customJobs")) == 5


def test_parameters_whose_condition_does_not_hold_are_not_there(make_google: Callable[..., StandIn]) -> None:
    told: dict[str, dict[str, str]] = {}

    def script(name: str, values: Any) -> Script:
        told[name] = dict(values)
        return Script()

    google = make_google(run_jobs=False, script=script)
    kind = {**KIND, "conditionalParameterSpecs": [FILTERS]}
    name = made(google, "hyperparameterTuningJobs", tuning(google, trials=12, parallel=3, parameters=[kind, LAYERS]))
    google.settle()
    found = trials(google, name)
    assert {values(one)["kind"] for one in found.values()} == {"dense", "conv"}
    assert all(("filters" in values(one)) == (values(one)["kind"] == "conv") for one in found.values())
    said = [one for one in told.values() if one["kind"] == "conv"]
    assert {one["filters"] for one in said} <= {"16.0", "32.0", "128.0"} and {one["layers"] for one in said} <= {"1", "2", "3"}


def test_a_grid_is_gone_through_once(google: StandIn) -> None:
    body = tuning(google, trials=50, parallel=5, algorithm="GRID_SEARCH", parameters=[UNITS, LAYERS])
    name = made(google, "hyperparameterTuningJobs", body)
    google.settle()
    found = [(values(one)["units"], values(one)["layers"]) for one in trials(google, name).values()]
    assert sorted(found) == sorted(product([16.0, 32.0, 128.0], [1.0, 2.0, 3.0]))
    assert get(google, name)["state"] == "JOB_STATE_SUCCEEDED"


def test_failed_trials_are_infeasible_and_too_many_of_them_end_the_job(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(failure="cloud-nas: broken", values=()))
    name = made(google, "hyperparameterTuningJobs", tuning(google, trials=20, parallel=2, failed=3))
    google.settle()
    google.advance(61)
    found = trials(google, name)
    assert get(google, name)["state"] == "JOB_STATE_FAILED" and get(google, name)["error"]["message"]
    assert {one["state"] for one in found.values()} == {"INFEASIBLE"} and 4 <= len(found) <= 5
    assert not any("finalMeasurement" in one for one in found.values())
    assert google.storage.get(f"gs://{google.bucket}/runs/1/1/failure.txt") == b"cloud-nas: broken\n"


def test_no_failed_trial_allowed_means_that_the_first_ends_the_job(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(failure="broken", values=()))
    name = made(google, "hyperparameterTuningJobs", tuning(google, parallel=1, failed=0))
    google.settle()
    assert len(trials(google, name)) == 1 and get(google, name)["state"] == "JOB_STATE_FAILED"


@pytest.mark.parametrize(("kind", "value"), [("BEST_MEASUREMENT", 0.9), ("LAST_MEASUREMENT", 0.4)])
def test_a_trials_value_is_its_best_or_its_last(kind: str, value: float, make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(values=(0.1, 0.9, 0.4)))
    body = tuning(google, trials=1, parallel=1, failed=1, measurementSelectionType=kind)
    name = made(google, "hyperparameterTuningJobs", body)
    google.settle()
    assert trials(google, name)[1]["finalMeasurement"]["metrics"] == [{"metricId": "val_accuracy", "value": value}]


def test_a_trial_that_is_left_behind_is_stopped_and_keeps_its_value(make_google: Callable[..., StandIn]) -> None:
    def script(name: str, values: Any) -> Script:
        return Script(values=(0.1, 0.1, 0.1, 0.1) if "-4-" in name else (0.8, 0.9, 0.9, 0.9))

    google = make_google(run_jobs=False, script=script)
    body = tuning(google, parallel=1, medianAutomatedStoppingSpec={"useElapsedDuration": False})
    name = made(google, "hyperparameterTuningJobs", body)
    seen = set()
    while get(google, name)["state"] != "JOB_STATE_SUCCEEDED":
        seen |= {one["state"] for one in trials(google, name).values()}
        google.advance(5)
    last = trials(google, name)[4]
    assert last["state"] == "SUCCEEDED" and int(last["finalMeasurement"]["stepCount"]) < 4
    assert "ACTIVE" in seen


def test_a_cancelled_tuning_job_ends_with_its_trials(google: StandIn) -> None:
    name = made(google, "hyperparameterTuningJobs", tuning(google))
    google.advance(90)
    assert ask(google, "POST", f"/v1/{name}:cancel", {})[0] == 200
    google.settle()
    assert get(google, name)["state"] == "JOB_STATE_CANCELLED"
    assert {get(google, one["customJob"])["state"] for one in trials(google, name).values()} == {"JOB_STATE_CANCELLED"}
    assert ask(google, "POST", f"/v1/{name}:cancel", {})[0] == 200, "to cancel what has ended changes nothing"


def test_a_job_is_pending_then_at_work_then_ended(google: StandIn) -> None:
    name = made(google, "customJobs", custom(google))
    assert get(google, name)["state"] == "JOB_STATE_PENDING" and "startTime" not in get(google, name)
    google.advance(61)
    assert get(google, name)["state"] == "JOB_STATE_RUNNING" and "endTime" not in get(google, name)
    assert ask(google, "DELETE", f"/v1/{name}")[0] == 400
    google.settle()
    assert get(google, name)["state"] == "JOB_STATE_SUCCEEDED" and get(google, name)["endTime"]
    assert ask(google, "DELETE", f"/v1/{name}")[0] == 200 and ask(google, "GET", f"/v1/{name}")[0] == 404


def test_why_a_job_failed_is_told_a_minute_late(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(failure="broken"))
    name = made(google, "customJobs", custom(google))
    while get(google, name)["state"] != "JOB_STATE_FAILED":
        assert "error" not in get(google, name)
        google.advance(5)
    assert "error" not in get(google, name)
    google.advance(61)
    assert "non-zero status of 1" in get(google, name)["error"]["message"]


def test_a_jobs_time_is_its_timeout_at_most(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(epoch=1000))
    name = made(google, "customJobs", custom(google, jobSpec=job_spec(google, scheduling={"timeout": "600s"})))
    google.settle()
    google.advance(100)
    found = get(google, name)
    assert (found["state"], found["error"]["code"]) == ("JOB_STATE_FAILED", 4)


def test_a_job_on_spare_machines_goes_on_six_times_and_no_more(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(epoch=5000))
    spot = custom(google, jobSpec=job_spec(google, scheduling={"timeout": "86400s", "strategy": "SPOT"}))
    name = made(google, "customJobs", spot)
    for attempt in range(7):
        google.advance(200)
        assert get(google, name)["state"] == "JOB_STATE_RUNNING", attempt
        google.preempt(name)
    google.advance(100)
    assert get(google, name)["state"] == "JOB_STATE_FAILED" and "STOCKOUT" in get(google, name)["error"]["message"]


def test_lines_are_in_the_log_of_their_job_under_their_trial(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, script=Script(lines=("hello",)))
    name = made(google, "hyperparameterTuningJobs", tuning(google))
    google.settle()
    children = [one["customJob"].rpartition("/")[2] for one in trials(google, name).values()]
    named = " OR ".join(f'"{one}"' for one in children[:2])
    condition = f'resource.type="ml_job" AND resource.labels.job_id=({named}) AND timestamp>="2020-01-01T00:00:00Z"'
    asked = {"resourceNames": [f"projects/{google.project}"], "filter": condition, "pageSize": 1}
    status, first = ask(google, "POST", "/v2/entries:list", asked)
    _, second = ask(google, "POST", "/v2/entries:list", {**asked, "pageToken": first["nextPageToken"]})
    told = [*first["entries"], *second["entries"]]
    assert status == 200 and [one["textPayload"] for one in told] == ["hello"] * 2
    assert {one["labels"]["ml.googleapis.com/trial_id"] for one in told} == {"1", "2"}
    assert {one["resource"]["labels"]["job_id"] for one in told} == set(children[:2])
