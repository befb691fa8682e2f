"""Answers of Vertex AI as tests need them, and how a run is asked for at its target."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud_nas.runs.row import RunRow
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits

from .canned_google import PARENT

Known = Callable[..., RunRow]
RUN = "r-7k2xq"
FOLDER = f"searches/runs/{RUN}/1/"
PROGRESS = {
    "schema": 1,
    "counts": {"done": 2, "failed": 1, "pruned": 0, "total": 5},
    "best": {"trial": 1, "value": 0.9, "params": {"units": 16}},
    "seconds": 12.5,
    "trials": [{"number": 1, "state": "done", "value": 0.9, "params": {"units": 16}, "epochs": 2, "seconds": 3.0}],
}


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def target_of(row: RunRow) -> Submits:
    target = find(row.target)
    assert isinstance(target, Submits)
    return target


def trial(number: int, value: float | None, **more: Any) -> dict[str, Any]:
    measured = {"finalMeasurement": {"stepCount": "4", "metrics": [{"metricId": "val_accuracy", "value": value}]}}
    state = {"state": "INFEASIBLE"} if value is None else {"state": "SUCCEEDED", **measured}
    parameters = [{"parameterId": "units", "value": 16.0 + number}]
    return {"id": str(number + 1), "parameters": parameters, "customJob": f"{PARENT}/customJobs/{50 + number}", **state, **more}


def tuning_job(*trials: dict[str, Any], state: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    spec = {
        "metrics": [{"metricId": "val_accuracy", "goal": "MAXIMIZE"}],
        "parameters": [{"parameterId": "units", "integerValueSpec": {"minValue": "1", "maxValue": "64"}}],
    }
    about = {"createTime": ago(4000), "startTime": ago(3900), "studySpec": spec, "maxTrialCount": 4}
    return {"state": f"JOB_STATE_{state}", "displayName": f"{RUN}-1", "trials": list(trials), **about, **more}
