"""`run`: a search on this machine, in the foreground, from a spec to a trained and tested model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cloud_nas.operations._attempt import Order, carry_out
from cloud_nas.operations._budget import with_budget
from cloud_nas.operations._runs import LOCAL
from cloud_nas.operations.result import RunResult
from cloud_nas.spec import LoadedSpec
from local_engine.events import Observer


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
    parallel: int | None = None,
    gpus: Sequence[str | int] | None = None,
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
        parallel: how many workers train at once; 0: this process does. As many as fit the machine when None, or what
            `$CLOUD_NAS_PARALLEL` says. A function given as `model` trains in this process.
        gpus: which GPUs they may use, by index or UUID; all there are when None, none of them when empty.

    Returns:
        The run. Its state is `interrupted` after a first Ctrl-C, and `succeeded` otherwise.

    Raises:
        SpecError: the spec is not valid.
        FailedError: all trials failed.
        CapError: a cap ended the search before anything was found.
        CancelledError: `cancel` ended it, from another process; the run can go on.
        RefusedError: another process writes this run, or the disk has no room.
        UsageError: the data or the model's file do not work, or the target does not run here.
        MissingExtraError: the extra `local` is not installed.
        KeyboardInterrupt: a second Ctrl-C; the run can go on.
    """
    loaded = with_budget(spec, profile, trials=max_trials, time=max_time)
    order = Order(loaded, on, fresh, parallel, None if gpus is None else tuple(map(str, gpus)))
    return carry_out(order, model=model, observers=observers)
