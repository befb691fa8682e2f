"""Where jobs stand, in few calls: a few jobs are asked one by one, many are looked up in lists.

A list tells states alone. What only a description tells (trials, a reason, the cost) is asked for of jobs that have ended, once,
of all where they are few, and of as many tuning jobs at work as the service lets one ask at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from cloud_nas.errors import CloudNasError, UnreachableError
from cloud_nas.states import Best
from cloud_nas.targets.looking import FEW, LIST_CALLS, by_place, or_none, since_of, states_of, with_study
from cloud_nas.targets.remote import Remote, State
from cloud_nas.targets.vertex import children, evaluations, naming, sent_space, standing
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import ENDED, PAGE, describe, kind_of
from cloud_nas.targets.vertex.progress import failure, progress, reason_of
from cloud_nas.targets.vertex.spending import spent
from cloud_nas.targets.vertex.times import is_recent, moment

DESCRIBED = 16
"""Tuning jobs at work that are described in one look, for their trials; where there are more, lists tell their states alone."""

_MASK = "name,displayName,state,labels,createTime,startTime,endTime,updateTime,error"
_Ask = Callable[[Client, Remote, Mapping[str, Any]], State]


def refresh(remotes: Sequence[Remote]) -> list[State | CloudNasError]:
    """What Google knows of these jobs now, in their order; an error for each that it cannot tell."""
    return by_place(remotes, lambda remote: naming.parent(remote.place), lambda remote: Client(remote.place), _group)


def _group(client: Client, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
    """Jobs of one kind in one project and location."""
    listed = {} if len(remotes) <= FEW else _listed(client, remotes)
    searching = [name for name, line in listed.items() if line.get("state") == "JOB_STATE_RUNNING"]
    is_told = remotes[0].place["kind"] != "tuning" or len(searching) > DESCRIBED

    def look(remote: Remote) -> State | CloudNasError:
        line = listed.get(_identity(remote.name))
        try:
            if line is not None and line.get("state") not in ENDED and (is_told or line.get("state") != "JOB_STATE_RUNNING"):
                return _live(remote, line)
            return _described(client, remote, describe(client, remote))
        except CloudNasError as error:
            return error

    return states_of(look, remotes)


def _listed(client: Client, remotes: Sequence[Remote]) -> dict[str, Mapping[str, Any]]:
    """The lines of a list that are of these jobs, until all are found or `LIST_CALLS` pages are read; pages may be empty."""
    kind, wanted = kind_of(remotes[0]), {_identity(remote.name) for remote in remotes}
    since = since_of(remotes)
    conditions = [f"labels.{naming.LABEL}target=vertex-{remotes[0].place['kind']}"]
    if since is not None:
        conditions.append(f'create_time>="{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"')
    asked = {"parent": client.parent, "filter": " AND ".join(conditions), "pageSize": PAGE, "readMask": _MASK}
    found: dict[str, Mapping[str, Any]] = {}
    for number, page in enumerate(client.pages(kind.listing, asked), start=1):
        lines = {_identity(str(one["name"])): one for one in page.get(kind.items, ())}
        found.update({identity: one for identity, one in lines.items() if identity in wanted})
        if len(found) == len(wanted) or number == LIST_CALLS:
            break
    return found


def _identity(name: str) -> str:
    """What a job's name ends in: names in answers have the project's number where a request had its id."""
    return name.rpartition("/")[2]


def _live(remote: Remote, line: Mapping[str, Any]) -> State:
    """What a list's line says of a job at work; the engine's study is one object in the bucket."""
    kind = remote.place["kind"]
    if kind == "automl":
        return standing.automl(line)
    state = standing.job(line)
    return with_study(state, lambda: progress(remote)) if kind == "engine" else state


def _described(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    """All that can be known of a job."""
    ask: Mapping[str, _Ask] = {"tuning": _tuning, "engine": _engine, "automl": _automl}
    state = ask[str(remote.place["kind"])](client, remote, found)
    return replace(state, cost=spent(remote, found))


def _tuning(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    state = standing.tuning(found, remote.place)
    if state.state == "failed":
        state = replace(state, reason="; ".join(filter(None, (state.reason, _first_failure(remote, found)))))
    if state.best is None:
        return state
    texts = children.texts_of(children.trials_of(found)[state.best.trial], found)
    params = sent_space.values(or_none(lambda: sent_space.space_of(remote, found)), texts)
    return replace(state, best=Best(state.best.trial, state.best.value, params))


def _first_failure(remote: Remote, found: Mapping[str, Any]) -> str | None:
    """Why the first of the trials that failed did, which is often why all did; None where nobody tells."""
    for number, one in children.trials_of(found).items():
        if one.get("state") == children.FAILED:
            why = reason_of(remote, number, one)
            return None if why is None else f"trial {number}: {why}"
    return None


def _engine(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    said = or_none(lambda: failure(remote)) if standing.word_of(found) == "FAILED" else None
    return with_study(standing.job(found, said=said), lambda: progress(remote))


def _automl(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    """With what the service measured; just after the training its model may not be found, and the job counts as at work then."""
    state = standing.automl(found)
    if state.state != "succeeded":
        return state
    try:
        measured = evaluations.metrics(client, found)
    except UnreachableError:  # once an end is known, nobody asks again
        raise
    except CloudNasError as error:
        return replace(state, note=f"its evaluation cannot be read: {error.message}")
    best = evaluations.best_of(found, measured, str(remote.place["metric"]))
    if best is None and not measured:
        if is_recent(moment(found, "endTime", "updateTime"), standing.REGISTERING):
            return replace(state, state="running", trials=None, note="it is trained; its model is being registered")
        return replace(state, note="the service tells no evaluation of its model")
    return replace(state, best=best)
