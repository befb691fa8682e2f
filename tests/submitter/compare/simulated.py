"""Classifiers whose true metrics are known, because as many rows as one likes can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloud_nas.compare.entries import Entry
from cloud_nas.models.predictions import About, Predictions


@dataclass(frozen=True)
class Drawn:
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def classifier(n: int, classes: int, skill: float, draw: np.random.Generator) -> Drawn:
    """A classifier that is calibrated, and the better the more skill."""
    labels = draw.integers(0, classes, n)
    scores = draw.normal(size=(n, classes))
    scores[np.arange(n), labels] += skill
    chances = np.exp(skill * scores)
    return Drawn(labels, chances / chances.sum(axis=1, keepdims=True))


def entry(name: str, drawn: Drawn, *, order: NDArray[np.int64] | None = None, rows: str = "ab" * 32) -> Entry:
    """A model's predictions, its rows in this order."""
    n, classes = drawn.probabilities.shape
    names = np.asarray([f"class {one}" for one in range(classes)], dtype=object)
    places = np.arange(n) if order is None else order
    about = About("tabular-classification", rows, "m", "accuracy", "maximize", tuple(names))
    predicted = names[drawn.probabilities.argmax(axis=1)]
    return Entry(
        name,
        Predictions(about, np.arange(n)[places], predicted[places], drawn.probabilities[places], names[drawn.labels][places]),
    )
