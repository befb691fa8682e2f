"""Labels as losses want them: by string, function or object."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from local_engine.training.labels import encoder_for, loss_name, takes_logits

LABELS = np.array([0, 2, 1])


def sharpe_loss(truth: Any, predicted: Any) -> Any:
    return keras.ops.mean(truth - predicted)


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("categorical_crossentropy", "categorical_crossentropy"),
        ("CategoricalCrossentropy", "categorical_crossentropy"),
        ("mse", "mean_squared_error"),
        (keras.losses.CategoricalFocalCrossentropy(), "categorical_focal_crossentropy"),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), "sparse_categorical_crossentropy"),
        (keras.losses.KLDivergence(), "kl_divergence"),
        (keras.losses.categorical_crossentropy, "categorical_crossentropy"),
        (sharpe_loss, "sharpe_loss"),
        (None, ""),
    ],
)
def test_names_of_losses(loss: Any, name: str) -> None:
    assert loss_name(loss) == name


@pytest.mark.parametrize(
    "loss",
    ["categorical_crossentropy", keras.losses.CategoricalFocalCrossentropy(), keras.losses.categorical_crossentropy, "mse"],
)
def test_row_losses_get_one_hot_rows(loss: Any) -> None:
    rows = encoder_for("tabular-classification", loss, (None, 3), 3)(LABELS)
    assert rows.dtype == np.float32
    assert rows.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", sharpe_loss])
def test_others_get_integers(loss: Any) -> None:
    labels = encoder_for("tabular-classification", loss, (None, 3), 3)(LABELS)
    assert labels.dtype == np.int64 and labels.tolist() == [0, 2, 1]


def test_one_unit_gets_a_column() -> None:
    column = encoder_for("tabular-classification", "binary_crossentropy", (None, 1), 2)(np.array([0, 1]))
    assert column.dtype == np.float32 and column.tolist() == [[0], [1]]
    targets = encoder_for("tabular-regression", "mse", (None, 1), None)(np.array([1.5], np.float32))
    assert targets.tolist() == [[1.5]]


def test_logits_are_seen() -> None:
    assert takes_logits(keras.losses.BinaryCrossentropy(from_logits=True))
    assert not takes_logits(keras.losses.BinaryCrossentropy())
    assert not takes_logits("sparse_categorical_crossentropy")
