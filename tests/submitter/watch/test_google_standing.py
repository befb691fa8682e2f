"""What Google's answers mean: states, reasons that come late, trials out of order, the best of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_nas.states import LIVE
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex import children, spending, standing

PLACE = {"metric": "val_accuracy", "goal": "maximize", "kind": "tuning"}
PRICED = {"location": "us-central1", "machine": "n1-standard-4", "accelerator": None, "accelerators": 0, "volume": 100.0}


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def trial(number: int, value: float | None, state: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    measured = {} if value is None else {"finalMeasurement": {"stepCount": "3", "metrics": [metric(value)]}}
    return {"id": str(number + 1), "state": state, **measured, **more}


def metric(value: float) -> dict[str, Any]:
    """As JSON of a proto has it: without a zero."""
    return {"metricId": "val_accuracy", **({"value": value} if value else {})}


@pytest.mark.parametrize("kind", ["JOB", "PIPELINE"])
@pytest.mark.parametrize(
    ("word", "state", "note"),
    [
        ("QUEUED", "pending", "quota"),
        ("PENDING", "pending", "machine"),
        ("RUNNING", "running", None),
        ("UPDATING", "running", "changing"),
        ("PAUSED", "running", "paused"),
        ("CANCELLING", "stopping", None),
        ("CANCELLED", "cancelled", None),
        ("SUCCEEDED", "succeeded", None),
        ("PARTIALLY_SUCCEEDED", "succeeded", "in part"),
        ("SOMETHING_NEW", "running", None),
    ],
)
def test_every_state_has_a_meaning(kind: str, word: str, state: str, note: str | None) -> None:
    found = standing.job({"state": f"{kind}_STATE_{word}"})
    assert (found.state, found.reason) == (state, None)
    assert found.note is None if note is None else note in (found.note or "")


def test_every_state_of_the_installed_protos_is_known() -> None:
    types = pytest.importorskip("google.cloud.aiplatform_v1.types")
    names = {re.sub("^(JOB|PIPELINE)_STATE_", "", one.name) for kind in (types.JobState, types.PipelineState) for one in kind}
    assert names <= set(standing.STATES)


def test_a_job_that_expired_has_failed() -> None:
    found = standing.job({"state": "JOB_STATE_EXPIRED"})
    assert found.state == "failed" and "expired" in (found.reason or "")


def test_a_failure_without_a_reason_waits_for_one_and_not_for_ever() -> None:
    early = standing.job({"state": "JOB_STATE_FAILED", "endTime": ago(20)})
    assert early.state in LIVE and "tells why" in (early.note or "")
    late = standing.job({"state": "JOB_STATE_FAILED", "endTime": ago(standing.LATE + 5)})
    assert (late.state, late.reason) == ("failed", "the service gives no reason")
    far = standing.job({"state": "JOB_STATE_FAILED", "endTime": ago(-2 * 86400)})
    assert far.state == "failed"  # a clock that is days behind does not make it live


def test_what_our_container_wrote_is_the_reason_and_a_quota_stays_one() -> None:
    exited = {"code": 9, "message": "The replica workerpool0-0 exited with a non-zero status of 1."}
    found = standing.job({"state": "JOB_STATE_FAILED", "error": exited, "endTime": ago(1)}, said="cloud-nas: the rows are gone")
    assert found.reason == "cloud-nas: the rows are gone"
    found = standing.job({"state": "JOB_STATE_FAILED", "endTime": ago(1)}, said="cloud-nas: the rows are gone")
    assert (found.state, found.reason) == ("failed", "cloud-nas: the rows are gone")
    quota = {"code": 8, "message": "The following quota metrics exceed quota limits: x"}
    assert standing.job({"state": "JOB_STATE_FAILED", "error": quota}).reason == quota["message"]


def test_a_cancelled_job_has_no_reason_of_the_services_own() -> None:
    found = standing.job({"state": "JOB_STATE_CANCELLED", "error": {"code": 1, "message": "CANCELED"}})
    assert (found.state, found.reason) == ("cancelled", None)


def test_trials_come_in_any_order_and_a_zero_is_a_value() -> None:
    trials = [trial(1, 0.25), trial(2, None, "INFEASIBLE"), trial(0, 0.0), trial(3, None, "STOPPING"), trial(4, None, "ACTIVE")]
    job = {"state": "JOB_STATE_RUNNING", "trials": trials, "maxTrialCount": 9}
    found = standing.tuning(job, PLACE)
    assert found.trials is not None and found.best is not None
    assert (found.trials.done, found.trials.failed, found.trials.total) == (2, 1, 9)
    assert (found.best.trial, found.best.value) == (1, 0.25)
    assert list(children.trials_of(job)) == [0, 1, 2, 3, 4]
    least = standing.tuning(job | {"studySpec": {"metrics": [{"metricId": "val_accuracy", "goal": "MINIMIZE"}]}}, PLACE)
    assert least.best is not None and (least.best.trial, least.best.value) == (0, 0.0)


@given(st.lists(st.floats(-5, 5) | st.just(float("nan")) | st.none(), max_size=8), st.sampled_from(["maximize", "minimize"]))
def test_the_best_is_the_first_of_the_best_values(values: list[float | None], goal: str) -> None:
    trials = [trial(number, value) for number, value in enumerate(values)]
    found = children.best_of({"trials": trials[::-1]}, PLACE | {"goal": goal})
    numbers = [value for value in values if value is not None and value == value]
    if not numbers:
        assert found is None
        return
    best = max(numbers) if goal == "maximize" else min(numbers)
    assert found is not None and (found.value, found.trial) == (best, values.index(best))


def test_a_tuning_job_that_succeeded_without_a_value_has_failed() -> None:
    job = {"state": "JOB_STATE_SUCCEEDED", "trials": [trial(0, None), trial(1, float("nan"))]}
    found = standing.tuning(job, PLACE)
    assert found.state == "failed" and "without a trial" in (found.reason or "")
    assert found.trials is not None and found.trials.failed == 2


def test_whole_numbers_are_written_as_such_and_all_else_as_it_came() -> None:
    deep = {"conditionalParameterSpecs": [{"parameterSpec": {"parameterId": "units", "integerValueSpec": {}}}]}
    spec = [{"parameterId": "kind", "categoricalValueSpec": {}, **deep}, {"parameterId": "batch", "discreteValueSpec": {}}]
    values = {"units": 13.0, "batch": 128.0, "rate": 1e-05, "kind": "relu"}
    one = {"parameters": [{"parameterId": name, "value": value} for name, value in values.items()]}
    told = children.texts_of(one, {"studySpec": {"parameters": spec}})
    assert told == {"units": "13", "batch": "128.0", "rate": "1e-05", "kind": "relu"}


def test_what_was_spent_is_the_time_of_the_trials_and_of_automl_its_node_hours() -> None:
    from cloud_nas.targets.vertex import cost

    begun, end = "2026-11-24T10:00:00.123456789Z", "2026-11-24T11:00:00.123456789Z"
    trials = [trial(0, 0.5, startTime=begun, endTime=end), trial(1, None, "ACTIVE", startTime=begun), trial(2, None, "REQUESTED")]
    remote = Remote("r-7k2xq", 1, "x", place=PLACE | PRICED)
    found = spending.spent(remote, {"trials": trials, "endTime": end})
    assert found is not None and found == cost.actual(remote.place, {"0": 3600.0, "1": 3600.0})
    assert spending.spent(remote, {"trials": []}) is None
    automl = Remote("r-7k2xq", 1, "x", place=PRICED | {"kind": "automl", "task": "classification", "model": "cloud"})
    told = spending.spent(automl, {"trainingTaskMetadata": {"trainCostMilliNodeHours": "1500"}})
    assert told is not None and told.amount == pytest.approx(1.5 * 21.252)
    assert spending.spent(automl, {"state": "PIPELINE_STATE_RUNNING"}) is None
    failed = spending.spent(automl, {"state": "PIPELINE_STATE_FAILED"})
    assert failed is not None and failed.amount == 0.0
