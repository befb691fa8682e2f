"""What a description of a job says, or its line in a list, as a `State`: pure functions of Google's answers and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cloud_nas.states import RunState, TrialCounts
from cloud_nas.targets.remote import State
from cloud_nas.targets.vertex import children
from cloud_nas.targets.vertex.times import is_recent, moment, seconds

STATES: Mapping[str, RunState] = {
    "": "pending",
    "UNSPECIFIED": "pending",
    "QUEUED": "pending",
    "PENDING": "pending",
    "RUNNING": "running",
    "UPDATING": "running",
    "PAUSED": "running",
    "CANCELLING": "stopping",
    "SUCCEEDED": "succeeded",
    "PARTIALLY_SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "EXPIRED": "failed",
    "CANCELLED": "cancelled",
}
"""Google's words for jobs and pipelines, less `JOB_STATE_`; one that is new to us is of a job at work."""

LATE = 90.0
"""Seconds after a failure for which its reason may still come: Google fills it in about a minute later."""

REGISTERING = 600.0
"""Seconds after the end of a training for which its model may not be found yet."""

_NOTES = {
    "QUEUED": "it waits at the service: for a machine, or for quota that is in use",
    "PENDING": "a machine is being prepared",
    "UPDATING": "the service is changing it",
    "PAUSED": "it is paused at the service, where it can be resumed",
}
_CANCELLED, _EXIT = 1, "non-zero status"
_NO_TRIAL = "it has ended without a trial that has a value"


def word_of(found: Mapping[str, Any]) -> str:
    """Google's word for where a job stands: `RUNNING`; empty where it says nothing."""
    return str(found.get("state", "")).rpartition("_STATE_")[2]


def job(found: Mapping[str, Any], *, said: str | None = None) -> State:
    """Of any job: state, reason, time.

    Args:
        found: a job, or its line in a list.
        said: what our container wrote about its failure, which tells more than how a process ended.
    """
    word = word_of(found)
    state, note = STATES.get(word, "running"), _NOTES.get(word)
    start, end = moment(found, "startTime", "createTime"), moment(found, "endTime")
    error = found.get("error", {})
    message = " ".join(str(error.get("message", "")).split())
    reason = said if said and (not message or _EXIT in message) else "; ".join(filter(None, (said, message))) or None
    if word == "EXPIRED":
        reason = reason or "it expired: it waited longer at the service than it may"
    elif word == "PARTIALLY_SUCCEEDED":
        note, reason = f"it succeeded only in part{f': {reason}' if reason else ''}", None
    elif state == "cancelled" and error.get("code") in (None, _CANCELLED):
        reason = None
    elif state == "failed" and reason is None:
        if is_recent(end or moment(found, "updateTime"), LATE):
            return State(
                "running", seconds=seconds(start, end), note="it has failed; the service tells why within a minute or two"
            )
        reason = "the service gives no reason"
    return State(state, reason=reason if state in ("failed", "cancelled") else None, seconds=seconds(start, end), note=note)


def tuning(found: Mapping[str, Any], place: Mapping[str, Any], *, said: str | None = None) -> State:
    """Of a tuning job, described whole: trials, too. `best` has no values of parameters: those take the space.

    Args:
        found: the job.
        place: as the plan has it: the goal, and the service's name of the metric.
        said: as `job` has it.
    """
    state = job(found, said=said)
    best = children.best_of(found, place)
    if state.state == "succeeded" and best is None:
        state = replace(state, state="failed", reason=_NO_TRIAL, note=None)
    return replace(state, trials=children.counts_of(found, place), best=best)


def automl(found: Mapping[str, Any]) -> State:
    """Of AutoML's pipeline: one model comes of it. What the service measured of it is told elsewhere."""
    state = job(found)
    if state.state == "succeeded" and not found.get("modelToUpload", {}).get("name"):
        state = replace(state, state="failed", reason="it has ended without a model")
    done, failed = state.state == "succeeded", state.state == "failed"
    return replace(state, trials=TrialCounts(int(done), int(failed), 0, 1))
