"""The crew of workers: who is free, who is lost and who is late; turns handed out, epochs answered, losses made good."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine.errors import DiskError, EngineError, TrialError
from local_engine.events import Note, Observer
from local_engine.search.turns import FinalOrder, Result, over, turn_epochs
from local_engine.training.contract import TIME
from local_engine.workers.devices import Slot
from local_engine.workers.growth import Growth
from local_engine.workers.messages import Begin, Ended, Epoch, Failed, Finish, Ready, Turn
from local_engine.workers.patience import Patience
from local_engine.workers.process import Worker

if TYPE_CHECKING:
    from local_engine.definition import Definition
    from local_engine.search.turns import Watch
    from local_engine.space.flat import Space
    from local_engine.study import StudyTrial
    from local_engine.training import Artifact

TICK = 0.2
"""Seconds after which a pool looks at the clock and at what the caller wants, whether or not somebody spoke."""

LOSSES = 2
"""How often a turn may lose its worker: the first time it is tried once more, the second time the trial has failed."""


@dataclass
class _Job:
    """A turn at work: since when, and what it was told."""

    trial: StudyTrial
    turn: Turn
    worker: Worker
    patience: Patience | None = None
    told_last: bool = False
    asked: str | None = None
    held: bool = False

    @property
    def may_train(self) -> bool:
        """Whether it may yet train an epoch that is not told."""
        return not (self.told_last or self.held or self.asked)


class Pool:
    """Trains turns in processes that outlive them.

    Args:
        definition: the search.
        slots: a place for each worker.
        shared: the folder with the rows, as `sharing.share` wrote them; workers' first words go there too.
        code: the folder with the user's files, as `local_engine.space.frozen` keeps them.
        trials: the folder of the trials.
        finish_here: makes the final model in this process, when the workers are gone; None: a worker makes it.
        tell: told what the user should know.
        keep_open: descriptors that every worker holds open as long as it lives.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        definition: Definition,
        slots: Sequence[Slot],
        *,
        shared: Path,
        code: Path,
        trials: Path,
        finish_here: Callable[[FinalOrder], Artifact] | None = None,
        tell: Observer = lambda event: None,
        keep_open: Sequence[int] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.size = len(slots)
        self._definition = definition
        self._slots = tuple(slots)
        self._shared = shared
        self._code = code
        self._trials = trials
        self._finish_here = finish_here
        self._tell = tell
        self._keep_open = tuple(keep_open)
        self._clock = clock
        self._workers: dict[int, Worker] = {}
        self._jobs: dict[int, _Job] = {}
        self._growth: dict[int, Growth] = {}
        self._losses: Counter[int] = Counter()
        self._false_starts = 0
        self._ending_since: float | None = None
        try:
            for slot in self._slots:
                self._worker(slot)
        except BaseException:
            self.close()
            raise

    @property
    def busy(self) -> int:
        """Turns being trained."""
        return len(self._jobs)

    @property
    def training(self) -> int:
        """Turns that may yet train an epoch that is not told."""
        return sum(job.may_train for job in self._jobs.values())

    @property
    def has_room(self) -> bool:
        """Whether a worker is free."""
        return self.busy < self.size

    def start(self, trial: StudyTrial, space: Space) -> None:
        """Gives a turn to a free worker, one that has come up already before others."""
        free = [slot for slot in self._slots if slot.index not in self._jobs]
        slot = min(free, key=lambda one: (not (one.index in self._workers and self._workers[one.index].ready), one.index))
        folder = self._trials / str(trial.number)
        epochs = turn_epochs(trial, self._definition)
        turn = Turn(trial.number, trial.params, epochs, trial.first_epoch, trial.seed, space, folder, folder / "log.txt")
        self._begin(trial, turn, slot)

    def wait(self, watch: Watch) -> list[Result]:
        """Waits until turns are over, at least one.

        Raises:
            DiskError: a worker found no room on the disk.
            EngineError: workers cannot start, or one says what ends the whole search.
        """
        results: list[Result] = []
        while not results:
            heard = set(wait_for([worker.connection for worker in self._workers.values()], TICK))
            for index, worker in list(self._workers.items()):
                if worker.connection in heard:
                    results += self._hear(index, worker, watch)
            self._answer_held(watch)
            results += self._end_late(watch)
        return results

    def finish(self, order: FinalOrder) -> Artifact:
        """Makes the final model.

        Raises:
            TrialError: it failed, or its worker was lost.
        """
        if self._finish_here is not None:
            self.close()
            return self._finish_here(order)
        worker = self._worker(self._slots[0])
        worker.give(Finish(order, order.folder.with_name("final.log")))
        while True:
            said = worker.receive()
            if isinstance(said, Ended):
                worker.order = None
                return said.artifact
            if isinstance(said, Failed):
                worker.order = None
                raise _error(said)
            if said is None:
                self._drop(self._slots[0].index)
                raise TrialError(worker.why_lost())

    def close(self) -> None:
        """Ends all workers; what they are at can go on later."""
        for index in list(self._workers):
            self._drop(index)
        self._jobs.clear()

    def _begin(self, trial: StudyTrial, turn: Turn, slot: Slot) -> None:
        worker = self._worker(slot)
        job = _Job(trial, turn, worker)
        self._jobs[slot.index] = job
        worker.give(turn)
        if worker.ready:
            job.patience = Patience(self._definition.train.seconds, self._clock())

    def _worker(self, slot: Slot) -> Worker:
        """The slot's worker, started where there is none."""
        if slot.index not in self._workers:
            begin = Begin(self._definition, self._shared, slot)
            log = self._shared / f"worker-{slot.index}.log"
            self._workers[slot.index] = Worker(begin, files=self._code, log=log, keep_open=self._keep_open)
            self._growth[slot.index] = Growth()
        return self._workers[slot.index]

    def _hear(self, index: int, worker: Worker, watch: Watch) -> list[Result]:
        """Takes one message of a worker."""
        said, job = worker.receive(), self._jobs.get(index)
        if said is None:
            return self._lost(index, worker, job)
        if isinstance(said, Ready):
            self._false_starts = 0
        elif isinstance(said, Failed) and said.kind != "trial":
            raise _error(said)
        if job is None:
            return []
        if isinstance(said, Ready):
            job.patience = Patience(self._definition.train.seconds, self._clock())
        elif isinstance(said, Epoch):
            self._epoch(job, said, watch)
        elif isinstance(said, (Ended, Failed)):
            return [self._over(index, job, said)]
        if job.patience is not None:
            watch.ready()
        return []

    def _epoch(self, job: _Job, said: Epoch, watch: Watch) -> None:
        if job.patience is not None:
            job.patience.epoch(self._clock())
        job.told_last = said.epoch >= job.turn.epochs
        watch.epoch(job.trial.number, said.epoch, said.metrics, said.value)
        job.held = True
        self._answer(job, watch)

    def _answer(self, job: _Job, watch: Watch) -> None:
        """Answers a worker that waits, unless it has to wait for others."""
        verdict = watch.may_go_on(self.training)
        if verdict.wait and not job.told_last:
            return
        job.held, job.asked = False, verdict.stop
        if job.patience is not None:
            job.patience.saving = job.told_last or verdict.stop is not None
        job.worker.answer(verdict.stop)

    def _answer_held(self, watch: Watch) -> None:
        for job in self._jobs.values():
            if job.held:
                self._answer(job, watch)

    def _over(self, index: int, job: _Job, said: Ended | Failed) -> Result:
        del self._jobs[index]
        job.worker.order = None
        if self._growth[index].is_too_much(said.memory):
            self._drop(index)
        if isinstance(said, Ended):
            return over(job.trial, self._definition, said.artifact, job.asked, said.artifact.seconds)
        return Result(job.trial, error=TrialError(said.message, hint=said.hint, where=said.where), seconds=self._took(job))

    def _lost(self, index: int, worker: Worker, job: _Job | None) -> list[Result]:
        """Makes good the loss of a worker: its turn is tried once more, in a new one."""
        reason = worker.why_lost()
        self._drop(index)
        if not worker.ready:
            self._false_starts += 1
            if self._false_starts > self.size:
                raise EngineError(f"a worker cannot start: {reason}", hint=worker.last_words, where=str(worker.log))
        if job is None:
            return []
        del self._jobs[index]
        self._losses[job.trial.number] += worker.ready
        if self._losses[job.trial.number] >= LOSSES:
            return [Result(job.trial, error=TrialError(reason), seconds=self._took(job))]
        self._tell(Note(f"trial {job.trial.number} is tried once more: {reason}"))
        self._begin(job.trial, job.turn, self._slots[index])
        return []

    def _end_late(self, watch: Watch) -> list[Result]:
        """Ends what takes longer than it may, and what should have ended."""
        now, why = self._clock(), watch.why_stop()
        self._ending_since = None if why is None else now if self._ending_since is None else self._ending_since
        results = []
        for index, job in list(self._jobs.items()):
            if job.patience is not None and not job.held and job.patience.exceeded(now):
                error = TrialError(TIME, hint="the epoch did not end either, so its process was ended")
                results.append(Result(job.trial, error=error, seconds=self._took(job)))
            elif self._ending_since is not None and (
                job.patience is None or job.patience.exhausted(now, asked=self._ending_since, hurry=watch.hurry)
            ):
                results.append(Result(job.trial, halted=why, seconds=self._took(job)))
            else:
                continue
            del self._jobs[index]
            self._drop(index)
        return results

    def _took(self, job: _Job) -> float:
        return 0.0 if job.patience is None else self._clock() - job.patience.began

    def _drop(self, index: int) -> None:
        self._workers.pop(index).close()


def _error(said: Failed) -> EngineError:
    """The error that a worker speaks of."""
    kinds = {"disk": DiskError, "trial": TrialError}
    return kinds.get(said.kind, EngineError)(said.message, hint=said.hint, where=said.where)
