"""One candidate in a tuning job's container: the service's values go in, a complete artifact comes out, at any time."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from local_engine import files
from local_engine.containers import parameters, placing
from local_engine.containers.base import Base, Order, definition_in
from local_engine.containers.clock import JobClock
from local_engine.containers.platform import Interrupted, Platform, Report
from local_engine.definition import Definition, Value
from local_engine.errors import EngineError
from local_engine.seeds import derive
from local_engine.space.flat import Space
from local_engine.training.contract import TrialBudget

if TYPE_CHECKING:
    from local_engine.training import Artifact

OLDEST = 60.0
"""Seconds that the model and the checkpoint may be old, or an epoch, where that is longer."""

OUT_OF_TIME = "the job's time is nearly over"


def trial_seed(search_seed: int, params: Mapping[str, Value]) -> int:
    """The seed of a trial whose number nobody tells it: of the search's seed and its values."""
    return derive(search_seed, "trial", json.dumps(dict(params), sort_keys=True, separators=(",", ":")))


def run(base: Base, order: Order, platform: Platform | None = None) -> Artifact:
    """Trains the candidate to its end, from its checkpoint where the job was started before.

    Args:
        base: the container's folders.
        order: what the job is.
        platform: whose container it is; None: one whose service copies the folders itself.

    Raises:
        EngineError: the rows are not those of the definition, or the candidate failed.
        Interrupted: the service wanted an end before.
    """
    platform = platform if platform is not None else Platform(base)
    clock = JobClock(base.checkpoints, order.seconds)
    definition = definition_in(base.code)
    space = Space.from_json(files.read_json(base.code / "space.json"))
    params = parameters.decode(space, platform.sent())
    # Late, since TensorFlow takes seconds, and what was sent may be wrong.
    from local_engine.data import bundle
    from local_engine.space.builder import builder_of
    from local_engine.training import train

    data = bundle.read(base.rows)
    if data.fingerprint != order.fingerprint:
        raise EngineError("the rows are not those that the job was planned with", where=str(base.rows))
    artifact = train(
        definition,
        params,
        data,
        TrialBudget(definition.train.epochs, _seconds(definition, clock)),
        Watching(platform, clock, report_of(platform, definition)),
        folder=base.checkpoints,
        builder=builder_of(definition, data),
        seed=trial_seed(definition.search.seed, params),
        space=space,
        publisher=_Placing(base, platform),
    )
    if artifact.stopped is not None and artifact.stopped == platform.stop():
        raise Interrupted(artifact.stopped)
    _tidy(base.checkpoints)
    return dataclasses.replace(artifact, folder=base.model)


def _seconds(definition: Definition, clock: JobClock) -> float | None:
    """What is left of the time that the spec gives a trial, over all starts."""
    limit = definition.train.seconds
    return None if limit is None else max(0.0, limit - clock.earlier)


def _tidy(folder: Path) -> None:
    """Removes what only an unfinished trial needs: trials of the same job may each be given all that the others left."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in ("curve.jsonl", "worked.json"):
            path.unlink()


def report_of(platform: Platform, definition: Definition) -> Report:
    """What tells the tuner of a trial, whose earlier epochs are those of its curve."""
    curve = files.read_json_lines(platform.base.checkpoints / "curve.jsonl")
    return platform.report(definition.objective, [(int(row["epoch"]), row.get("value")) for row in curve])


class Watching:
    """Tells of the objective, and ends the trial before the service would.

    Args:
        platform: says when the service wants an end.
        clock: of the job.
        report: tells the tuner.
        now: seconds that never go back.
    """

    def __init__(self, platform: Platform, clock: JobClock, report: Report, *, now: Callable[[], float] = time.monotonic) -> None:
        self._platform = platform
        self._report = report
        self._clock = clock
        self._now = now
        self._since = now()
        self._longest = 0.0

    def on_epoch(self, epoch: int, metrics: dict[str, float], value: float | None) -> None:
        """Tells of a new epoch."""
        self._report.epoch(epoch, value)
        now = self._now()
        self._longest, self._since = max(self._longest, now - self._since), now
        self._clock.note()

    def stop(self) -> str | None:
        """A reason: the service wants an end, or another epoch as long as the longest would take the job beyond its time."""
        asked = self._platform.stop()
        if asked is not None:
            return asked
        return OUT_OF_TIME if self._clock.left < self._longest else None


class _Placing:
    """Puts each artifact where the service will look for it."""

    oldest = OLDEST

    def __init__(self, base: Base, platform: Platform) -> None:
        self._base = base
        self._platform = platform

    def publish(self, write: Callable[[Path], object]) -> None:
        """Makes it aside, then moves it there."""
        shutil.rmtree(self._base.staging, ignore_errors=True)
        self._base.staging.mkdir(parents=True)
        write(self._base.staging)
        placing.place(self._base.staging, self._base.model)
        shutil.rmtree(self._base.staging, ignore_errors=True)
        self._platform.placed()

    def checkpointed(self) -> None:
        """Lets it be copied."""
        self._platform.kept()
