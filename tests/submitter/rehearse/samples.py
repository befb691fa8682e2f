"""Data and models that are rehearsed, as small as they may be."""

from __future__ import annotations

import random
from pathlib import Path

SIZES = """
name: sizes
task: tabular-classification
data: {source: table.csv, target: kind}
space: {model: model.py:build}
budget: {trials: 2}
"""

CANCER = """
name: cancer
task: tabular-classification
data: {source: builtin:breast_cancer}
space: {model: model.py:build}
search: {strategy: random, seed: 5}
train: {epochs: 4, batch_size: 32}
budget: {trials: 2}
"""

CANCER_MODEL = """
import keras


def build(hp):
    model = keras.Sequential([
        keras.layers.Dense(hp.Int("units", 8, 32, step=8), activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model
"""

SKLEARN_MODEL = """
from sklearn.linear_model import LogisticRegression


def build(hp):
    return LogisticRegression(C=hp.Float("C", 0.01, 10.0, sampling="log"), max_iter=1000)
"""

REVIEWS = """
name: reviews
task: text-classification
data: {source: reviews.csv, target: opinion}
space: {model: model.py:build}
search: {strategy: random, seed: 5}
train: {epochs: 6, batch_size: 16}
budget: {trials: 2}
"""

REVIEWS_MODEL = """
import keras


def build(hp):
    model = keras.Sequential([
        keras.layers.Embedding(10_000, hp.Choice("vector", [8, 16])),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(2, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

_OPINIONS = {
    "liked": ("feels solid, five stars", "works well and looks good", "my family loves it", "is worth the money"),
    "disliked": ("broke after a week", "arrived late and dented", "is noisy, stay away", "was a waste of money"),
}


def write_table(path: Path, rows: int = 1200) -> Path:
    """A table of two numbers, and a class that they tell but for some noise."""
    source = random.Random(1)
    lines = ["length,width,kind"]
    for _ in range(rows):
        length, width = source.gauss(0, 1), source.gauss(0, 1)
        lines.append(f"{length:.3f},{width:.3f},{'big' if length + width + source.gauss(0, 0.5) > 0 else 'small'}")
    path.write_text("\n".join(lines) + "\n")
    return path


def write_reviews(path: Path, rows: int = 180) -> Path:
    """Short texts with an opinion that their words tell, no two alike."""
    source = random.Random(1)
    lines = ["review,opinion"]
    for number in range(rows):
        opinion = ("liked", "disliked")[number % 2]
        thing = source.choice(("lamp", "chair", "blender", "kettle"))
        lines.append(f'"After {number + 2} days, this {thing} {source.choice(_OPINIONS[opinion])}.",{opinion}')
    path.write_text("\n".join(lines) + "\n")
    return path
