"""Batches for Keras whose order is a function of (trial seed, epoch), so that a resumed trial sees what it would have seen.

Keras' own shuffling of arrays draws from a state that no checkpoint can hold. Here each epoch's permutation is drawn inside the
pipeline from the seed and a variable with the epoch's number, which a callback sets before the epoch begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from local_engine.data.inputs import as_tensors
from local_engine.seeds import derive
from local_engine.training.encoding import Encoded
from local_engine.training.scoring import Array

if TYPE_CHECKING:
    from local_engine.data import Part


class Epoch:
    """The number of the present epoch, from 0, where pipelines can read it."""

    def __init__(self, number: int = 0) -> None:
        self.variable = tf.Variable(number, dtype=tf.int64, trainable=False)

    def set(self, number: int) -> None:
        """Called before an epoch's first batch is drawn."""
        self.variable.assign(number)


def shuffled(x: Encoded, y: Array, batch_size: int, *, seed: int, epoch: Epoch) -> tf.data.Dataset:
    """Batches of (x, y) in memory, in a new order each epoch."""
    count, steps = len(y), -(-len(y) // batch_size)
    size = batch_size * _rows_at_once(x, batch_size)

    def one_epoch(_: Any) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(count, dtype=tf.int64), seed=tf.stack([tf.constant(derive(seed, "order"), tf.int64), epoch.variable])
        )
        return tf.data.Dataset.range(-(-count // size)).map(lambda step: order[step * size : (step + 1) * size])

    return _batches(x, y, tf.data.Dataset.range(1).flat_map(one_epoch), batch_size, steps)


def in_order(x: Encoded, y: Array, batch_size: int) -> tf.data.Dataset:
    """Batches of (x, y) in memory, as they are stored."""
    count, steps = len(y), -(-len(y) // batch_size)
    size = batch_size * _rows_at_once(x, batch_size)
    chunks = tf.data.Dataset.range(0, count, size).map(lambda start: tf.range(start, tf.minimum(start + size, count)))
    return _batches(x, y, chunks, batch_size, steps)


CHUNK_BYTES = 1 << 20
"""How much is taken at once, of rows in memory or encoded of what is streamed: a call costs more than a row."""


def streamed(
    part: Part, encoder: Any, labels: Callable[[Array], Array], batch_size: int, *, seed: int = 0, epoch: Epoch | None = None
) -> tf.data.Dataset:
    """Batches of a part on disk, encoded as they come; in a new order each epoch where `epoch` is given."""

    def tensors(raw: Any, own: Array | None) -> Any:
        assert own is not None, "a part to train or validate on has labels"
        return as_tensors(raw), tf.constant(labels(own))

    sample = tensors(*next(iter(part.batches(min(2, part.n)))))
    batches_at_once = _batches_at_once(encoder(sample[0], training=False), batch_size)

    def chunks() -> Iterator[Any]:
        order = None if epoch is None else derive(seed, "order", int(epoch.variable.numpy()))
        for raw, own in part.batches(batch_size * batches_at_once, order=order):
            yield tensors(raw, own)

    signature = tf.nest.map_structure(lambda value: tf.TensorSpec([None, *value.shape[1:]], value.dtype), sample)
    source = tf.data.Dataset.from_generator(chunks, output_signature=signature)
    encoded = source.map(lambda raw, own: (encoder(raw, training=False), own))
    return _finished(encoded if batches_at_once == 1 else _cut(encoded, batch_size), -(-part.n // batch_size))


def _batches_at_once(encoded: Any, batch_size: int) -> int:
    """How many batches make a chunk, from a few encoded rows."""
    row = sum(value.dtype.size * value[0].shape.num_elements() for value in tf.nest.flatten(encoded) if value.dtype != tf.string)
    return int(max(1, min(64, CHUNK_BYTES // max(1, row * batch_size))))


def _rows_at_once(x: Encoded, batch_size: int) -> int:
    """The same of all rows in memory."""
    row = sum(values[:1].nbytes for values in tf.nest.flatten(x))
    return int(max(1, min(64, CHUNK_BYTES // max(1, row * batch_size))))


def _batches(x: Encoded, y: Array, chunks: tf.data.Dataset, batch_size: int, steps: int) -> tf.data.Dataset:
    """Batches of the rows that `chunks` names by their places, a chunk of many batches at a time.

    NumPy takes them: rows that a pipeline captured as tensors it would copy, all of them (tf.data does before it rewrites a
    pipeline, which it always does where operations are to be deterministic).
    """
    rows = (x, y)
    flat = tf.nest.flatten(rows)
    if any(values.dtype.kind not in "fiub" for values in flat):
        kept = tf.nest.map_structure(tf.constant, rows)
        taken = chunks.map(lambda index: tf.nest.map_structure(lambda values: tf.gather(values, index), kept))
        return _finished(_cut(taken, batch_size), steps)

    def take(index: Any) -> Any:
        found = tf.numpy_function(lambda places: [values[places] for values in flat], [index], [values.dtype for values in flat])
        for tensor, values in zip(found, flat, strict=True):
            tensor.set_shape([None, *values.shape[1:]])
        return tf.nest.pack_sequence_as(rows, found)

    return _finished(_cut(chunks.map(take), batch_size), steps)


def _cut(chunks: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
    """Chunks of (x, y) as batches."""

    def batches(x: Any, y: Any) -> tf.data.Dataset:
        steps = -(-tf.shape(y, tf.int64)[0] // batch_size)
        return tf.data.Dataset.range(steps).map(lambda step: _slice((x, y), step, batch_size))

    return chunks.flat_map(batches)


def _slice(rows: Any, step: Any, batch_size: int) -> Any:
    return tf.nest.map_structure(lambda values: values[step * batch_size : (step + 1) * batch_size], rows)


def _finished(dataset: tf.data.Dataset, steps: int) -> tf.data.Dataset:
    options = tf.data.Options()
    options.deterministic = True
    # One thread feeds; more of them only wake each other up, for a batch is a slice or a gather of rows in memory.
    options.threading.private_threadpool_size = 1
    return dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(2).with_options(options)
