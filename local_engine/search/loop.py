"""The loop of a search: ask, train, tell; ended by its strategy, a cap, the caller, or the same failure three times in a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import files
from local_engine.definition import Definition
from local_engine.errors import TrialError
from local_engine.events import (
    Event,
    FinalStarted,
    Note,
    Observer,
    SearchEnded,
    SearchStarted,
    TrialEnded,
    TrialStarted,
    TrialState,
)
from local_engine.search import crews, room
from local_engine.search.alone import alone
from local_engine.search.code import CODE, contents_of
from local_engine.search.crews import TRIALS
from local_engine.search.keeping import Keeping
from local_engine.search.outcome import COMPLETE, Outcome
from local_engine.search.spending import Spending
from local_engine.search.turns import Crew, FinalOrder, Result, turn_epochs
from local_engine.search.watching import SearchWatch
from local_engine.space import frozen
from local_engine.strategies.prior import fitting
from local_engine.training.contract import TIME
from local_engine.workers import gpus as gpus_of_this_machine

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.study import Study, StudyTrial, TrialRecord

STUDY = "study.sqlite3"
MODEL = "model"
FAILURES_IN_A_ROW = 3


def search(
    definition: Definition,
    *,
    folder: Path,
    observer: Observer = lambda event: None,
    builder: Builder | None = None,
    data: Dataset | None = None,
    stop: Callable[[], str | None] = lambda: None,
    until: Callable[[], str | None] = lambda: None,
    parallel: int | None = 0,
    gpus: Sequence[str] | None = None,
) -> Outcome:
    """Searches, or goes on with the search in `folder`; then makes the best and scores it on the held-out rows.

    The same definition gives the same numbers, bit for bit on CPU. A search that was stopped, or killed, goes on where it was: a
    finished trial is never repeated, an unfinished one goes on from its last checkpoint.

    Args:
        definition: what to search.
        folder: the run's own; made where it is not there.
        observer: told all that happens.
        builder: the user's function, where it is loaded already or in no file.
        data: the data, where they are loaded already.
        stop: asked after each epoch, and between; a text ends the search there, without a final model, to be gone on with
            later. A true attribute `hurry` of it: within seconds.
        until: asked as `stop` is; a text ends the training as the end of the budget's time does, and the best is made.
        parallel: how many workers train, processes that outlive a trial; None: as many as fit this machine; 0: none, this
            process trains.
        gpus: which GPUs the workers may use, by index or UUID; None: all there are; (): none.

    Returns:
        How it ended. `model` is None after `stop`, and where no trial has a value.

    Raises:
        EngineError: the data, the user's file, the strategy or the storage cannot be used, or workers cannot start.
        DiskError: there is no room, before anything is trained or in the middle; the search can go on later.
    """
    if parallel != 0:
        gpus_of_this_machine.hide()
    room.check(folder)
    with room.told(folder), alone(folder) as lock:
        files.write_json(folder / "definition.json", definition.to_json())
        if data is None:
            from local_engine.data import load

            data = load(definition.data, definition.task, note=observer)
        if builder is None:
            from local_engine.space.builder import builder_of

            builder = builder_of(definition, data)
        frozen.keep(folder / CODE, contents_of(definition, builder))
        with _opened(definition, folder, builder) as study:
            making = crews.Making(definition, folder, data, builder, observer, lock, study.expectation.trials)
            with crews.crew(making, parallel, gpus) as crew:
                run = _Search(definition, folder, observer, stop, until, study, crew)
                return run.run(data.train.n, data.train.n + data.validation.n)


class _Search:
    """One attempt at a search."""

    def __init__(
        self,
        definition: Definition,
        folder: Path,
        observer: Observer,
        stop: Callable[[], str | None],
        until: Callable[[], str | None],
        study: Study,
        crew: Crew,
    ) -> None:
        self._definition = definition
        self._folder = folder
        self._tell: Observer = observer
        self._study = study
        self._crew = crew
        trained = [(one.number, one.epochs) for one in study.trials]
        self._spending = Spending(folder, definition.budget, trained, until=until)
        self._watch = SearchWatch(study, observer, self._spending, stop)
        self._keeping = Keeping(folder / TRIALS, definition.final.keep, definition.objective.goal)
        self._cut: dict[int, TrialRecord] = {}  # trials whose turn was ended before it was over
        self._failures: list[str] = []  # reasons of the last failures in a row

    def run(self, rows: int, refit_rows: int) -> Outcome:
        """Trains until there is a reason to end, then makes the best of `refit_rows` rows, or keeps that of `rows`."""
        self._announce()
        reason = self._train_all()
        best, model = self._best(), None
        if self._watch.said is None and best is not None:
            model = self._finish(best, rows if self._definition.final.fit == "keep" else refit_rows)
            self._keeping.tidy(self._study.trials)
        return self._outcome(best, model, reason)

    def _announce(self) -> None:
        expected, budget = self._study.expectation, self._definition.budget
        known = [epochs for epochs in (expected.epochs, budget.epochs) if epochs is not None]
        names = tuple(dict.fromkeys(parameter.name for parameter in self._study.space.parameters))
        self._tell(SearchStarted(expected.trials, min(known) if known else None, budget.seconds, names, self._crew.size))
        prior = self._study.settings.prior
        if prior:
            left_out = len(prior) - len(fitting(self._study.space, prior))
            more = f" ({left_out} outside this space)" if left_out else ""
            self._tell(Note(f"it learns from {len(prior) - left_out} trials of another run{more}"))

    def _train_all(self) -> str:
        """Turns until there are no more; gives the reason why."""
        unfinished = list(self._study.running)
        while True:
            over = self._start_turns(unfinished)
            if not self._crew.busy:
                return over or COMPLETE
            for result in self._crew.wait(self._watch):
                reason = self._ended(result)
                self._watch.ending = self._watch.ending or reason

    def _start_turns(self, unfinished: list[StudyTrial]) -> str | None:
        """Gives the crew all that it has room for; a reason where no turn is to be started any more."""
        while self._crew.has_room:
            verdict = self._watch.may_go_on(self._crew.training)
            if verdict.stop is not None or verdict.wait:
                return verdict.stop
            trial = unfinished.pop(0) if unfinished else self._study.ask()
            if trial is None:
                return None
            epochs = turn_epochs(trial, self._definition)
            self._tell(TrialStarted(trial.number, trial.params, epochs, trial.first_epoch))
            self._crew.start(trial, self._study.space)
        return None

    def _ended(self, result: Result) -> str | None:
        """Tells the study how a turn ended; gives a reason to end the search, or None."""
        trial, artifact = result.trial, result.artifact
        if result.halted is not None:
            self._cut_short(result, result.halted)
            return None
        self._watch.report(trial.number)
        if result.error is not None:
            return self._failed(trial, result.error, result.seconds)
        assert artifact is not None
        self._failures.clear()
        late = artifact.stopped == TIME
        self._study.tell(
            trial,
            artifact.value,
            state="pruned" if late else "done",
            reason=TIME if late else None,
            params=artifact.params,
            space=artifact.space,
            epochs=artifact.epochs,
            seconds=artifact.seconds,
        )
        state: TrialState = "pruned" if late else "done"
        self._said(TrialEnded(trial.number, state, artifact.value, artifact.params, artifact.epochs, artifact.seconds))
        self._keeping.tidy(self._study.trials)
        return None

    def _failed(self, trial: StudyTrial, error: TrialError, seconds: float) -> str | None:
        reason = error.reason if error.where is None else f"{error.reason} ({error.where})"
        epochs = self._spending.trained(trial.number)
        self._study.tell(trial, state="failed", reason=reason, epochs=epochs, seconds=seconds)
        self._said(TrialEnded(trial.number, "failed", None, trial.params, epochs, seconds, reason))
        self._failures = [*self._failures, reason] if reason in self._failures[-1:] else [reason]
        return reason if len(self._failures) >= FAILURES_IN_A_ROW else None

    def _cut_short(self, result: Result, reason: str) -> None:
        """The turn stays open in the study, so that the trial can go on; what it reached so far counts for the best."""
        trial, artifact = result.trial, result.artifact
        record = self._study.trials[trial.number]
        if artifact is not None:
            record = dataclasses.replace(record, value=artifact.value, params=artifact.params, epochs=artifact.epochs)
        self._cut[trial.number] = record
        seconds = result.seconds if artifact is None else artifact.seconds
        self._said(TrialEnded(trial.number, "running", record.value, record.params, record.epochs, seconds, reason))

    def _said(self, event: Event) -> None:
        self._spending.note()
        self._tell(event)

    def _best(self) -> TrialRecord | None:
        """The best trial; one that a cap cut short counts with what it reached."""
        found = self._study.best
        for cut in self._cut.values():
            if cut.value is not None and (found is None or found.value is None or self._is_better(cut.value, found.value)):
                found = cut
        return found

    def _is_better(self, value: float, than: float) -> bool:
        return value > than if self._definition.objective.goal == "maximize" else value < than

    def _finish(self, best: TrialRecord, rows: int) -> Path | None:
        """The final artifact's folder; where the final fit fails, the trial's own model is taken, and said."""
        from local_engine.training.manifest import read

        source = self._folder / TRIALS / str(best.number)
        keep = self._definition.final.fit == "keep"
        epochs = 0 if keep else files.read_json(source / "metrics.json")["best_epoch"]
        self._tell(FinalStarted(best.number, epochs, rows))
        order = FinalOrder(self._definition, best.params, read(source)["seed"], self._study.space, source, self._folder / MODEL)
        try:
            return self._crew.finish(order).folder
        except TrialError as error:
            if keep:
                raise
            self._tell(Note(f"the final fit failed ({error.reason}); the trial's own model is kept"))
            kept = dataclasses.replace(self._definition, final=dataclasses.replace(self._definition.final, fit="keep"))
            return self._crew.finish(dataclasses.replace(order, definition=kept)).folder

    def _outcome(self, best: TrialRecord | None, model: Path | None, reason: str) -> Outcome:
        states = [record.state for record in self._study.trials]
        seconds = self._spending.told
        self._tell(SearchEnded(None if best is None else best.number, None if best is None else best.value, seconds, reason))
        counts = {state: states.count(state) for state in ("done", "failed", "pruned")}
        return Outcome(best, **counts, total=len(states), seconds=seconds, model=model, reason=reason)


@contextmanager
def _opened(definition: Definition, folder: Path, builder: Builder) -> Iterator[Study]:
    """The study in `folder`, its cap on trials as the budget now has it; a new one where there is none."""
    from local_engine.space.discovery import discover
    from local_engine.strategies.options import default_trials
    from local_engine.study import Study

    budget = definition.budget
    capped = any(cap is not None for cap in (budget.trials, budget.epochs, budget.seconds))
    trials = budget.trials if capped else default_trials(definition.search.strategy)
    path = folder / STUDY
    if path.exists():
        study = Study.open(path)
        study.limit(trials)
    else:
        study = Study(
            discover(builder),
            definition.search.strategy,
            definition.objective.goal,
            definition.search.seed,
            path,
            trials=trials,
            max_epochs=definition.train.epochs,
            prior=definition.search.prior,
            **definition.search.options,
        )
    with study:
        yield study
