"""Trials of a job: training jobs of a tuning job, candidates of Autopilot, or what the engine last wrote of its study."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloud_nas.states import Trial
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker import candidates, sent_space
from cloud_nas.targets.sagemaker.children import children
from cloud_nas.targets.sagemaker.client import Client
from cloud_nas.targets.sagemaker.jobs import describe
from cloud_nas.targets.sagemaker.progress import progress
from cloud_nas.targets.study import trials_of
from local_engine.events import TrialState

_STATES: Mapping[str, TrialState] = {
    "Completed": "done",
    "InProgress": "running",
    "Stopping": "running",
    "Failed": "failed",
    "Stopped": "pruned",
}
NOT_BEGUN = "the tuning job ended before it had begun"
NO_METRIC = "it printed no value of the objective"


def trials(remote: Remote) -> list[Trial]:
    """All that are known, by number."""
    client = Client(str(remote.place["region"]))
    if remote.place["kind"] == "tuning":
        return _of_tuning(client, remote)
    if remote.place["kind"] == "autopilot":
        return [_candidate(number, one) for number, one in enumerate(candidates.candidates(client, remote))]
    found = progress(client, remote)
    return [] if found is None else trials_of(found)


def _of_tuning(client: Client, remote: Remote) -> list[Trial]:
    described = describe(client, remote)
    space = sent_space.space_of(client, remote, described)
    stopped = _stopped(described)
    found = []
    for number, one in children(client, remote).items():
        params = sent_space.values(space, one.get("TunedHyperParameters") or {})
        found.append(_trial(number, one, params, stopped))
    return found


def _stopped(described: Mapping[str, Any]) -> tuple[TrialState, str | None]:
    """What a stopped training job was, and why: early where that was asked of the tuner, or with the job, or by its cap."""
    config = described.get("HyperParameterTuningJobConfig") or {}
    if config.get("Strategy") == "Hyperband" or config.get("TrainingJobEarlyStoppingType") == "Auto":
        return "pruned", None
    if described.get("HyperParameterTuningJobStatus") in ("Stopping", "Stopped"):
        return "preempted", "stopped with the tuning job"
    return "pruned", "it reached its max_runtime"


def _trial(number: int, one: Mapping[str, Any], params: Mapping[str, Any], stopped: tuple[TrialState, str | None]) -> Trial:
    state = _STATES.get(one["TrainingJobStatus"], "running")
    value = (one.get("FinalHyperParameterTuningJobObjectiveMetric") or {}).get("Value")
    reason = one.get("FailureReason")
    if state == "pruned":
        begun = one.get("TrainingStartTime") is not None
        state, reason = (stopped[0], reason or stopped[1]) if begun else ("preempted", reason or NOT_BEGUN)
    elif state == "done" and value is None and one.get("ObjectiveStatus") == "Failed":
        state, reason = "failed", reason or NO_METRIC
    seconds = _seconds(one.get("TrainingStartTime"), one.get("TrainingEndTime"))
    return Trial(number, state, None if value is None else float(value), params, None, seconds, reason)


def _candidate(number: int, one: Mapping[str, Any]) -> Trial:
    return Trial(
        number,
        _STATES.get(one["CandidateStatus"], "running"),
        candidates.value_of(one),
        {"candidate": str(one["CandidateName"])},
        None,
        _seconds(one["CreationTime"], one.get("EndTime")),
        one.get("FailureReason"),
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max(0.0, (end - start).total_seconds())
