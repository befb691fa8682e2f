"""`run`: a search on this machine, in the foreground, from a spec to a trained and tested model."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.operations import _finish
from cloud_nas.operations._budget import with_budget
from cloud_nas.operations._choose import Choice, choose
from cloud_nas.operations._engine import in_our_words, require_engine
from cloud_nas.operations._interrupt import interruptible
from cloud_nas.operations._prepare import Prepared, prepare
from cloud_nas.operations._runs import LOCAL, folder_of
from cloud_nas.operations.check import look_at_model
from cloud_nas.operations.result import RunResult, result_of
from cloud_nas.operations.trials import trials_in
from cloud_nas.runs.observer import RowObserver
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import writing
from cloud_nas.spec import LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import RunsHere, Work
from local_engine.errors import EngineError
from local_engine.events import Event, Note, Observer, broadcast
from local_engine.files import write_bytes, write_json


def run(
    spec: str | os.PathLike[str] | LoadedSpec,
    *,
    max_trials: int | None = None,
    max_time: float | str | None = None,
    fresh: bool = False,
    model: Any = None,
    observers: Sequence[Observer] = (),
    profile: str | None = None,
    on: str = LOCAL,
) -> RunResult:
    """Searches, trains the best as the spec asks, and scores it once on the held-out rows.

    The same spec, code and data as before, with no larger budget, gives the finished run again and trains nothing; with a larger
    one, or after an interruption, the run goes on.

    Args:
        spec: a spec's file, or what `load` made of it.
        max_trials: the most configurations, in place of the spec's `budget.trials`.
        max_time: the longest the search may take, `"2h"` or seconds, in place of `budget.time`.
        fresh: start anew whatever was run before.
        model: a function or HyperModel in place of the one that the spec names, for notebooks.
        observers: called with each event of the search (`cloud_nas.operations.events`).
        profile: a profile of the project's or the user's configuration, where `spec` is a file.
        on: the target; one that runs here.

    Returns:
        The run. Its state is `interrupted` after a first Ctrl-C, and `succeeded` otherwise.

    Raises:
        SpecError: the spec is not valid.
        FailedError: all trials failed.
        CapError: a cap ended the search before anything was found.
        RefusedError: another process writes this run.
        UsageError: the data or the model's file do not work, or the target does not run here.
        MissingExtraError: the extra `local` is not installed.
        KeyboardInterrupt: a second Ctrl-C; the run can go on.
    """
    loaded = with_budget(spec, profile, trials=max_trials, time=max_time)
    require_engine()
    target = find(on)
    if not isinstance(target, RunsHere):
        raise UsageError(f"{on} does not run searches in the foreground", hint="cloud-nas run works at local")
    notes: list[Note] = []
    observer = broadcast(_noting(notes), *observers)
    with in_our_words(), Registry() as registry:
        search = prepare(loaded, on, model=model, note=observer)
        choice = choose(registry, search, fresh=fresh)
        test, row = _carry_out(registry, target, search, choice, observer)
    return result_of(row, test=test, reused=choice.finished, notes=tuple(note.message for note in notes))


def _carry_out(
    registry: Registry, target: RunsHere, search: Prepared, choice: Choice, observer: Observer
) -> tuple[dict[str, float] | None, RunRow]:
    """Shows a finished run again, or searches."""
    if choice.note is not None:
        observer(Note(choice.note))
    if choice.finished:
        return _finish.held_out_score(choice.row), choice.row
    _warn(search, observer)
    return _search(registry, target, search, choice, observer)


def _noting(notes: list[Note]) -> Observer:
    """Keeps the notes that are said."""

    def keep(event: Event) -> None:
        if isinstance(event, Note):
            notes.append(event)

    return keep


def _warn(search: Prepared, observer: Observer) -> None:
    """Says what `check` warns of; it does not stop the run."""
    for found in look_at_model(search.loaded, search.builder, search.data):
        observer(Note(found.message if found.hint is None else f"{found.message} ({found.hint})", found.code))


def _search(
    registry: Registry, target: RunsHere, search: Prepared, choice: Choice, observer: Observer
) -> tuple[dict[str, float] | None, RunRow]:
    """Runs the search as the only writer of its run; whatever happens, the row says it."""
    folder = folder_of(choice.row)
    with writing(folder):
        row = registry.create(choice.row) if choice.new else choice.row
        _write_intent(folder, search)
        row = registry.update(dataclasses.replace(row, state="running"))
        known = {trial.number: trial.state for trial in trials_in(folder)}
        follow = RowObserver(registry, row, search.definition.objective.goal, known)
        try:
            with interruptible(_say_interrupted(observer)) as stop:
                work = Work(search.definition, folder, broadcast(follow, observer), stop, search.data, search.builder)
                row = _finish.ended(follow.row, target.run(work))
            if row.model is not None:
                _finish.remember(registry, row)
            test = _finish.score_held_out(row, search.data) if row.state == "succeeded" else None
        except BaseException as error:
            registry.update(_broken(follow.row, error))
            raise
        row = registry.update(row)
    problem = _finish.failure(row)
    if problem is not None:
        raise problem
    return test, row


def _write_intent(folder: Path, search: Prepared) -> None:
    """What is about to be searched, beside what will come of it."""
    write_bytes(folder / "spec.yaml", search.loaded.path.read_bytes(), mode=0o600)
    write_json(folder / "definition.json", search.definition.to_json(), mode=0o600)


def _broken(row: RunRow, error: BaseException) -> RunRow:
    """The row of a run that an exception ended."""
    if isinstance(error, KeyboardInterrupt):
        return dataclasses.replace(row, state="interrupted", reason="interrupted", note="run it again to go on")
    reason = error.message if isinstance(error, EngineError) else f"{type(error).__name__}: {error}".splitlines()[0]
    return dataclasses.replace(row, state="failed", reason=reason)


def _say_interrupted(observer: Observer) -> Callable[[], None]:
    """What the first Ctrl-C says."""
    return lambda: observer(Note("stopping after this epoch; Ctrl-C again stops now, and both can go on later"))
