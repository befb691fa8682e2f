"""The metrics table: against scikit-learn's own, by name, and on the edges."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as theirs

from local_engine.training import scoring

CLASSES = 3
LABELS = arrays(np.int64, 30, elements=st.integers(0, CLASSES - 1))
SCORES = arrays(np.float64, (30, CLASSES), elements=st.floats(0.01, 1.0))


def _probabilities(scores: np.ndarray) -> np.ndarray:
    return scores / scores.sum(axis=1, keepdims=True)


@given(LABELS, SCORES)
def test_classification_agrees_with_scikit_learn(labels: np.ndarray, scores: np.ndarray) -> None:
    probabilities = _probabilities(scores)
    predicted, present = probabilities.argmax(axis=1), np.unique(labels)
    ours = scoring.score("tabular-classification", labels, probabilities)
    assert ours["accuracy"] == pytest.approx(theirs.accuracy_score(labels, predicted))
    assert ours["balanced_accuracy"] == pytest.approx(
        theirs.recall_score(labels, predicted, labels=present, average="macro", zero_division=0)
    )
    options = {"labels": present, "average": "macro", "zero_division": 0}
    assert ours["f1"] == pytest.approx(theirs.f1_score(labels, predicted, **options))
    assert ours["precision"] == pytest.approx(theirs.precision_score(labels, predicted, **options))
    assert ours["log_loss"] == pytest.approx(theirs.log_loss(labels, probabilities, labels=range(CLASSES)))
    if len(present) == CLASSES:
        assert ours["auc"] == pytest.approx(theirs.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro"))
    elif len(present) == 1:
        assert "auc" not in ours


VALUES = arrays(np.float64, 20, elements=st.floats(-1e3, 1e3))


@given(VALUES, VALUES)
def test_regression_agrees_with_scikit_learn(labels: np.ndarray, values: np.ndarray) -> None:
    ours = scoring.score("tabular-regression", labels, values, "values")
    assert ours["mse"] == pytest.approx(theirs.mean_squared_error(labels, values))
    assert ours["mae"] == pytest.approx(theirs.mean_absolute_error(labels, values))
    if np.var(labels) > 1e-9:
        assert ours["r2"] == pytest.approx(theirs.r2_score(labels, values), rel=1e-6, abs=1e-6)


@given(arrays(np.float64, (10, 4), elements=st.floats(-50, 50)), st.sampled_from(["logits", "raw"]))
def test_probabilities_are_distributions_in_the_order_of_the_outputs(outputs: np.ndarray, kind: scoring.OutputKind) -> None:
    probabilities = scoring.probabilities(outputs, kind)
    assert scoring.look_like_probabilities(probabilities)
    assert (np.take_along_axis(probabilities, outputs.argmax(axis=1)[:, None], 1)[:, 0] == probabilities.max(axis=1)).all()


def test_one_unit_is_the_second_class() -> None:
    assert scoring.probabilities(np.array([[0.25]]), "probabilities").tolist() == [[0.75, 0.25]]
    assert scoring.probabilities(np.array([0.0]), "logits").tolist() == [[0.5, 0.5]]
    assert scoring.probabilities(np.array([1.5]), "raw").tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("val_acc", "accuracy"),
        ("sparse_categorical_accuracy", "accuracy"),
        ("ROC_AUC", "auc"),
        ("val_rmse", "rmse"),
        ("f1_score", "f1"),
    ],
)
def test_names_and_aliases(name: str, meant: str) -> None:
    found = scoring.find(name)
    assert found is not None and found.name == meant


def test_numbered_metrics_are_the_same() -> None:
    assert scoring.same_metric("val_auc_1", "auc")
    assert not scoring.same_metric("val_precision_1", "recall")
    assert scoring.find("sharpness") is None


def test_the_table_needs_no_tensorflow() -> None:
    code = "import sys, local_engine.training.scoring; print('tensorflow' in sys.modules, 'sklearn' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]


def test_every_metric_but_the_models_own_loss_can_be_computed() -> None:
    assert set(scoring.FUNCTIONS) == set(scoring.METRICS) - {"loss"}
