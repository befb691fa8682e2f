"""Where jobs stand, in few calls: a few jobs are asked one by one, many are looked up in lists.

A list tells states and counts; what only a description tells (the best trial, a reason, the bill) is asked for of jobs that have
ended, once, and of all where they are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from cloud_nas.errors import CloudNasError, UnreachableError
from cloud_nas.states import Best
from cloud_nas.targets.remote import Remote, State
from cloud_nas.targets.sagemaker import candidates, sent_space, standing
from cloud_nas.targets.sagemaker.client import Client
from cloud_nas.targets.sagemaker.jobs import ENDED, describe, kind_of
from cloud_nas.targets.sagemaker.progress import best_of, counts_of, progress
from cloud_nas.targets.sagemaker.spending import spent

FEW = 4
"""Jobs of a kind that are described one by one; more are looked up in a list first."""

LIST_CALLS = 10
"""Pages of a list that are read at most, for one kind of job; what is not in them is described."""

_AT_ONCE = 8
_SLACK = timedelta(hours=1)  # by which this machine's clock may be ahead

Known = TypeVar("Known")
Made = TypeVar("Made")
_Ask = Callable[[Client, Remote, Mapping[str, Any]], State]


def refresh(remotes: Sequence[Remote]) -> list[State | CloudNasError]:
    """What AWS knows of these jobs now, in their order; an error for each that it cannot tell.

    Each call logs in anew, so that a new login counts at once.
    """
    found: dict[int, State | CloudNasError] = {}
    groups: dict[tuple[str, str], list[int]] = {}
    for number, remote in enumerate(remotes):
        groups.setdefault((str(remote.place["region"]), str(remote.place["kind"])), []).append(number)
    clients: dict[str, Client] = {}
    for (region, _), numbers in groups.items():
        asked = [remotes[number] for number in numbers]
        try:
            if region not in clients:
                clients[region] = Client(region)
            states = _group(clients[region], asked)
        except CloudNasError as error:
            states = [error for _ in asked]
        found.update(zip(numbers, states, strict=True))
    return [found[number] for number in range(len(remotes))]


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

    return _each(look, remotes)


def _listed(client: Client, remotes: Sequence[Remote]) -> dict[str, Mapping[str, Any]]:
    """The lines of a list that are of these jobs, the newest first, until all are found or `LIST_CALLS` pages are read.

    Pages may be empty and yet not the last: AWS filters what it has cut.
    """
    kind, wanted = kind_of(remotes[0]), {remote.name for remote in remotes}
    since = [datetime.fromisoformat(remote.place["since"]) for remote in remotes if remote.place.get("since")]
    after = {"CreationTimeAfter": min(since) - _SLACK} if len(since) == len(remotes) else {}
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
    params = sent_space.values(_or_none(lambda: sent_space.space_of(client, remote, found)), strings)
    return replace(state, best=Best(state.best.trial, state.best.value, params))


def _engine(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    state = _with_study(client, remote, standing.engine(found))
    if state.state == "failed" and state.best is not None and not found.get("FailureReason"):
        return replace(state, state="succeeded", note=state.reason, reason=None)
    return state


def _with_study(client: Client, remote: Remote, state: State) -> State:
    """With what the engine last wrote of its study; a bucket that does not answer is a note."""
    try:
        study = progress(client, remote)
    except UnreachableError:
        return replace(state, note=state.note or "its study cannot be read at the moment")
    except CloudNasError as error:
        return replace(state, note=f"its study cannot be read: {error.message}")
    if study is None:
        return state
    reason = state.reason or (study.get("reason") if state.state == "failed" else None)
    seconds = study.get("seconds")
    return replace(
        state,
        trials=counts_of(study),
        best=best_of(study),
        reason=reason,
        seconds=state.seconds if seconds is None else float(seconds),
    )


def _autopilot(client: Client, remote: Remote, found: Mapping[str, Any]) -> State:
    state = standing.autopilot(found)
    try:
        listed = candidates.candidates(client, remote)
    except CloudNasError as error:
        return replace(state, note=state.note or f"its candidates cannot be listed: {error.message}")
    return replace(state, trials=candidates.counts_of(found, listed), best=candidates.best_of(found, listed))


def _or_none(ask: Callable[[], Made]) -> Made | None:
    """What is only worth having where it is at hand."""
    try:
        return ask()
    except CloudNasError:
        return None


def _each(ask: Callable[[Known], Made], things: Sequence[Known]) -> list[Made]:
    """Asks of all, some at once; of the first alone, because clients are made when they are first used, by one thread."""
    if len(things) < 2:
        return [ask(thing) for thing in things]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [ask(things[0]), *pool.map(ask, things[1:])]
