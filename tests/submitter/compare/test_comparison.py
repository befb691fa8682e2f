"""The ranking: who is best, who is tied, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from cloud_nas.compare.comparison import compare
from cloud_nas.compare.entries import align
from cloud_nas.errors import FailedError, RefusedError, UsageError

from .simulated import Drawn, classifier, entry


def models(n: int = 400) -> tuple[Drawn, Drawn, Drawn]:
    """A good model, one that is nearly it, and a poor one, on the same rows."""
    draw = np.random.default_rng(21)
    good = classifier(n, 3, 1.5, draw)
    near = good.probabilities * np.exp(draw.normal(scale=0.05, size=good.probabilities.shape))
    poor = good.probabilities * np.exp(draw.normal(scale=3.0, size=good.probabilities.shape))
    return (
        good,
        Drawn(good.labels, near / near.sum(axis=1, keepdims=True)),
        Drawn(good.labels, poor / poor.sum(axis=1, keepdims=True)),
    )


def test_no_winner_is_named_where_two_are_tied() -> None:
    good, near, poor = models()
    entries = [entry("good", good), entry("near", near), entry("poor", poor)]
    found = compare(entries, align(entries))
    assert found.winner is None
    assert {model.name: model.tied_with_best for model in found.models} == {"good": True, "near": True, "poor": False}
    assert found.models[-1].name == "poor"
    (between,) = [test for test in found.tests if {test.a, test.b} == {"good", "near"}]
    assert between.p_adjusted > 0.05
    assert between.rows_needed is None or between.rows_needed > 400


def test_the_winner_is_named_where_the_rows_tell() -> None:
    good, _, poor = models()
    entries = [entry("poor", poor), entry("good", good)]
    found = compare(entries, align(entries))
    assert found.winner == "good"
    assert [model.name for model in found.models] == ["good", "poor"]


def test_the_order_of_the_rows_changes_nothing() -> None:
    good, near, poor = models()
    entries = [entry("good", good), entry("near", near), entry("poor", poor)]
    shuffled = [
        entry(name, drawn, order=np.random.default_rng(seed).permutation(400))
        for seed, (name, drawn) in enumerate({"good": good, "near": near, "poor": poor}.items())
    ]
    metrics = ("log_loss", "accuracy", "auc")
    one = compare(entries, align(entries), metrics=metrics).to_json()
    other = compare(shuffled, align(shuffled), metrics=metrics).to_json()
    assert json.dumps(one) == json.dumps(other)


def test_predictions_of_other_rows_are_refused() -> None:
    good, near, _ = models()
    with pytest.raises(RefusedError, match="not asked about the same rows"):
        align([entry("good", good), entry("near", near, rows="cd" * 32)])


def test_other_labels_for_the_same_rows_are_refused() -> None:
    good, near, _ = models()
    lying = Drawn((near.labels + 1) % 3, near.probabilities)
    with pytest.raises(RefusedError, match="other labels"):
        align([entry("good", good), entry("near", lying)])


def test_fewer_rows_are_refused() -> None:
    good, near, _ = models()
    with pytest.raises(RefusedError, match="row ids"):
        align([entry("good", good), entry("near", near, order=np.arange(399))])


def test_one_model_alone_is_no_comparison() -> None:
    good, _, _ = models()
    with pytest.raises(UsageError):
        align([entry("good", good)])


def test_without_labels_nothing_can_be_said() -> None:
    good, near, _ = models()
    blind = [
        dataclasses.replace(one, predictions=dataclasses.replace(one.predictions, label=None))
        for one in (entry("good", good), entry("near", near))
    ]
    with pytest.raises(FailedError, match="labels"):
        align(blind)


def test_classes_in_another_order_are_the_same_classes() -> None:
    good, near, _ = models()
    other = entry("near", near)
    about = other.predictions.about
    turned = dataclasses.replace(
        other,
        predictions=dataclasses.replace(
            other.predictions,
            about=dataclasses.replace(about, classes=about.classes[::-1]),
            probabilities=other.predictions.probabilities[:, ::-1],
        ),
    )
    straight = [entry("good", good), other]
    mixed = [entry("good", good), turned]
    assert compare(mixed, align(mixed)).to_json() == compare(straight, align(straight)).to_json()


def test_a_metric_that_the_task_does_not_have_is_refused() -> None:
    good, near, _ = models()
    entries = [entry("good", good), entry("near", near)]
    with pytest.raises(UsageError, match="rmse"):
        compare(entries, align(entries), metrics=("rmse",))
