"""One attempt at a run: the search under its lock, and the row that says in the end how it went, whatever happened."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from cloud_nas.errors import RefusedError, UsageError, from_engine
from cloud_nas.operations import _finish
from cloud_nas.operations._choose import Choice, claimed
from cloud_nas.operations._engine import in_our_words, require_engine
from cloud_nas.operations._interrupt import Stop, interruptible
from cloud_nas.operations._prepare import Prepared, prepare
from cloud_nas.operations._runs import folder_of
from cloud_nas.operations._workers import leave_gpus_to_workers, workers
from cloud_nas.operations.check import look_at_model
from cloud_nas.operations.result import RunResult, result_of
from cloud_nas.operations.trials import trials_in
from cloud_nas.runs.cancelling import is_asked
from cloud_nas.runs.journal import Journal, journal
from cloud_nas.runs.observer import RowObserver
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.spec import LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import RunsHere, Work
from local_engine.errors import DiskError, EngineError
from local_engine.events import Event, Note, Observer, broadcast
from local_engine.files import write_bytes, write_json


@dataclass(frozen=True)
class Order:
    """What is to be run here, and how: as `run` has it."""

    loaded: LoadedSpec
    on: str
    fresh: bool = False
    parallel: int | None = None
    gpus: tuple[str, ...] | None = None


def carry_out(
    order: Order,
    *,
    model: Any = None,
    observers: Sequence[Observer] = (),
    begun: Callable[[RunRow], None] = lambda row: None,
) -> RunResult:
    """Searches, or shows the finished run again.

    Args:
        order: what to run.
        model: a function in place of the one that the spec names.
        observers: called with each event.
        begun: called once this process holds the run and its row says so, before anything is trained.

    Raises:
        CloudNasError: as `run` has it.
        KeyboardInterrupt: a second Ctrl-C; the run can go on.
    """
    require_engine()
    target = find(order.on)
    if not isinstance(target, RunsHere):
        raise UsageError(f"{order.on} does not run searches in the foreground", hint="cloud-nas run works at local")
    crew = workers(order.parallel, model)
    if crew != 0:
        leave_gpus_to_workers(order.gpus)
    notes: list[Note] = []
    observer = broadcast(_noting(notes), *observers)
    with in_our_words(), Registry() as registry:
        search = prepare(order.loaded, order.on, model=model, fresh=order.fresh, note=observer)
        with claimed(registry, search, fresh=order.fresh) as choice:
            if choice.note is not None:
                observer(Note(choice.note))
            if choice.finished:
                begun(choice.row)
                test, row = _finish.held_out_score(choice.row), choice.row
            else:
                work = partial(Work, search.definition, data=search.data, builder=search.builder, parallel=crew, gpus=order.gpus)
                test, row = _Attempt(registry, choice, search, target).run(work, observer, notes, begun)
    return result_of(row, test=test, reused=choice.finished, notes=tuple(note.message for note in notes))


class _Attempt:
    """The search of a run that this process holds."""

    def __init__(self, registry: Registry, choice: Choice, search: Prepared, target: RunsHere) -> None:
        assert choice.holder is not None, "a run that is not finished is held"
        self._registry = registry
        self._choice = choice
        self._search = search
        self._target = target
        self._folder = folder_of(choice.row)
        self._stop = Stop(partial(is_asked, self._folder, choice.holder))

    def run(
        self, work: Callable[..., Work], observer: Observer, notes: Sequence[Note], begun: Callable[[RunRow], None]
    ) -> tuple[dict[str, float] | None, RunRow]:
        """Searches and scores the best; gives the score on the held-out rows, and the row.

        Raises:
            CloudNasError: the search found nothing, was cancelled, or could not go on.
        """
        row = self._choice.row
        known = {trial.number: trial.state for trial in trials_in(self._folder)}
        goal = self._search.definition.objective.goal
        follow = RowObserver(self._registry, row, goal, known, lambda: self._stop.reason is not None)
        with self._recorded(follow), interruptible(self._stop, lambda text: observer(Note(text))):
            with self._opened() as keep:
                for note in notes:
                    keep(note)
                observer = broadcast(keep, self._stop.observe, follow, observer)
                begun(row)
                self._warn(observer)
                outcome = self._target.run(work(folder=self._folder, observer=observer, stop=self._stop))
            row = _finish.ended(follow.row, outcome, self._stop)
            if row.model is not None:
                _finish.remember(self._registry, row)
            test = _finish.score_held_out(row, self._search.data) if row.state == "succeeded" else None
            row = self._registry.update(row)
        problem = _finish.failure(row)
        if problem is not None:
            raise problem
        return test, row

    @contextmanager
    def _opened(self) -> Iterator[Journal]:
        """The journal; and beside it what is about to be searched."""
        write_bytes(self._folder / "spec.yaml", self._search.loaded.path.read_bytes(), mode=0o600)
        write_json(self._folder / "definition.json", self._search.definition.to_json(), mode=0o600)
        with journal(self._folder) as keep:
            yield keep

    @contextmanager
    def _recorded(self, follow: RowObserver) -> Iterator[None]:
        """Sees to it that the row says how the attempt ended, if the block does not come to its end.

        Raises:
            RefusedError: the disk had no room before anything was trained; the registry is then as it was.
        """
        from local_engine.search.room import told

        try:
            with told(self._folder):
                yield
        except DiskError as error:
            if not follow.begun:
                self._take_back()
                raise RefusedError(error.message, hint=error.hint, code="CN608", where=error.where) from error
            row = dataclasses.replace(follow.row, state="interrupted", reason=error.message, note="make room, and run it again")
            self._write(row)
            raise from_engine(error) from error
        except KeyboardInterrupt as interrupt:
            row = _finish.stopped(follow.row, self._stop)
            self._write(row)
            raise _finish.failure(row) or interrupt from None
        except BaseException as error:
            reason = error.message if isinstance(error, EngineError) else f"{type(error).__name__}: {error}".splitlines()[0]
            self._write(dataclasses.replace(follow.row, state="failed", reason=reason))
            raise

    def _write(self, row: RunRow) -> None:
        """Writes the row where that is possible: what happened first is what the user has to know."""
        with suppress(RefusedError):
            self._registry.update(row)

    def _take_back(self) -> None:
        """Leaves the registry as it was before the run was claimed."""
        before = self._choice.before
        with suppress(RefusedError):
            if before is None:
                self._registry.delete(self._choice.row.run_id)
            else:
                self._registry.update(before)

    def _warn(self, observer: Observer) -> None:
        """Says what `check` warns of; it does not stop the run."""
        search = self._search
        for found in look_at_model(search.loaded, search.builder, search.data):
            observer(Note(found.message if found.hint is None else f"{found.message} ({found.hint})", found.code))


def _noting(notes: list[Note]) -> Observer:
    """Keeps the notes that are said."""

    def keep(event: Event) -> None:
        if isinstance(event, Note):
            notes.append(event)

    return keep
