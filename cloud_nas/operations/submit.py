"""`submit`: a search in the background, on this machine; it goes on when its terminal or notebook is gone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cloud_nas.errors import UsageError
from cloud_nas.operations._attempt import Order
from cloud_nas.operations._background import start
from cloud_nas.operations._budget import with_budget
from cloud_nas.operations._engine import require_engine
from cloud_nas.operations._runs import LOCAL
from cloud_nas.operations._workers import workers
from cloud_nas.operations.handle import Run
from cloud_nas.spec import LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import RunsHere


def submit(
    spec: str | os.PathLike[str] | LoadedSpec,
    *,
    on: str = LOCAL,
    max_trials: int | None = None,
    max_time: float | str | None = None,
    fresh: bool = False,
    profile: str | None = None,
    parallel: int | None = None,
    gpus: Sequence[str | int] | None = None,
) -> Run:
    """Starts a search in a process of its own, and returns as soon as that process holds the run.

    It does what `run` does, and goes on with a run as `run` does. What it says is in the run's journal (`logs`), what it prints
    in `output.txt` in the run's folder.

    Args:
        spec: a spec's file, or what `load` made of it.
        on: the target.
        max_trials: the most configurations, in place of the spec's `budget.trials`.
        max_time: the longest the search may take, `"2h"` or seconds, in place of `budget.time`.
        fresh: start anew whatever was run before.
        profile: a profile of the project's or the user's configuration, where `spec` is a file.
        parallel: how many workers train at once, as for `run`.
        gpus: which GPUs they may use, as for `run`.

    Returns:
        The run. One that was finished before is given again, and nothing is started; its `notes` say so.

    Raises:
        SpecError: the spec is not valid.
        UsageError: the data or the model's file do not work, or the target does not run here.
        RefusedError: another process writes this run, or the disk has no room.
        MissingExtraError: the extra `local` is not installed.
    """
    loaded = with_budget(spec, profile, trials=max_trials, time=max_time)
    require_engine()
    if not isinstance(find(on), RunsHere):
        raise UsageError(f"{on} takes no runs in the background", hint="cloud-nas submit works at local")
    workers(parallel)
    begun = start(Order(loaded, on, fresh, parallel, None if gpus is None else tuple(map(str, gpus))))
    return Run(begun.run_id, begun.notes)
