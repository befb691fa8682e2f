"""Our numbers beside those of scikit-learn, scipy and statsmodels, and beside the textbook."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as theirs
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from cloud_nas.compare.statistics import intervals, metrics, pairs
from cloud_nas.compare.statistics.estimates import Means
from local_engine.training.scoring import FUNCTIONS

from .simulated import classifier


@pytest.mark.parametrize("classes", [2, 5])
def test_values_are_those_that_models_are_scored_by(classes: int) -> None:
    drawn = classifier(400, classes, 1.2, np.random.default_rng(1))
    for name in set(metrics.CLASSIFICATION) & set(FUNCTIONS):
        ours = metrics.estimate(name, drawn.labels, drawn.probabilities).value
        assert ours == pytest.approx(FUNCTIONS[name](drawn.labels, drawn.probabilities), abs=1e-6), name


def test_values_are_scikit_learns() -> None:
    drawn = classifier(500, 4, 1.0, np.random.default_rng(2))
    predicted = drawn.probabilities.argmax(axis=1)
    expected = {
        "balanced_accuracy": theirs.balanced_accuracy_score(drawn.labels, predicted),
        "f1": theirs.f1_score(drawn.labels, predicted, average="macro"),
        "auc": theirs.roc_auc_score(drawn.labels, drawn.probabilities, multi_class="ovr"),
        "log_loss": theirs.log_loss(drawn.labels, drawn.probabilities),
    }
    for name, value in expected.items():
        assert metrics.estimate(name, drawn.labels, drawn.probabilities).value == pytest.approx(value, abs=1e-6), name


def test_values_of_a_regression_are_scikit_learns() -> None:
    draw = np.random.default_rng(3)
    labels = 1e6 + draw.normal(size=300)
    values = labels + draw.normal(scale=0.5, size=300)
    expected = {
        "rmse": theirs.root_mean_squared_error(labels, values),
        "mae": theirs.mean_absolute_error(labels, values),
        "r2": theirs.r2_score(labels, values),
    }
    for name, value in expected.items():
        assert metrics.estimate(name, labels, values).value == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (1, 10), (81, 263), (300, 300), (19_990, 20_000)])
def test_wilsons_interval_is_statsmodels(hits: int, n: int) -> None:
    ours = intervals.wilson(hits, n)
    assert (ours.low, ours.high) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


def test_wilsons_interval_is_newcombes_example() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 is 0.2553 to 0.3662."""
    assert (intervals.wilson(81, 263).low, intervals.wilson(81, 263).high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_mcnemars_test_is_statsmodels() -> None:
    draw = np.random.default_rng(4)
    one, other = draw.random(200) < 0.8, draw.random(200) < 0.7
    table = [[int((one & other).sum()), int((one & ~other).sum())], [int((~one & other).sum()), int((~one & ~other).sum())]]
    assert pairs.mcnemar(one, other) == pytest.approx(their_mcnemar(table, exact=True).pvalue, abs=1e-12)


def test_holms_correction_is_statsmodels() -> None:
    values = [0.01, 0.04, 0.03, 0.005, 0.5]
    assert pairs.holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]), abs=1e-12)


def test_holms_correction_leaves_out_what_was_not_tested() -> None:
    found = pairs.holm([0.01, math.nan, 0.02])
    assert found[0] == pytest.approx(0.02) and math.isnan(found[1]) and found[2] == pytest.approx(0.02)


def test_the_bootstrap_is_scipys_but_for_its_own_draws() -> None:
    values = np.random.default_rng(5).gamma(1.5, size=120)
    estimate = Means(values[:, None], lambda means: means[..., 0])
    ours = intervals.intervals({"mae": estimate}, 120)["mae"]
    found = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((found.low, found.high), abs=0.03)


def test_the_permutation_test_is_scipys() -> None:
    draw = np.random.default_rng(6)
    labels = np.zeros(60)
    one, other = draw.normal(size=60), draw.normal(scale=1.4, size=60)
    ours = pairs.compare("mae", metrics.estimate("mae", labels, one), metrics.estimate("mae", labels, other))
    expected = stats.permutation_test(
        (np.abs(one), np.abs(other)), lambda a, b: np.mean(a) - np.mean(b), permutation_type="samples", n_resamples=9999, rng=1
    )
    assert ours.p == pytest.approx(expected.pvalue, abs=0.015)


def test_the_influence_on_the_area_is_delongs() -> None:
    """Beside the definition, pair by pair."""
    drawn = classifier(80, 2, 0.8, np.random.default_rng(7))
    scores = np.round(drawn.probabilities[:, 1], 1)  # with ties
    positive = drawn.labels == 1
    wins = (scores[positive][:, None] > scores[~positive][None]) + 0.5 * (scores[positive][:, None] == scores[~positive][None])
    area, over_negatives, over_positives = wins.mean(), wins.mean(axis=1), wins.mean(axis=0)
    variance = over_negatives.var() / positive.sum() + over_positives.var() / (~positive).sum()
    estimate = metrics.estimate("auc", drawn.labels, np.stack([1 - scores, scores], axis=1))
    assert estimate.value == pytest.approx(area)
    assert (estimate.influence() ** 2).mean() / 80 == pytest.approx(variance)


def test_the_normal_approximation_agrees_with_the_bootstrap_where_it_takes_over() -> None:
    drawn = classifier(intervals.MOST_RESAMPLED, 3, 1.2, np.random.default_rng(8))
    estimates = {name: metrics.estimate(name, drawn.labels, drawn.probabilities) for name in metrics.CLASSIFICATION}
    bootstrap = intervals.intervals(estimates, intervals.MOST_RESAMPLED, method="bca")
    normal = intervals.intervals(estimates, intervals.MOST_RESAMPLED, method="delta")
    for name in estimates:
        width = normal[name].high - normal[name].low
        slack = (0.3 if name == "calibration_error" else 0.15) * width  # its ends are told from 2,000 draws by either
        assert abs(bootstrap[name].low - normal[name].low) < slack, name
        assert abs(bootstrap[name].high - normal[name].high) < slack, name
    assert {one.method for one in normal.values()} == {"wilson", "delta", "delong", "bca-normal"}
    assert {one.method for one in bootstrap.values()} == {"wilson", "bca"}


def test_rows_needed_is_the_textbooks() -> None:
    """Two-sided 5 %, power 80 %: (1.96 + 0.8416)^2 / 0.25^2 = 125.6."""
    assert pairs.rows_needed(0.25, 1.0) == 126
    assert pairs.rows_needed(0.0, 1.0) is None


@pytest.mark.parametrize("name", ["balanced_accuracy", "f1", "auc"])
def test_many_rows_that_are_all_right_do_not_promise_that_the_next_one_is(name: str) -> None:
    labels = np.arange(30_000) % 2
    perfect = metrics.estimate(name, labels, np.eye(2)[labels])
    found = intervals.delta(name, perfect)
    assert (found.low, found.high) == pytest.approx(proportion_confint(30_000, 30_000, method="wilson"))
    assert found.low < 1
