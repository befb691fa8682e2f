"""The loop of a search: ask, train, tell; ended by its strategy, a cap, the caller, or the same failure three times in a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import files
from local_engine.definition import Definition
from local_engine.errors import TrialError
from local_engine.events import Event, FinalStarted, Note, Observer, SearchEnded, SearchStarted, TrialEnded, TrialStarted
from local_engine.search.keeping import tidy
from local_engine.search.outcome import COMPLETE, Outcome
from local_engine.search.spending import Spending
from local_engine.search.turns import InlineTrainer, Trainer, Watch

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder
    from local_engine.study import Study, StudyTrial, TrialRecord
    from local_engine.training import Artifact

STUDY = "study.sqlite3"
TRIALS = "trials"
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
        stop: asked after each epoch; a text ends the search there, without a final model, to be gone on with later.

    Returns:
        How it ended. `model` is None after `stop`, and where no trial has a value.

    Raises:
        EngineError: the data, the user's file, the strategy or the storage cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files.write_json(folder / "definition.json", definition.to_json())
    if data is None:
        from local_engine.data import load

        data = load(definition.data, definition.task, note=observer)
    builder = builder if builder is not None else _load_builder(definition, data)
    with _opened(definition, folder, builder) as study:
        return _Search(definition, folder, observer, builder, data, stop, study).run()


class _Search:
    """One attempt at a search."""

    def __init__(
        self,
        definition: Definition,
        folder: Path,
        observer: Observer,
        builder: Builder,
        data: Dataset,
        stop: Callable[[], str | None],
        study: Study,
    ) -> None:
        self._definition = definition
        self._folder = folder
        self._tell: Observer = observer
        self._builder = builder
        self._data = data
        self._stop = stop
        self._study = study
        self._trainer: Trainer = InlineTrainer(definition, data, builder, folder / TRIALS)
        self._spending = Spending(folder, definition.budget, [(one.number, one.epochs) for one in study.trials])
        self._stopped: str | None = None  # what `stop` said
        self._cut: TrialRecord | None = None  # a trial that a cap ended before its turn was over
        self._failures: list[str] = []  # reasons of the last failures in a row

    def run(self) -> Outcome:
        """Trains until there is a reason to end, then makes the best."""
        self._announce()
        reason = self._train_all()
        best, model = self._best(), None
        if self._stopped is None and best is not None:
            model = self._finish(best)
            tidy(self._folder / TRIALS, self._study.trials, self._definition.final.keep, self._definition.objective.goal)
        return self._outcome(best, model, reason)

    def _announce(self) -> None:
        expected, budget = self._study.expectation, self._definition.budget
        known = [epochs for epochs in (expected.epochs, budget.epochs) if epochs is not None]
        names = tuple(dict.fromkeys(parameter.name for parameter in self._study.space.parameters))
        self._tell(SearchStarted(expected.trials, min(known) if known else None, budget.seconds, names))

    def _train_all(self) -> str:
        """Turns until there are no more; gives the reason why."""
        unfinished = list(self._study.running)
        while True:
            spent = self._stop_said() or self._spending.all_spent()
            if spent is not None:
                return spent
            trial = unfinished.pop(0) if unfinished else self._study.ask()
            if trial is None:
                return COMPLETE
            reason = self._turn(trial)
            if reason is not None:
                return reason

    def _turn(self, trial: StudyTrial) -> str | None:
        """Trains one turn and tells the study; gives a reason to end the search, or None."""
        epochs = trial.epochs if trial.epochs is not None else self._definition.train.epochs
        self._tell(TrialStarted(trial.number, trial.params, epochs, trial.first_epoch))
        self._spending.begin()
        before = self._spending.seconds
        watch = Watch(trial.number, self._tell, self._spending, self._stop_said)
        try:
            artifact = self._trainer.train(trial, self._study.space, watch)
        except TrialError as error:
            return self._failed(trial, error, self._spending.seconds - before)
        if watch.stopped is not None and artifact.stopped == watch.stopped and artifact.epochs < epochs:
            return self._cut_short(trial, artifact, watch.stopped)
        self._failures.clear()
        self._study.tell(
            trial,
            artifact.value,
            params=artifact.params,
            space=artifact.space,
            epochs=artifact.epochs,
            seconds=artifact.seconds,
        )
        self._ended(TrialEnded(trial.number, "done", artifact.value, artifact.params, artifact.epochs, artifact.seconds))
        return None

    def _failed(self, trial: StudyTrial, error: TrialError, seconds: float) -> str | None:
        reason = error.reason if error.where is None else f"{error.reason} ({error.where})"
        epochs = self._spending.trained(trial.number)
        self._study.tell(trial, state="failed", reason=reason, epochs=epochs, seconds=seconds)
        self._ended(TrialEnded(trial.number, "failed", None, trial.params, epochs, seconds, reason))
        self._failures = [*self._failures, reason] if reason in self._failures[-1:] else [reason]
        return reason if len(self._failures) >= FAILURES_IN_A_ROW else None

    def _cut_short(self, trial: StudyTrial, artifact: Artifact, reason: str) -> str:
        """The turn stays open in the study, so that the trial can go on; what it reached so far counts for the best."""
        record = self._study.trials[trial.number]
        self._cut = dataclasses.replace(record, value=artifact.value, params=artifact.params, epochs=artifact.epochs)
        ended = TrialEnded(trial.number, "running", artifact.value, artifact.params, artifact.epochs, artifact.seconds, reason)
        self._ended(ended)
        return reason

    def _ended(self, event: Event) -> None:
        self._spending.note()
        self._tell(event)

    def _stop_said(self) -> str | None:
        self._stopped = self._stopped or self._stop()
        return self._stopped

    def _best(self) -> TrialRecord | None:
        best, cut = self._study.best, self._cut
        if best is None or best.value is None or cut is None or cut.value is None:
            return best if cut is None or cut.value is None else cut
        sign = 1.0 if self._definition.objective.goal == "maximize" else -1.0
        return cut if sign * cut.value > sign * best.value else best

    def _finish(self, best: TrialRecord) -> Path | None:
        """The final artifact's folder; where the final fit fails, the trial's own model is taken, and said."""
        from local_engine.training import SilentObserver, finish
        from local_engine.training.manifest import read

        source = self._folder / TRIALS / str(best.number)
        keep = self._definition.final.fit == "keep"
        epochs = 0 if keep else files.read_json(source / "metrics.json")["best_epoch"]
        rows = self._data.train.n + (0 if keep else self._data.validation.n)
        self._tell(FinalStarted(best.number, epochs, rows))
        seed = read(source)["seed"]

        def make(definition: Definition) -> Artifact:
            return finish(
                definition,
                best.params,
                self._data,
                SilentObserver(),
                source=source,
                folder=self._folder / MODEL,
                builder=self._builder,
                seed=seed,
                space=self._study.space,
            )

        try:
            return make(self._definition).folder
        except TrialError as error:
            if keep:
                raise
            self._tell(Note(f"the final fit failed ({error.reason}); the trial's own model is kept"))
            kept = dataclasses.replace(self._definition.final, fit="keep")
            return make(dataclasses.replace(self._definition, final=kept)).folder

    def _outcome(self, best: TrialRecord | None, model: Path | None, reason: str) -> Outcome:
        states = [record.state for record in self._study.trials]
        seconds = self._spending.told
        self._tell(SearchEnded(None if best is None else best.number, None if best is None else best.value, seconds, reason))
        counts = {state: states.count(state) for state in ("done", "failed", "pruned")}
        return Outcome(best, **counts, total=len(states), seconds=seconds, model=model, reason=reason)


def _load_builder(definition: Definition, data: Dataset) -> Builder:
    from local_engine.space.builder import DataShape, load_builder

    root = None if definition.code.root is None else Path(definition.code.root)
    return load_builder(definition.space, shape=DataShape(data.input_shape, data.num_classes), root=root)


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
            **definition.search.options,
        )
    with study:
        yield study
