"""What preprocessing learns of the training rows, in one pass: in memory or streamed, the same numbers."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from local_engine.data.inputs import Array, Inputs, Raw
from local_engine.errors import DataError

MOST_ROWS = 8192
MOST_VALUES = 1 << 18

MOST_CATEGORIES = 100
MOST_TOKENS = 10_000
MOST_LENGTH = 256
_PUNCTUATION = string.punctuation.encode()
_LARGEST = float(np.finfo(np.float32).max)


def batch_rows(inputs: Inputs) -> int:
    """Rows at a time: fewer of a wide table, so that a batch is about 2 MB.

    A function of the inputs alone, since sums of floats depend on how they are grouped: in memory or streamed, the same numbers.
    """
    return max(64, min(MOST_ROWS, MOST_VALUES // max(1, len(inputs.columns))))


@dataclass(frozen=True)
class Moments:
    """Of a column of numbers, over the rows that have one. `variance` is never 0, so that it can be divided by."""

    mean: float
    variance: float
    missing: int


@dataclass(frozen=True)
class TableStatistics:
    """By column key: moments of numbers, booleans and dates; the categories that are told apart, the most frequent first."""

    moments: dict[str, Moments]
    categories: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class TextStatistics:
    """The tokens that are told apart, the most frequent first, and how many of a text a model sees."""

    tokens: tuple[str, ...]
    length: int


def learn_table(batches: Iterable[Raw], inputs: Inputs) -> TableStatistics:
    """Statistics of stored rows; a batch's moments are merged by Chan, Golub and LeVeque (1979), equation 2.1."""
    numeric = [column.key for column in inputs.columns if not column.is_string]
    counters: dict[str, Counter[str]] = {column.key: Counter() for column in inputs.columns if column.is_string}
    count, mean, squares = (np.zeros(len(numeric)) for _ in range(3))
    rows = 0
    for batch in batches:
        assert isinstance(batch, dict)
        rows += len(next(iter(batch.values())))
        for key, counter in counters.items():
            counter.update(batch[key].tolist())
        for i, key in enumerate(numeric):  # a column at a time: all of them side by side would be held several times over
            count[i], mean[i], squares[i] = _merge(count[i], mean[i], squares[i], batch[key])
    variance = squares / np.maximum(count, 1)
    constant = np.sqrt(variance) <= 1e-7 * np.abs(mean)
    moments = {
        key: Moments(float(mean[i]), 1.0 if constant[i] or variance[i] == 0 else float(variance[i]), rows - int(count[i]))
        for i, key in enumerate(numeric)
    }
    return TableStatistics(moments, {key: _most_frequent(counter, MOST_CATEGORIES) for key, counter in counters.items()})


def learn_text(batches: Iterable[Raw]) -> TextStatistics:
    """Tokens of stored texts, split as Keras' TextVectorization splits; the length is the 95th percentile, 1 to 256.

    Raises:
        DataError: there is not a single word.
    """
    counter: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    for batch in batches:
        assert not isinstance(batch, dict)
        tokens, counts = _split(batch)
        counter.update(tokens)
        lengths.update(counts)
    words = _most_frequent(counter, MOST_TOKENS - 2)  # two of Keras' numbers are padding and the unknown
    if not words:
        raise DataError("the texts of the training rows hold no word", field="data.source")
    seen, total = 0, sum(lengths.values())
    for length in sorted(lengths):
        seen += lengths[length]
        if seen >= 0.95 * total:
            break
    return TextStatistics(words, min(MOST_LENGTH, max(1, length)))


def _merge(count: float, mean: float, squares: float, values: Array) -> tuple[float, float, float]:
    """The moments of two sets of rows out of those of one and the values of the other.

    Values beyond float32 count as missing, as the encoder sees them.
    """
    known = values[np.abs(values) <= _LARGEST]  # false for NaN
    if not len(known):
        return count, mean, squares
    new_mean = float(known.mean())
    new_squares = float(((known - new_mean) ** 2).sum())
    both, delta = count + len(known), new_mean - mean
    return both, mean + delta * len(known) / both, squares + new_squares + delta**2 * count * len(known) / both


def _most_frequent(counter: Counter[str], most: int) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:most])


def _split(texts: Array) -> tuple[list[str], list[int]]:
    """All tokens of the texts, and how many each has: what TextVectorization does by default, without TensorFlow.

    It works on bytes: only ASCII letters are lowered, only ASCII's spaces part words.
    """
    words = [text.encode().lower().translate(None, _PUNCTUATION).split() for text in texts.tolist()]
    return [token.decode() for row in words for token in row], [len(row) for row in words]
