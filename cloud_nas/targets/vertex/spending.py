"""What a job has cost so far: the seconds that its machines were there, or the node hours that AutoML tells of, times price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.states import Money
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex import children, cost
from cloud_nas.targets.vertex.standing import word_of
from cloud_nas.targets.vertex.times import moment, seconds

_NODE_HOURS = ("trainCostMilliNodeHours", "costMilliNodeHours")
"""Where AutoML tells what it took, of tables and of images; thousandths."""


def spent(remote: Remote, found: Mapping[str, Any]) -> Money | None:
    """What a described job has cost; None where a price is not known, or the service does not tell.

    Google bills nobody by name of a job, so this is from the times that it tells: from the start of a machine to its end.
    """
    kind = str(remote.place["kind"])
    if kind == "automl":
        return _automl(remote, found)
    end = moment(found, "endTime")
    jobs: Mapping[str, Mapping[str, Any]] = {remote.name: found}
    if kind == "tuning":
        jobs = {str(number): one for number, one in children.trials_of(found).items()}
    times = {name: seconds(moment(one, "startTime"), moment(one, "endTime") or end) for name, one in jobs.items()}
    known = {name: value for name, value in times.items() if value is not None}
    return cost.actual(remote.place, known) if known else None


def _automl(remote: Remote, found: Mapping[str, Any]) -> Money | None:
    """Nothing where it failed, which Google does not charge."""
    if word_of(found) == "FAILED":
        return Money(0.0)
    told = found.get("trainingTaskMetadata") or {}
    hours = next((float(told[key]) / 1000 for key in _NODE_HOURS if told.get(key) is not None), None)
    return None if hours is None else cost.automl_actual(remote.place, hours)
