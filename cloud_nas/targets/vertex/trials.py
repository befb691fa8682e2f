"""Trials of a job: the tuner's own, AutoML's one model, or what the engine last wrote of its study."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloud_nas.states import Trial
from cloud_nas.targets.looking import each, or_none
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.study import trials_of
from cloud_nas.targets.vertex import children, evaluations, sent_space, standing
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import ENDED, describe
from cloud_nas.targets.vertex.progress import progress, reason_of
from cloud_nas.targets.vertex.times import moment, seconds
from local_engine.definition import Value
from local_engine.events import TrialState

NO_METRIC = "it told no value of the objective"
NOT_ENDED = "stopped with the tuning job"

_AUTOML: Mapping[str, TrialState] = {"succeeded": "done", "failed": "failed", "cancelled": "preempted"}


def trials(remote: Remote) -> list[Trial]:
    """All that are known, by number."""
    if remote.place["kind"] == "engine":
        found = progress(remote)
        return [] if found is None else trials_of(found)
    client = Client(remote.place)
    described = describe(client, remote)
    return _of_tuning(remote, described) if remote.place["kind"] == "tuning" else _of_automl(client, remote, described)


def _of_tuning(remote: Remote, described: Mapping[str, Any]) -> list[Trial]:
    space = or_none(lambda: sent_space.space_of(remote, described))

    def trial(item: tuple[int, Mapping[str, Any]]) -> Trial:
        number, one = item
        params = sent_space.values(space, children.texts_of(one, described))
        value = children.value_of(one, children.metric_of(described, remote.place)[0])
        state, reason = _state(remote, number, one, value, described)
        end = moment(one, "endTime")
        return Trial(number, state, value, params, children.epochs_of(one), _seconds(one, end), reason)

    return each(trial, list(children.trials_of(described).items()))


def _state(
    remote: Remote, number: int, one: Mapping[str, Any], value: float | None, described: Mapping[str, Any]
) -> tuple[TrialState, str | None]:
    """What became of a trial, and why. What is not over when its job is, was stopped with it."""
    if one.get("state") == children.DONE:
        return ("done", None) if value is not None else ("failed", NO_METRIC)
    if one.get("state") != children.FAILED:
        return ("preempted", NOT_ENDED) if described.get("state") in ENDED else ("running", None)
    reason = reason_of(remote, number, one)
    if not reason and standing.word_of(described) in ("CANCELLING", "CANCELLED"):
        return "preempted", NOT_ENDED
    return "failed", reason or NO_METRIC


def _of_automl(client: Client, remote: Remote, described: Mapping[str, Any]) -> list[Trial]:
    """The one model, once its training has begun."""
    state = standing.automl(described)
    if moment(described, "startTime") is None and state.state != "succeeded":
        return []
    best = evaluations.best_of(described, evaluations.metrics(client, described), str(remote.place["metric"]))
    params: dict[str, Value] = {} if best is None else dict(best.params)
    value, end = None if best is None else best.value, moment(described, "endTime")
    became = _AUTOML.get(state.state, "running")
    return [Trial(evaluations.TRIAL, became, value, params, None, _seconds(described, end), state.reason)]


def _seconds(one: Mapping[str, Any], end: datetime | None) -> float | None:
    return None if end is None else seconds(moment(one, "startTime"), end)
