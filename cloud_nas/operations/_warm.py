"""`search: {warm_start: RUN}`: what another run's trials came to, for the strategy to learn from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from cloud_nas.errors import UsageError
from cloud_nas.operations._runs import folder_of, rows
from cloud_nas.operations.trials import trials_of
from cloud_nas.runs.identity import Identity
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from local_engine.definition import Definition, Prior
from local_engine.events import Note
from local_engine.files import read_json


def with_prior(
    definition: Definition, run_id: str, identity: Identity, *, fresh: bool, note: Callable[[Note], None]
) -> Definition:
    """The definition with the trials of the run `run_id` that ended with a value.

    A search that goes on learns from what it learnt from when it began, whatever became of the other run since.

    Args:
        definition: the search.
        run_id: the other run.
        identity: what makes the search the run it is, to find it by where it has begun.
        fresh: it starts anew, so what was looked up before does not count.
        note: told what the user should know of the other run.

    Raises:
        NotFoundError: there is no such run.
        UsageError: it searched for something else.
    """
    prior = None if fresh else _looked_up_before(identity)
    if prior is None:
        (row,) = rows(run_id)
        prior = _trials_of(row, definition, note)
        if row.identity.data != identity.data:
            note(Note(f"{run_id} searched other data, so its values may not compare with those of this search"))
    return dataclasses.replace(definition, search=dataclasses.replace(definition.search, prior=prior))


def _looked_up_before(identity: Identity) -> tuple[Prior, ...] | None:
    """What the run of this identity began from; None where there is none yet."""
    with Registry() as registry:
        same = registry.rows(identity=identity.sha256())
    begun = _definition_in(folder_of(same[0])) if same else None
    return None if begun is None else begun.search.prior


def _trials_of(row: RunRow, definition: Definition, note: Callable[[Note], None]) -> tuple[Prior, ...]:
    """What the trials of another run came to, by number; those that still train are not counted."""
    folder = folder_of(row)
    theirs = _definition_in(folder)
    if theirs is None:
        raise UsageError(f"{row.run_id} has not begun to search, so there is nothing to begin from", hint="leave warm_start out")
    if theirs.objective != definition.objective:
        ours, other = (f"{one.objective.goal} {one.objective.metric}" for one in (definition, theirs))
        hint = "a strategy learns from values of the same metric and goal"
        raise UsageError(f"{row.run_id} was to {other}, this search is to {ours}", hint=hint)
    ended = [trial for trial in trials_of(row) if trial.state in ("done", "pruned") and trial.value is not None]
    if not ended:
        note(Note(f"{row.run_id} has no trial with a value yet, so there is nothing to learn from"))
    return tuple(Prior(trial.params, trial.value) for trial in ended if trial.value is not None)


def _definition_in(folder: Path) -> Definition | None:
    """What the run in `folder` searches; None where it has not begun."""
    path = folder / "definition.json"
    return Definition.from_json(read_json(path)) if path.is_file() else None
