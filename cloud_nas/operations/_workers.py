"""How many workers a search here gets: the argument, the environment, or as many as fit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cloud_nas.errors import UsageError
from local_engine.errors import EngineError

VARIABLE = "CLOUD_NAS_PARALLEL"


def workers(parallel: int | None, model: Any = None) -> int | None:
    """The number of workers; 0: the process itself trains; None: as many as fit this machine.

    Args:
        parallel: what was asked for; None: `$CLOUD_NAS_PARALLEL`, where that is set.
        model: a function that was handed over in the process, which other processes cannot get at.

    Raises:
        UsageError: it is not a number of workers, or workers are asked for such a function.
    """
    if parallel is not None and parallel < 0:
        raise UsageError(f"not a number of workers: {parallel}", hint="0 trains in the process itself")
    if model is not None:
        if parallel is not None and parallel > 1:
            hint = "leave `parallel` out, or put the function in a file that the spec names"
            raise UsageError("a function given as `model` trains in this process, not in workers", hint=hint)
        return 0
    return _from_environment() if parallel is None else parallel


def leave_gpus_to_workers(names: Sequence[str] | None) -> None:
    """Keeps this process off the GPUs, which TensorFlow would take with the first model that is looked at here.

    Args:
        names: the GPUs that are asked for; None: whatever there is.

    Raises:
        UsageError: one of them is not there.
    """
    from local_engine.workers import devices, gpus
    from local_engine.workers.fitting import Machine

    gpus.hide()
    if names:
        try:
            devices.slots(1, names, machine=Machine.here(), data_bytes=0)
        except EngineError as error:
            raise UsageError(error.message, hint=error.hint) from error


def _from_environment() -> int | None:
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{VARIABLE} is not a number of workers: {text!r}", hint="0 trains in the process itself")
    return int(text)
