"""A whole search in one training job: all cores and GPUs of the instance, its state in S3, so that it goes on where it was."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import files
from local_engine.containers import placing
from local_engine.containers.account import NAME as PROGRESS
from local_engine.containers.account import Account
from local_engine.containers.base import Base, Order, definition_in
from local_engine.containers.clock import JobClock
from local_engine.containers.mirror import Mirror, put
from local_engine.containers.platform import Interrupted, Platform
from local_engine.definition import Definition
from local_engine.errors import EngineError
from local_engine.search.crews import TRIALS
from local_engine.search.loop import STUDY, search
from local_engine.search.spending import NAME as SPENT
from local_engine.seeds import derive
from local_engine.training.checkpoint import Rhythm
from local_engine.training.contract import SilentObserver, TrialBudget
from local_engine.workers import gpus

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.search import Outcome
    from local_engine.study import Study, TrialRecord

OLDEST = 30.0
"""Seconds that the copies may be old, or an epoch, where that is longer."""

SHORT = 4
"""After a turn the copies are made anew when so many times as long as that takes have passed; less is soon trained again."""

OUT_OF_TIME = "the job's time is nearly over"


def run(base: Base, order: Order, platform: Platform | None = None, *, parallel: int | None = None) -> str:
    """Searches to the end, from where an earlier start of the job came to.

    Args:
        base: the container's folders.
        order: what the job is.
        platform: whose container it is; None: one whose service copies the folders itself.
        parallel: as for `search`: as many workers as fit.

    Returns:
        One line on how it ended.

    Raises:
        EngineError: the rows are not those of the definition, or no trial has a value.
        Interrupted: the service wanted an end before.
    """
    from local_engine.data import bundle

    platform = platform if platform is not None else Platform(base)
    clock = JobClock(base.checkpoints.parent, order.seconds)
    definition = definition_in(base.code)
    gpus.hide()  # the workers have them
    data = bundle.read(base.rows)
    if data.fingerprint != order.fingerprint:
        raise EngineError("the rows are not those that the job was planned with", where=str(base.rows))
    keeper = _Keeper(platform, definition, clock)
    keeper.bring_back(data)
    outcome = search(
        definition,
        folder=keeper.folder,
        observer=keeper.account,
        data=data,
        stop=keeper.stop,
        until=keeper.until,
        parallel=parallel,
    )
    keeper.keep()
    if outcome.model is None and platform.stop() is not None:
        raise Interrupted(platform.stop())
    if outcome.model is None:
        raise _failure(outcome, keeper.reasons())
    placing.copy(outcome.model, base.model, base.staging)
    platform.placed()
    best = "" if outcome.best is None else f", the best of them {outcome.best.number}"
    return f"{outcome.total} trials{best}; it ended: {outcome.reason}"


class _Keeper:
    """Keeps the copies fresh while the search runs.

    Args:
        platform: whose container it is.
        definition: the search.
        clock: of the job.
    """

    def __init__(self, platform: Platform, definition: Definition, clock: JobClock) -> None:
        base = platform.base
        self._platform = platform
        self.folder = base.root / ".run"
        self.account = Account(definition.objective.goal, definition.final)
        self._base = base
        self._definition = definition
        self._clock = clock
        self._copies = base.checkpoints.parent
        self._mirror = Mirror(self.folder, self._copies)
        self._rhythm = Rhythm(OLDEST)
        self._kept = self._cost = 0.0
        self._placed: tuple[int, float | None] | None = None

    def bring_back(self, data: Dataset) -> None:
        """Fills the search's folder from the copies, and mends what the service copied out of order."""
        if not self._mirror.bring_back():
            return
        from local_engine.study import Study

        with Study.open(self.folder / STUDY) as study:
            self.account.remember(study.trials)
            if study.best is not None and not _is_whole(self.folder / TRIALS / str(study.best.number)):
                self._train_again(study, study.best, data)

    def stop(self) -> str | None:
        """Stops where the service wants an end; a good moment to copy, for it is asked between epochs and while workers work."""
        self._clock.note()
        short = time.monotonic() - self._kept < SHORT * self._cost
        if self.account.changed and (self._rhythm.is_due(0) or (self.account.told and not short)):
            self.keep()
        return self._platform.stop()

    def until(self) -> str | None:
        """Ends the training while there is time left to make the best."""
        return OUT_OF_TIME if self._clock.left < self.account.reserve else None

    def keep(self) -> None:
        """Copies all that has changed: what is needed to go on, what is told, and the best model so far."""
        began = time.monotonic()
        self.account.changed = self.account.told = False
        study = self._mirror.study()
        if study is None:
            return
        self._mirror.trials()
        self._mirror.finish(study)
        spent = self.folder / SPENT
        seconds = float(files.read_json(spent)["seconds"]) if spent.exists() else 0.0
        report = self.account.report(study, seconds)
        self._output(study)
        self._place(report["best"])
        files.write_json(self._copies / PROGRESS, report)  # last: what it tells of is there
        self._platform.kept()
        self._kept, self._cost = time.monotonic(), time.monotonic() - began
        self._rhythm.saved(self._cost)

    def reasons(self) -> list[str]:
        """Why trials failed."""
        told = files.read_json(self._copies / PROGRESS)["trials"]
        return [row["reason"] for row in told if row["state"] == "failed" and row["reason"]]

    def _output(self, study: Path) -> None:
        """What comes home beside the model: the study and each trial's curve and metrics."""
        put(study, self._base.output / STUDY)
        if (self.folder / SPENT).exists():
            put(self.folder / SPENT, self._base.output / SPENT)
        for name in ("curve.jsonl", "metrics.json"):
            for path in (self.folder / TRIALS).glob(f"*/{name}"):
                target = self._base.output / TRIALS / path.parent.name / name
                if not target.exists() or target.stat().st_mtime_ns < path.stat().st_mtime_ns:
                    put(path, target)

    def _place(self, best: dict[str, object] | None) -> None:
        """Puts the best trial's model where the service packs it, until the final one is made."""
        if best is None:
            return
        now = (int(str(best["trial"])), best["value"])
        artifact = self.folder / TRIALS / str(best["trial"])
        if now != self._placed and _is_whole(artifact):
            placing.copy(artifact, self._base.model, self._base.staging)
            self._platform.placed()
            self._placed = now  # type: ignore[assignment]

    def _train_again(self, study: Study, best: TrialRecord, data: Dataset) -> None:
        """Trains the best trial again, to the same numbers, since its files are not there."""
        from local_engine.space.builder import builder_of
        from local_engine.training import train

        folder = self.folder / TRIALS / str(best.number)
        shutil.rmtree(folder, ignore_errors=True)
        train(
            self._definition,
            best.params,
            data,
            TrialBudget(best.epochs),
            SilentObserver(),
            folder=folder,
            builder=builder_of(self._definition, data),
            seed=derive(study.settings.seed, best.number),
            space=study.space,
        )


def _is_whole(artifact: Path) -> bool:
    """Whether an artifact has all files of its manifest, as they are there, and its metrics."""
    from local_engine.training import manifest

    try:
        listed = manifest.read(artifact)["files"]
        files.read_json(artifact / "metrics.json")
        return all(files.sha256_of(artifact / name) == about["sha256"] for name, about in listed.items())
    except (EngineError, OSError, ValueError, KeyError, TypeError):
        return False


def _failure(outcome: Outcome, reasons: list[str]) -> EngineError:
    """Why there is no model."""
    if not reasons:
        return EngineError(f"nothing was found before the search ended: {outcome.reason}", hint="allow more under `budget:`")
    (reason, _), *_ = Counter(reasons).most_common(1)
    return EngineError(f"all {outcome.failed} trials failed: {reason}")
