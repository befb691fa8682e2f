"""Where jobs stand, in few calls: a few jobs are asked one by one, many are looked up in lists.

A list tells states and counts; what only a description tells (the best trial, a reason, the bill) is asked for of jobs that have
ended, once, and of all where they are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloud_nas.errors import CloudNasError
from cloud_nas.states import Best
from cloud_nas.targets.looking import FEW, LIST_CALLS, by_place, or_none, since_of, states_of, with_study
from cloud_nas.targets.remote import Remote, State
from cloud_nas.targets.sagemaker import candidates, sent_space, standing
from cloud_nas.targets.sagemaker.client import Client
from cloud_nas.targets.sagemaker.jobs import ENDED, describe, kind_of
from cloud_nas.targets.sagemaker.progress import progress
from cloud_nas.targets.sagemaker.spending import spent

_Ask = Callable[[Client, Remote, Mapping[str, Any]], State]


def refresh(remotes: Sequence[Remote]) -> list[State | CloudNasError]:
    """What AWS knows of these jobs now, in their order; an error for each that it cannot tell."""
    return by_place(
        remotes, lambda remote: str(remote.place["region"]), lambda remote: Client(str(remote.place["region"])), _group
    )


def _group(client: Client, remotes: Sequence[Remote]) -> list[State | CloudNasError]:
    """Jobs of one kind in one region."""
    listed = {} if len(remotes) <= FEW else _listed(client, remotes)

    def look(remote: Remote) -> State | CloudNasError:
        line = listed.get(remote.name)
        try:
            if line is not None and line[kind_of(remote).status] not in ENDED:
                return _live(client, remote, line)
            return _described(client, remote, describe(client, remote))
        except CloudNasError as error:
            return error

    return states_of(look, remotes)


def _listed(client: Client, remotes: Sequence[Remote]) -> dict[str, Mapping[str, Any]]:
    """The lines of a list that are of these jobs, the newest first, until all are found or `LIST_CALLS` pages are read.

    Pages may be empty and yet not the last: AWS filters what it has cut.
    """
    kind, wanted = kind_of(remotes[0]), {remote.name for remote in remotes}
    since = since_of(remotes)
    after = {} if since is None else {"CreationTimeAfter": since}
    found: dict[str, Mapping[str, Any]] = {}
    pages = client.pages("sagemaker", kind.listing, SortBy="CreationTime", SortOrder="Descending", MaxResults=100, **after)
    for number, page in enumerate(pages, start=1):
        found.update({one[kind.named]: one for one in page[kind.summaries] if one[kind.named] in wanted})
        if len(found) == len(wanted) or number == LIST_CALLS:
            break
    return found


def _live(client: Client, remote: Remote, line: Mapping[str, Any]) -> State:
    """What a list's line says of a job at work; the engine's study is one object in the bucket."""
    kind = remote.place["kind"]
    if kind == "tuning":
        return standing.tuning(line, remote.name)
    return standing.autopilot(line) if kind == "autopilot" else _with_study(client, remote, standing.engine(line))


def _described(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    """All that can be known of a job. What an endpoint cannot tell stays None, with a note."""
    ask: Mapping[str, _Ask] = {"tuning": _tuning, "engine": _engine, "autopilot": _autopilot}
    state = ask[str(remote.place["kind"])](client, remote, found)
    return replace(state, cost=spent(client, remote, found))


def _tuning(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    state = standing.tuning(found, remote.name)
    if state.best is None:
        return state
    strings = found["BestTrainingJob"].get("TunedHyperParameters") or {}
    params = sent_space.values(or_none(lambda: sent_space.space_of(client, remote, found)), strings)
    return replace(state, best=Best(state.best.trial, state.best.value, params))


def _engine(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    state = _with_study(client, remote, standing.engine(found))
    if state.state == "failed" and state.best is not None and not found.get("FailureReason"):
        return replace(state, state="succeeded", note=state.reason, reason=None)
    return state


def _with_study(client: Client, remote: Remote, state: State) -> State:
    return with_study(state, lambda: progress(client, remote))


def _autopilot(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    state = standing.autopilot(found)
    try:
        listed = candidates.candidates(client, remote)
    except CloudNasError as error:
        return replace(state, note=state.note or f"its candidates cannot be listed: {error.message}")
    return replace(state, trials=candidates.counts_of(found, listed), best=candidates.best_of(found, listed))
