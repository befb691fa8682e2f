"""Ask and tell: a study proposes configurations, is told what came of them, and keeps both in its storage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from local_engine.definition import Goal, Prior, Value
from local_engine.errors import StrategyError
from local_engine.seeds import derive
from local_engine.strategies import create
from local_engine.strategies.base import Configuration, Expectation, Promotion, Strategy, StudyView
from local_engine.strategies.options import LEARNING
from local_engine.study.records import StudySettings, TrialRecord, better
from local_engine.study.storage import StudyStorage
from local_engine.study.trial import StudyTrial
from local_engine.study.turns import Told, Turn, ended, plain

if TYPE_CHECKING:
    from local_engine.space.flat import Space


class Study:
    """A search over a space, for any objective.

    Its storage is the truth: every call reads it, and what an ask returns depends on the seed, the trial's number and what was
    told before, and on nothing else. So a study that is closed, or killed, and opened again goes on as an undisturbed one. A
    tell is one transaction. Threads may share a study, processes its storage; SQLite serves the processes of one machine.

        study = Study(Space.from_choices({"x": [1, 2, 3]}), seed=1)
        while (trial := study.ask()) is not None:
            study.tell(trial, objective(trial.params))
        study.best.params
    """

    def __init__(
        self,
        space: Space,
        strategy: str | Strategy = "random",
        goal: Goal = "maximize",
        seed: int = 0,
        storage: str | Path | None = None,
        *,
        name: str = "study",
        trials: int | None = None,
        max_epochs: int | None = None,
        prior: Sequence[Prior] = (),
        **options: Any,
    ) -> None:
        """Makes a new study; `Study.open` goes on with one.

        Args:
            space: what is known of the search space; tells may add to it.
            strategy: its name, or a strategy of one's own (which takes no `options` here).
            goal: `maximize` or `minimize`.
            seed: what every choice derives from.
            storage: None for memory, the path of an SQLite file, or a URL (`sqlite:///study.sqlite3`, `postgresql://...`).
            name: the study's name in its storage.
            trials: the most configurations it makes; None: as many as the strategy has.
            max_epochs: the most epochs a trial trains; hyperband needs it.
            prior: what trials of another study came to, for a strategy that learns from results.
            **options: the strategy's, as under `search:` in a spec.

        Raises:
            StrategyError: no such strategy or option, one out of bounds, or a prior for a strategy that does not learn.
            StorageError: the storage cannot be opened, or has a study of that name.
            MissingDependencyError: the strategy needs a package that is not installed.
        """
        if goal not in ("maximize", "minimize"):
            raise StrategyError(f"goal must be maximize or minimize, not {goal!r}")
        self._strategy = _strategy(strategy, options)
        known = _prior(self._strategy, prior)
        settings = StudySettings(self._strategy.name, self._strategy.options, goal, seed, _cap(trials), max_epochs, known)
        self._strategy.check(settings)
        self._storage = StudyStorage.create(storage, name, settings, space)
        self._waiting = False

    @classmethod
    def open(cls, storage: str | Path, name: str = "study", *, strategy: Strategy | None = None) -> Study:
        """Goes on with the study `name` in `storage`.

        Args:
            storage: as for a new study.
            name: the study's name.
            strategy: where the study was made with a strategy of one's own, one with the same options.

        Raises:
            StorageError: there is none, or a newer version wrote it.
            StrategyError: its strategy is not known here.
        """
        study = cls.__new__(cls)
        study._storage, settings = StudyStorage.open(storage, name)
        study._waiting = False
        try:
            study._strategy = strategy or create(settings.strategy, settings.options)
            study._strategy.check(settings)
        except BaseException:
            study.close()
            raise
        return study

    def ask(self) -> StudyTrial | None:
        """The next turn to train: a new trial, or one that was promoted.

        Returns:
            None where there is nothing: `waiting` is true where the next tell may bring more, false where the study is over.
        """
        with self._storage.transaction():
            view = self._view()
            proposal = self._strategy.propose(view)
            self._waiting = False
            if isinstance(proposal, Configuration):
                params = {name: plain(value) for name, value in proposal.params.items()}
                record = TrialRecord(view.number, "running", None, params, target=proposal.epochs)
                self._storage.add(record, view.space)
            elif isinstance(proposal, Promotion):
                record = replace(view.records[proposal.number], target=proposal.epochs, turn_over=False)
                self._storage.update(record, view.space)
            else:
                self._settle(view)
                self._waiting = proposal.waiting
                return None
            return self._turn(record, view.settings)

    @property
    def waiting(self) -> bool:
        """Whether the last ask gave nothing only because it depends on trials that are still running."""
        return self._waiting

    def tell(
        self,
        trial: StudyTrial | int,
        value: float | None = None,
        *,
        state: Told = "done",
        reason: str | None = None,
        params: Mapping[str, Value] | None = None,
        space: Space | None = None,
        epochs: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Ends the turn of a trial.

        Args:
            trial: what `ask` returned, or its number.
            value: the objective, the best over the trial's epochs so far. One that is not finite makes the trial a failed one.
            state: `done`; `pruned` with the value so far, if there is one; `failed` or `preempted` with a reason.
            reason: one line, the same for failures of the same kind.
            params: name -> value of all hyperparameters that building the trial asked for. New names join the trial; those asked
                with stay as they were.
            space: the space that building discovered; what is new in it joins the study's.
            epochs: how many it has trained in all; None: as many as the turn was to reach.
            seconds: how long this turn took.

        Raises:
            ValueError: the trial is not running, or `done` has no value.
        """
        with self._storage.transaction():
            view = self._view()
            number = trial if isinstance(trial, int) else trial.number
            if not 0 <= number < len(view.records) or not view.records[number].in_flight:
                raise ValueError(f"trial {number} is not running")
            if state == "done" and value is None:
                raise ValueError(f"trial {number} is done without a value")
            grown = view.space if space is None else view.space.merge(space)
            if grown != view.space:
                self._storage.write_space(grown)
            turn = Turn(value, state, reason, params or {}, epochs, seconds or 0.0)
            record = ended(view.records[number], turn, grown, view.goal, self._strategy.uses_rungs)
            self._storage.update(record, grown)
            self._settle(self._view())

    def report(self, number: int, points: Mapping[int, float]) -> None:
        """Keeps points of the learning curve of a running trial, by epoch, in one transaction; see `StudyTrial.report`."""
        self._storage.report(number, points)

    def limit(self, trials: int | None) -> None:
        """Changes the cap on configurations; a study that was over for its sake goes on when it is raised."""
        with self._storage.transaction():
            self._storage.write_settings(replace(self._view().settings, trials=_cap(trials)))

    @property
    def running(self) -> list[StudyTrial]:
        """Turns asked for and not told: what a search that was interrupted trains first, before it asks."""
        view = self._view()
        return [self._turn(record, view.settings) for record in view.records if record.in_flight]

    @property
    def trials(self) -> list[TrialRecord]:
        """All trials by number. One that waits at a rung which will not be filled is shown as pruned."""
        view = self._view()
        stranded = self._strategy.stranded(view)
        reason = "its rung was not filled"
        return [
            replace(record, state="pruned", reason=reason) if record.number in stranded else record for record in view.records
        ]

    @property
    def best(self) -> TrialRecord | None:
        """The trial with the best value (done, pruned or waiting at a rung), the first of equal ones; None where none has one."""
        view = self._view()
        best: TrialRecord | None = None
        for record in view.records:
            if record.counts and (best is None or better(view.goal, _value(record), _value(best))):
                best = record
        return best

    @property
    def space(self) -> Space:
        """The search space as far as it is known."""
        return self._view().space

    @property
    def settings(self) -> StudySettings:
        """What the study was made with, and its present cap."""
        return self._view().settings

    @property
    def expectation(self) -> Expectation:
        """How many configurations and epochs the whole study takes, where that can be said before; else None."""
        return self._strategy.expectation(self._view())

    def close(self) -> None:
        """Closes the storage. A study in memory is gone then."""
        self._storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _view(self) -> StudyView:
        settings, space, records = self._storage.read()
        return StudyView(space, settings, records)

    def _turn(self, record: TrialRecord, settings: StudySettings) -> StudyTrial:
        seed = derive(settings.seed, record.number)
        return StudyTrial(record.number, dict(record.params), record.target, record.epochs, seed, self)

    def _settle(self, view: StudyView) -> None:
        """Ends the trials whose fate is decided."""
        for number, state in self._strategy.settle(view).items():
            record = view.records[number]
            reason = f"left behind after {record.epochs} epochs" if state == "pruned" else record.reason
            self._storage.update(replace(record, state=state, reason=reason), view.space)


def _strategy(strategy: str | Strategy, options: Mapping[str, Any]) -> Strategy:
    if isinstance(strategy, str):
        return create(strategy, options)
    if options:
        raise StrategyError("options belong to the strategy object here", hint=f"{type(strategy).__name__}({dict(options)!r})")
    return strategy


def _prior(strategy: Strategy, prior: Sequence[Prior]) -> tuple[Prior, ...]:
    if prior and not strategy.learns:
        message = f"{strategy.name} does not learn from results, so it cannot begin from those of another study"
        raise StrategyError(message, hint=f"these do: {', '.join(sorted(LEARNING))}")
    if not all(math.isfinite(one.value) for one in prior):
        raise StrategyError("a prior's value must be a finite number")
    return tuple(prior)


def _cap(trials: int | None) -> int | None:
    if trials is not None and trials < 1:
        raise StrategyError(f"trials must be at least 1, not {trials}")
    return trials


def _value(record: TrialRecord) -> float:
    assert record.value is not None, "only records that count are compared"
    return record.value
