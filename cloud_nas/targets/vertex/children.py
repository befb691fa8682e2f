"""Trials as a tuning job's description has them: in any order, numbered from 1 by the service and from 0 by us."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cloud_nas.states import Best, TrialCounts

DONE, FAILED = "SUCCEEDED", "INFEASIBLE"
"""Words for trials that have ended. A trial that is to stop has not."""


def trials_of(found: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The service's trials by number, ascending."""
    trials = {number_of(one): one for one in found.get("trials", ()) if str(one.get("id", "")).isdigit()}
    return dict(sorted(trials.items()))


def number_of(trial: Mapping[str, Any]) -> int:
    """Our number of a trial."""
    return int(trial["id"]) - 1


def value_of(trial: Mapping[str, Any], metric: str) -> float | None:
    """A trial's objective; None where it has no number. Google leaves zeros out."""
    for one in trial.get("finalMeasurement", {}).get("metrics", ()):
        if one.get("metricId", metric) == metric:
            value = float(one.get("value", 0.0))
            return value if math.isfinite(value) else None
    return None


def metrics_of(trial: Mapping[str, Any]) -> dict[str, float]:
    """All that was measured of a trial; ours are called `val_...`."""
    found = trial.get("finalMeasurement", {}).get("metrics", ())
    return {str(one.get("metricId", "")).removeprefix("val_"): float(one.get("value", 0.0)) for one in found}


def epochs_of(trial: Mapping[str, Any]) -> int | None:
    """The last epoch that was measured; None where none was."""
    measured = [trial.get("finalMeasurement", {}), *trial.get("measurements", ())]
    return max((int(one["stepCount"]) for one in measured if "stepCount" in one), default=None)


def metric_of(found: Mapping[str, Any], place: Mapping[str, Any]) -> tuple[str, str]:
    """The name of a job's metric, and its goal: `maximize` or `minimize`."""
    asked: Mapping[str, Any] = next(iter(found.get("studySpec", {}).get("metrics", ())), {})
    return str(asked.get("metricId") or place["metric"]), str(asked.get("goal") or place["goal"]).lower()


def best_of(found: Mapping[str, Any], place: Mapping[str, Any]) -> Best | None:
    """The best of the trials that have succeeded, without its parameters; of equals the first. The service names none."""
    metric, goal = metric_of(found, place)
    values = {
        number: value
        for number, one in trials_of(found).items()
        if one.get("state") == DONE and (value := value_of(one, metric)) is not None
    }
    if not values:
        return None
    sign = -1.0 if goal == "maximize" else 1.0
    number = min(values, key=lambda one: (sign * values[one], one))
    return Best(number, values[number])


def counts_of(found: Mapping[str, Any], place: Mapping[str, Any]) -> TrialCounts:
    """How many trials ended how. Which of them the service stopped early, it does not tell."""
    metric, _ = metric_of(found, place)
    ended = [one for one in trials_of(found).values() if one.get("state") in (DONE, FAILED)]
    done = sum(one["state"] == DONE and value_of(one, metric) is not None for one in ended)
    return TrialCounts(done, len(ended) - done, 0, found.get("maxTrialCount"))


def texts_of(trial: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, str]:
    """A trial's parameters as texts, as its container got them; whole numbers, which come as 13.0, are written `13`."""
    whole = set(_whole(found.get("studySpec", {}).get("parameters", ())))
    texts = {}
    for one in trial.get("parameters", ()):
        name, value = str(one["parameterId"]), one.get("value")
        if isinstance(value, int | float) and not isinstance(value, bool):
            texts[name] = str(round(value)) if name in whole else repr(float(value))
        else:
            texts[name] = str(value)
    return texts


def _whole(parameters: Any) -> list[str]:
    """The parameters that are integers, below conditions too."""
    found = []
    for one in parameters:
        if "integerValueSpec" in one:
            found.append(str(one["parameterId"]))
        found += _whole([each["parameterSpec"] for each in one.get("conditionalParameterSpecs", ()) if "parameterSpec" in each])
    return found
