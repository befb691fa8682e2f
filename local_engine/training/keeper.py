"""The Keras callback that ties a `fit` to a trial's progress: seeds each epoch, records it, keeps the best, stops when told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from local_engine.training import randomness, user_callbacks
from local_engine.training.feeding import Epoch
from local_engine.training.objective import Outputs
from local_engine.training.progress import Progress


class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Comes last among the callbacks, so that it sees what the others did to the model at an epoch's end.

    Args:
        progress: the trial's.
        seed: the trial's.
        epoch: the variable that the feeding pipelines read.
        outputs: labels, outputs and their kind on the validation part.
        callbacks: the user's, whose counters are carried in the checkpoint.
        memories: what they remembered in the turn before.
    """

    def __init__(
        self,
        progress: Progress,
        *,
        seed: int,
        epoch: Epoch,
        outputs: Outputs,
        callbacks: Sequence[Any] = (),
        memories: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__()
        self._progress = progress
        self._seed = seed
        self._epoch = epoch
        self._outputs = outputs
        self._callbacks = callbacks
        self._memories = memories

    def on_train_begin(self, logs: Any = None) -> None:
        """Reminds the user's callbacks, once; those before this one have just reset themselves."""
        for callback, memory in zip(self._callbacks, self._memories, strict=False):
            user_callbacks.remind(callback, memory)
        self._memories = ()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Sets order and dropout of the epoch, counted over all that the trial trained, whatever this `fit` counts."""
        number = self._progress.curve.epochs
        self._epoch.set(number)
        randomness.begin_epoch(self.model, self._seed, number)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Records the epoch; stops the training where there is a reason."""
        if self._progress.epoch_ended(self.model, logs or {}, self._outputs, self._callbacks) is not None:
            self.model.stop_training = True
