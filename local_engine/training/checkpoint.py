"""A trial's state between turns: weights, the optimizer's variables, the best weights so far; one npz, never pickled.

It is written at the end of a turn, and otherwise when saving costs under 5 % of the time since it was last written. One file
holds everything, so what is read belongs together whatever moment the process died at.
"""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from local_engine import files
from local_engine.errors import TrialError
from local_engine.training.scoring import Array

SHARE = 0.05
_SCHEMA = 1
_BYTES_A_SECOND = 200e6  # a guess for the first save, before one has been timed
NAME = "checkpoint.npz"


@dataclass(frozen=True)
class Checkpoint:
    """A trial after `epoch` epochs.

    Attributes:
        model: the values of the model's variables, in their order.
        optimizer: the values of the optimizer's variables, in their order.
        best: the model's values at the best epoch; None where that is this epoch, or where `model.keras` has them.
        best_epoch: the best epoch so far, from 1.
        stopped: why the trial is over for good (early stopping), or None.
        callbacks: what each callback of the user remembered, by position.
    """

    epoch: int
    model: Sequence[Array]
    optimizer: Sequence[Array]
    best: Sequence[Array] | None = None
    best_epoch: int | None = None
    stopped: str | None = None
    callbacks: Sequence[dict[str, Any]] = field(default_factory=tuple)


def write(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes `checkpoint` to `folder`, whole or not at all."""
    state = {
        "schema": _SCHEMA,
        "epoch": checkpoint.epoch,
        "best_epoch": checkpoint.best_epoch,
        "stopped": checkpoint.stopped,
        "callbacks": list(checkpoint.callbacks),
    }
    arrays: dict[str, Array] = {"state": np.array(json.dumps(state))}
    groups = {"model": checkpoint.model, "optimizer": checkpoint.optimizer, "best": checkpoint.best or ()}
    for name, values in groups.items():
        arrays |= {f"{name}/{index:05d}": _plain(value) for index, value in enumerate(values)}
    with files.replacing(folder / NAME) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def read(folder: Path) -> Checkpoint | None:
    """The checkpoint in `folder`; None where there is none, or where it cannot be read (the trial then starts again)."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            state = json.loads(str(stored["state"]))
            groups = {
                name: [stored[key] for key in sorted(stored.files) if key.startswith(f"{name}/")]
                for name in ("model", "optimizer", "best")
            }
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    if state["schema"] != _SCHEMA:
        return None
    return Checkpoint(
        epoch=state["epoch"],
        model=groups["model"],
        optimizer=groups["optimizer"],
        best=groups["best"] or None,
        best_epoch=state["best_epoch"],
        stopped=state["stopped"],
        callbacks=state["callbacks"],
    )


def values_of(variables: Iterable[Any]) -> list[Array]:
    """Copies of Keras variables' values."""
    return [np.array(variable.numpy() if hasattr(variable, "numpy") else variable) for variable in variables]


def assign(variables: Sequence[Any], values: Sequence[Array]) -> None:
    """Puts stored values back.

    Raises:
        TrialError: they are not of this model (the model's code changed since the checkpoint).
    """
    if len(variables) != len(values) or any(tuple(v.shape) != a.shape for v, a in zip(variables, values, strict=True)):
        raise TrialError(
            "the checkpoint is of another model",
            hint="the model's code gives other weights for the same hyperparameters than when the trial began",
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(_as_dtype(value, str(variable.dtype)))


def _plain(value: Array) -> Array:
    """Types that npz does not know (bfloat16, float8) as the unsigned integers of the same bits."""
    return value.view(f"u{value.dtype.itemsize}") if value.dtype.kind == "V" else value


def _as_dtype(value: Array, dtype: str) -> Array:
    if value.dtype.kind == "u" and not dtype.startswith("u"):
        import ml_dtypes  # a dependency of Keras; only models in such types come here

        return value.view(getattr(ml_dtypes, dtype))
    return value


class Rhythm:
    """Says when a checkpoint in the middle of a turn is worth its time, or older than it may be.

    Args:
        oldest: seconds after which it is due whatever it costs; None: never for that.
    """

    def __init__(self, oldest: float | None = None) -> None:
        self._oldest = oldest
        self._cost: float | None = None
        self._saved_at = time.monotonic()

    def is_due(self, size: int) -> bool:
        """Whether saving `size` bytes now costs under 5 % of the time since the last save, or that is too long ago."""
        cost = self._cost if self._cost is not None else size / _BYTES_A_SECOND
        since = time.monotonic() - self._saved_at
        return cost < SHARE * since or (self._oldest is not None and since >= self._oldest)

    def saved(self, seconds: float) -> None:
        """Notes what a save took."""
        self._cost, self._saved_at = seconds, time.monotonic()
