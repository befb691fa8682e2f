"""What is random in a training, tied to (trial seed, epoch): weights, dropout, and whatever draws from Keras' generators."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from local_engine.seeds import derive


def begin(seed: int) -> None:
    """Seeds Python, NumPy and TensorFlow, asks for deterministic kernels, and forgets the layers' names of earlier models.

    Without the last, a model built second in a process would have other layer names than the same model built first.
    """
    keras.utils.clear_session(free_memory=False)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


def generators_of(model: Any) -> list[Any]:
    """All `SeedGenerator`s of a model's layers, in the layers' order, each once."""
    found: dict[int, Any] = {}
    for layer in model._flatten_layers():
        for generator in getattr(layer, "_seed_generators", ()):
            found.setdefault(id(generator), generator)
    return list(found.values())


def begin_epoch(model: Any, seed: int, epoch: int) -> None:
    """Sets every seed generator of `model`, and the global one, to a function of (seed, epoch, its position).

    `epoch` counts from 0. Ops that draw without a generator (`tf.random` in a custom layer) are beyond reach.
    """
    shared = keras.src.random.seed_generator.global_seed_generator()
    for index, generator in enumerate([shared, *generators_of(model)]):
        generator.state.assign([derive(seed, "epoch", epoch, index), 0])
