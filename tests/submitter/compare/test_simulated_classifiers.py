"""What the intervals and tests promise, on models whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from cloud_nas.compare.statistics import intervals, metrics, pairs

from .simulated import classifier

_ASKED = ("accuracy", "balanced_accuracy", "f1", "auc", "log_loss")


def _coverage(count: int, n: int) -> dict[str, float]:
    """How often each metric's interval has the truth, over so many samples of n rows."""
    draw = np.random.default_rng(11)
    whole = classifier(400_000, 3, 1.2, draw)
    truth = {name: metrics.estimate(name, whole.labels, whole.probabilities).value for name in _ASKED}
    found = dict.fromkeys(_ASKED, 0)
    for number in range(count):
        drawn = classifier(n, 3, 1.2, draw)
        estimates = {name: metrics.estimate(name, drawn.labels, drawn.probabilities) for name in _ASKED}
        for name, one in intervals.intervals(estimates, n, seed=number).items():
            found[name] += one.low <= truth[name] <= one.high
    return {name: hits / count for name, hits in found.items()}


def test_intervals_of_95_percent_have_the_truth_that_often() -> None:
    for name, share in _coverage(300, 250).items():
        assert 0.91 <= share <= 0.985, (name, share)  # 300 samples tell 95 % to within 3 points


@pytest.mark.slow
def test_intervals_of_95_percent_have_the_truth_in_93_to_97() -> None:
    for name, share in _coverage(3000, 300).items():
        print(f"{name}: {100 * share:.1f} %")
        assert 0.93 <= share <= 0.97, (name, share)


def _false_alarms(count: int, metric: str) -> float:
    """How often any of the ten pairs of five equal models is told apart."""
    draw = np.random.default_rng(12)
    n, models, alarms = 200, 5, 0
    for number in range(count):
        labels = draw.integers(0, 3, n)
        shared = draw.normal(size=(n, 3))
        outputs = []
        for _ in range(models):
            scores = shared + draw.normal(scale=0.7, size=(n, 3))
            scores[np.arange(n), labels] += 1.0
            chances = np.exp(scores)
            outputs.append(chances / chances.sum(axis=1, keepdims=True))
        estimates = [metrics.estimate(metric, labels, one) for one in outputs]
        hits = [one.argmax(axis=1) == labels for one in outputs]
        told = []
        for a in range(models):
            for b in range(a):
                if metric == "accuracy":
                    told.append(pairs.mcnemar(hits[a], hits[b]))
                else:
                    told.append(pairs.permutation(estimates[a], estimates[b], n, seed=number, count=999))
        alarms += min(pairs.holm(told)) <= 0.05
    return alarms / count


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "f1", "auc"])
def test_equal_models_are_seldom_told_apart(metric: str) -> None:
    assert _false_alarms(120, metric) <= 0.05 + 0.06  # 120 samples tell 5 % to within 4 points


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "f1", "auc"])
def test_equal_models_are_told_apart_in_5_percent_at_most(metric: str) -> None:
    share = _false_alarms(2000, metric)
    print(f"{metric}: {100 * share:.1f} %")
    assert share <= 0.06


def test_as_many_rows_as_are_said_to_be_needed_find_the_difference_in_four_of_five() -> None:
    draw = np.random.default_rng(13)
    shift, deviation = 0.1, 1.0
    needed = pairs.rows_needed(shift, deviation)
    assert needed == 785
    found, count = 0, 300
    for number in range(count):
        labels = np.zeros(needed)
        base = 10 + draw.normal(size=needed)
        worse = base + shift + draw.normal(scale=deviation, size=needed)
        one, other = metrics.estimate("mae", labels, base), metrics.estimate("mae", labels, worse)
        found += pairs.permutation(one, other, needed, seed=number, count=399) <= 0.05
    assert 0.72 <= found / count <= 0.88
