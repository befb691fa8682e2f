"""Looking at many jobs at once, whatever cloud they are in: a group a place, and what is asked of each, some at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from cloud_nas.errors import CloudNasError, UnreachableError
from cloud_nas.states import LIVE
from cloud_nas.targets.remote import Remote, State
from cloud_nas.targets.study import best_of, counts_of

FEW = 4
"""Jobs of a kind that are described one by one; more are looked up in a list first."""

LIST_CALLS = 10
"""Pages of a list that are read at most, for one kind of job; what is not in them is described."""

_AT_ONCE = 8
_SLACK = timedelta(hours=1)  # by which this machine's clock may be ahead

Asked = TypeVar("Asked")
Known = TypeVar("Known")
Made = TypeVar("Made")
Place = TypeVar("Place", bound=Hashable)


def by_place(
    remotes: Sequence[Remote],
    place_of: Callable[[Remote], Place],
    client_of: Callable[[Remote], Asked],
    look: Callable[[Asked, Sequence[Remote]], list[State | CloudNasError]],
) -> list[State | CloudNasError]:
    """What is known of jobs, in their order; an error for each that cannot be told.

    Args:
        remotes: the jobs.
        place_of: what jobs share that one client can ask for.
        client_of: makes that client; each call makes it anew, so that a new login counts at once.
        look: looks at jobs of one kind in one place.
    """
    groups: dict[tuple[Place, str], list[int]] = {}
    for number, remote in enumerate(remotes):
        groups.setdefault((place_of(remote), str(remote.place["kind"])), []).append(number)
    found: dict[int, State | CloudNasError] = {}
    clients: dict[Place, Asked] = {}
    for (place, _), numbers in groups.items():
        asked = [remotes[number] for number in numbers]
        try:
            if place not in clients:
                clients[place] = client_of(asked[0])
            states = look(clients[place], asked)
        except CloudNasError as error:
            states = [error for _ in asked]
        found.update(zip(numbers, states, strict=True))
    return [found[number] for number in range(len(remotes))]


def since_of(remotes: Sequence[Remote]) -> datetime | None:
    """From when on all these jobs were made; None where that is not known of one."""
    since = [datetime.fromisoformat(remote.place["since"]) for remote in remotes if remote.place.get("since")]
    return min(since) - _SLACK if len(since) == len(remotes) else None


def with_study(state: State, read: Callable[[], Mapping[str, Any] | None]) -> State:
    """With what the engine last wrote of its study; a bucket that does not answer is a note.

    Args:
        state: of the job that the engine runs in.
        read: gives the study.

    Raises:
        UnreachableError: the bucket does not answer, and the job has ended: nobody asks again once that is known.
    """
    try:
        study = read()
    except UnreachableError:
        if state.state not in LIVE:
            raise
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


def or_none(ask: Callable[[], Made]) -> Made | None:
    """What is only worth having where it is at hand."""
    try:
        return ask()
    except CloudNasError:
        return None


def states_of(look: Callable[[Remote], State | CloudNasError], remotes: Sequence[Remote]) -> list[State | CloudNasError]:
    """What a look at each of these jobs gives.

    One job that does not answer hides no other; where nobody answers for two, the others would be waited for as long in vain.
    """
    asked = each(look, remotes[:2])
    rest = remotes[2:]
    if all(isinstance(answer, UnreachableError) for answer in asked):
        return [*asked, *(asked[-1] for _ in rest)]
    return [*asked, *each(look, rest)]


def each(ask: Callable[[Known], Made], things: Sequence[Known]) -> list[Made]:
    """Asks of all, some at once; of the first alone, because clients are made when they are first used, by one thread."""
    if len(things) < 2:
        return [ask(thing) for thing in things]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [ask(things[0]), *pool.map(ask, things[1:])]
