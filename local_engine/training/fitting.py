"""A Keras model trained through one call of `model.fit`, over batches whose order is a function of (trial seed, epoch)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from local_engine.data.inputs import as_tensors
from local_engine.training import feeding, labels, user_callbacks
from local_engine.training.encoding import ENCODED, Encoding, declared_inputs
from local_engine.training.keeper import Keeper
from local_engine.training.outputs import output_kind
from local_engine.training.progress import Progress
from local_engine.training.scoring import Array, OutputKind
from local_engine.training.turn import Turn

STEPS_AT_ONCE = 64
"""Training steps a call of TensorFlow runs: what the loop costs is then paid once for so many."""


@dataclass(frozen=True)
class Fit:
    """A built Keras model and its data, ready to train.

    Attributes:
        labels: from the data's labels to what the loss compares.
    """

    turn: Turn
    model: Any
    encoding: Encoding
    labels: Callable[[Array], Array]
    epoch: feeding.Epoch

    @classmethod
    def of(cls, turn: Turn, model: Any, rebuild: Callable[[], Any]) -> Fit:
        """Builds what the model leaves to its first batch, and finds what form and labels it asks for.

        `rebuild` makes a fresh model, where a form was tried on this one in vain.
        """
        loss = labels.the_loss(model)
        declared = declared_inputs(model)
        if declared is not None:
            encoding, shape = Encoding.of(turn.data, declared), tuple(model.outputs[0].shape)
        else:
            model, encoding, shape = _built_by_rows(turn, model, rebuild)
        encode = labels.encoder_for(turn.definition.task, loss, shape, turn.data.num_classes)
        return cls(turn, model, encoding, encode, feeding.Epoch())

    def train_batches(self) -> tf.data.Dataset:
        """Shuffled by (seed, epoch)."""
        turn, size = self.turn, self.turn.definition.train.batch_size
        if turn.train.streamed:
            return feeding.streamed(turn.train, self.encoding.encoder, self.labels, size, seed=turn.seed, epoch=self.epoch)
        return feeding.shuffled(*self.arrays(turn.train), size, seed=turn.seed, epoch=self.epoch)

    def validation_batches(self) -> tf.data.Dataset | None:
        """As stored; None in the final fit."""
        part, size = self.turn.validation, self.turn.definition.train.batch_size
        if part is None:
            return None
        if part.streamed:
            return feeding.streamed(part, self.encoding.encoder, self.labels, size)
        return feeding.in_order(*self.arrays(part), size)

    def arrays(self, part: Any) -> tuple[Any, Array]:
        """An in-memory part's rows in the model's form, and its labels as the loss wants them."""
        return ENCODED.get(self.turn.data, self.encoding, part), self.labels(part.labels)

    def some_outputs(self) -> Array:
        """Outputs of a few rows, enough to see what kind they are."""
        raw, _ = next(iter((self.turn.validation or self.turn.train).batches(256)))
        return np.asarray(self.model(self.encoding.encoder(as_tensors(raw), training=False), training=False))

    def outputs(self, batches: tf.data.Dataset | None) -> tuple[Array, Array, OutputKind]:
        """Labels, outputs and their kind on the validation part, by a pass over it."""
        assert self.turn.validation is not None and self.turn.validation.labels is not None
        predicted = np.asarray(self.model.predict(batches, verbose=0))
        kind = output_kind(self.turn.definition.task, self.model, predicted)
        return self.turn.validation.labels, predicted, kind


def begin(prepared: Fit, progress: Progress, callbacks: Sequence[Any]) -> tuple[Keeper, tf.data.Dataset | None] | None:
    """Puts the model where the trial stands; the callback that follows it from there, and the validation batches.

    None where the turn is over already.
    """
    memories = progress.restore(prepared.model)
    if progress.is_complete:
        return None
    validation = prepared.validation_batches()
    keeper = Keeper(
        progress,
        seed=prepared.turn.seed,
        epoch=prepared.epoch,
        outputs=lambda: prepared.outputs(validation),
        callbacks=callbacks,
        memories=memories,
    )
    return keeper, validation


def fit(prepared: Fit, progress: Progress, callbacks: Sequence[Any]) -> None:
    """Trains from where the trial stands to the end of the turn, in one call of `model.fit`."""
    begun = begin(prepared, progress, callbacks)
    if begun is None:
        return
    keeper, validation = begun
    quicken(prepared.model, callbacks, -(-prepared.turn.train.n // prepared.turn.definition.train.batch_size))
    prepared.model.fit(
        prepared.train_batches(),
        initial_epoch=progress.curve.epochs,
        epochs=prepared.turn.budget.epochs,
        validation_data=validation,
        callbacks=[*callbacks, keeper],
        shuffle=False,
        verbose=0,
    )


def quicken(model: Any, callbacks: Sequence[Any], steps: int) -> None:
    """Turns XLA off on CPU, where it never pays, and runs many steps a call, unless the user chose or watches single batches.

    Keras resolves `jit_compile="auto"` when compiling, so that a chosen True cannot be told from it; on CPU both are off.
    """
    if not tf.config.list_logical_devices("GPU"):
        model.jit_compile = False
    chosen = model.steps_per_execution != 1
    if not (chosen or model.run_eagerly or any(user_callbacks.watches_batches(callback) for callback in callbacks)):
        model.steps_per_execution = max(1, min(STEPS_AT_ONCE, steps))


def _built_by_rows(turn: Turn, model: Any, rebuild: Callable[[], Any]) -> tuple[Any, Encoding, tuple[int | None, ...]]:
    """A model that declares no inputs, built by two rows: in the default form, else in the next that the data can have."""
    raw, _ = next(iter(turn.train.batches(min(2, turn.train.n))))
    forms = turn.data.preprocessing.candidate_forms()
    first_error: Exception | None = None
    for form in forms:
        encoding = Encoding(form, turn.data.preprocessing.encoder(form))
        try:
            outputs = model(encoding.encoder(as_tensors(raw), training=False), training=False)
        except Exception as error:  # noqa: BLE001 - whatever a layer raises at rows of a shape it was not made for
            first_error = first_error or error
            model = rebuild()
            continue
        return model, encoding, (None, *outputs.shape[1:])
    assert first_error is not None
    raise first_error
