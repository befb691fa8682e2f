"""What a description of a job says, or its line in a list, as a `State`: pure functions of AWS's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cloud_nas.states import Best, RunState, TrialCounts
from cloud_nas.targets.remote import State
from cloud_nas.targets.sagemaker.children import number_of

STATES: Mapping[str, RunState] = {
    "InProgress": "running",
    "Stopping": "stopping",
    "Completed": "succeeded",
    "Failed": "failed",
    "Stopped": "cancelled",
    "Deleting": "failed",
    "DeleteFailed": "failed",
}
"""AWS's words for a job of any kind; one that is new to us is of a job at work."""

_CAPS = {
    "MaxRuntimeExceeded": "it reached its max_runtime",
    "MaxWaitTimeExceeded": "no spot machine was free for it within its time",
}
_ENDS_OF_SEARCH = ("MaxAutoMLJobRuntimeReached", "MaxCandidatesReached")
_DELETED = "it was deleted at the service"

_PHASES = {
    "Starting": "a machine is being started",
    "Pending": "waiting for a machine",
    "Downloading": "rows and code are being fetched",
    "Interrupted": "its spot machine was taken away; it goes on when another is free",
    "Uploading": "results are being uploaded",
}
"""What is worth a note while a training job is at work."""


def tuning(found: Mapping[str, Any], name: str) -> State:
    """Of a tuning job: `DescribeHyperParameterTuningJob`, or its line in a list.

    `best` has no parameters: what the tuner's strings mean is for whoever has the space.
    """
    state = STATES.get(found["HyperParameterTuningJobStatus"], "running")
    reason, note = found.get("FailureReason"), None
    best = best_of(found, name)
    if state == "cancelled" and _used_its_time(found):
        state, note = ("succeeded" if best else "failed"), "the search's time was over"
    if state == "succeeded" and "TrainingJobDefinition" in found and best is None:
        if "BestTrainingJob" in found:
            note = "the service names a best training job that is none of this job's"
        else:
            state, reason = "failed", reason or "it has ended without a trial that has a value"
    if found["HyperParameterTuningJobStatus"] in ("Deleting", "DeleteFailed"):
        reason = reason or _DELETED
    limits = found.get("ResourceLimits") or (found.get("HyperParameterTuningJobConfig") or {}).get("ResourceLimits") or {}
    counts = _counts(found.get("TrainingJobStatusCounters"), limits.get("MaxNumberOfTrainingJobs"))
    seconds = _seconds(found.get("CreationTime"), found.get("HyperParameterTuningEndTime"))
    return State(state, counts, best, reason, seconds, note=note)


def best_of(found: Mapping[str, Any], name: str) -> Best | None:
    """The best trial that a tuning job's description names, without its parameters; not one of an earlier job."""
    best = found.get("BestTrainingJob") or {}
    number = number_of(name, str(best.get("TrainingJobName", "")))
    value = (best.get("FinalHyperParameterTuningJobObjectiveMetric") or {}).get("Value")
    return None if number is None or value is None else Best(number, float(value))


def engine(found: Mapping[str, Any]) -> State:
    """Of a training job with our engine in it: `DescribeTrainingJob`, or its line in a list; the study is told elsewhere."""
    state = STATES.get(found["TrainingJobStatus"], "running")
    secondary = str(found.get("SecondaryStatus", ""))
    reason = found.get("FailureReason") or (_CAPS.get(secondary) if state == "cancelled" else None)
    if state == "cancelled" and secondary in _CAPS:
        state = "failed"
    note = _PHASES.get(secondary) if state == "running" else None
    seconds = found.get("TrainingTimeInSeconds")
    if seconds is None:
        seconds = _seconds(found.get("TrainingStartTime"), found.get("TrainingEndTime"))
    return State(state, reason=reason, seconds=None if seconds is None else float(seconds), note=note)


def autopilot(found: Mapping[str, Any]) -> State:
    """Of an Autopilot job: `DescribeAutoMLJobV2`, or its line in a list. The best trial's number is for whoever has the table."""
    state = STATES.get(found["AutoMLJobStatus"], "running")
    secondary = str(found.get("AutoMLJobSecondaryStatus", ""))
    described = "AutoMLProblemTypeConfigName" in found or "AutoMLJobInputDataConfig" in found
    reason, note = _why(found), secondary if state == "running" else None
    if state == "cancelled" and secondary in _ENDS_OF_SEARCH:
        state = "succeeded"
    if state == "succeeded" and secondary in _ENDS_OF_SEARCH:
        note = "its time was over" if secondary == _ENDS_OF_SEARCH[0] else None
    if state == "succeeded" and described and not found.get("BestCandidate"):
        state, reason = "failed", reason or "it has ended without a candidate; more time or more candidates may find one"
    return State(state, reason=reason, seconds=_seconds(found.get("CreationTime"), found.get("EndTime")), note=note)


def _why(found: Mapping[str, Any]) -> str | None:
    """The reason of a failure, and those of its parts."""
    parts = [one.get("PartialFailureMessage") for one in found.get("PartialFailureReasons") or ()]
    said = [text for text in (found.get("FailureReason"), *parts) if text]
    return "; ".join(dict.fromkeys(said)) or None


def _used_its_time(found: Mapping[str, Any]) -> bool:
    """Whether a tuning job was stopped by its own cap on time, which its state does not tell."""
    limits = (found.get("HyperParameterTuningJobConfig") or {}).get("ResourceLimits") or {}
    cap, used = limits.get("MaxRuntimeInSeconds"), (found.get("ConsumedResources") or {}).get("RuntimeInSeconds")
    return cap is not None and used is not None and used >= cap


def _counts(counters: Mapping[str, int] | None, total: int | None) -> TrialCounts | None:
    """A job that the tuner tries again is not counted; one that it stopped early is pruned."""
    if counters is None:
        return None
    return TrialCounts(counters.get("Completed", 0), counters.get("NonRetryableError", 0), counters.get("Stopped", 0), total)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    """From `start` to `end`, or to this moment."""
    if start is None:
        return None
    return max(0.0, ((end or datetime.now(UTC)) - start).total_seconds())
