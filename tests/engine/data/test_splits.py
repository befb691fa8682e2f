"""Splits partition the rows, keep the shares of classes, and are a function of the seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine.data.shuffle import permutation
from local_engine.data.splits import divide
from local_engine.errors import DataError

SHARES = st.floats(0.05, 0.4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(3, 60), min_size=2, max_size=6), SHARES, SHARES, st.integers(0, 2**31), st.randoms(use_true_random=False)
)
def test_a_stratified_split(sizes: list[int], validation: float, test: float, seed: int, random: object) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    random.shuffle(labels)  # type: ignore[attr-defined]
    n, classes = len(labels), tuple(f"class {code}" for code in range(len(sizes)))
    try:
        division = divide(n, validation, test, seed, labels=labels, classes=classes)
    except DataError as error:
        assert error.field == "data.split"
        return
    rows = np.concatenate([division.train, division.validation, division.test])
    assert np.array_equal(np.sort(rows), np.arange(n))
    assert abs(len(division.test) - n * test) <= 0.5 + 1e-6 and abs(len(division.validation) - n * validation) <= 0.5 + 1e-6
    for part, share in ((division.validation, validation), (division.test, test)):
        assert np.array_equal(part, np.sort(part))
        assert np.all(np.abs(np.bincount(labels[part], minlength=len(sizes)) - np.array(sizes) * share) < 1)
    assert np.all(np.bincount(labels[division.train], minlength=len(sizes)) > 0)
    again = divide(n, validation, test, seed, labels=labels, classes=classes)
    assert all(np.array_equal(getattr(division, part), getattr(again, part)) for part in ("train", "validation", "test"))


@settings(max_examples=30, deadline=None)
@given(st.integers(10, 500), SHARES, SHARES, st.integers(0, 2**31))
def test_a_plain_split(n: int, validation: float, test: float, seed: int) -> None:
    try:
        division = divide(n, validation, test, seed)
    except DataError:
        return
    assert np.array_equal(np.sort(np.concatenate([division.train, division.validation, division.test])), np.arange(n))


def test_other_seeds_give_other_splits() -> None:
    first, second = (divide(1000, 0.2, 0.1, seed) for seed in (1, 2))
    assert len(np.intersect1d(first.test, second.test)) < 30


def test_the_order_of_a_seed_is_fixed_for_ever() -> None:
    assert permutation(10, 7).tolist() == [0, 4, 2, 7, 3, 6, 9, 1, 5, 8]


def test_permutations_look_random() -> None:
    drawn = np.stack([permutation(50, seed) for seed in range(2000)])
    assert np.all(np.sort(drawn, axis=1) == np.arange(50))
    assert abs(drawn[:, 0].mean() - 24.5) < 1.5 and abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.08


def test_validation_of_everything_is_refused() -> None:
    with pytest.raises(DataError, match="leave nothing to train on"):
        divide(100, 0.5, 0.5, 1)
