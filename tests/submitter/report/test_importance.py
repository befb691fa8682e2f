"""Which hyperparameters mattered, and what is said where that cannot be told."""

from __future__ import annotations

import pytest

from cloud_nas.compare.report import ReportTrial, importance

pytest.importorskip("optuna")


def trials(count: int = 24, *, short: bool = False) -> list[ReportTrial]:
    """The objective follows `x`, hardly `y`; half have a `z`. `short`: every other one is cut after two of eight epochs."""
    made = []
    for number in range(count):
        params = {"x": number % 4, "y": number // 4 % 3} | ({"z": number} if number % 2 else {})
        value = params["x"] + params["y"] / 50
        epochs = 2 if short and number % 2 else 8
        curve = tuple({"epoch": epoch, "value": value + 100 * (epoch > 2)} for epoch in range(1, epochs + 1))
        state = "pruned" if epochs == 2 else "done"
        made.append(ReportTrial(number, state, curve[-1]["value"], params, epochs, 1.0, None, curve if short else ()))
    return made


@pytest.fixture(scope="module")
def space() -> object:
    from local_engine import Space

    return Space.from_choices({"x": [0, 1, 2, 3], "y": [0, 1, 2], "z": list(range(24))})


def test_the_one_that_matters_comes_first_and_the_same_each_time(space: object) -> None:
    found = importance(space, trials(), "maximize")  # type: ignore[arg-type]
    assert list(found.shares) == ["x", "y"] and found.shares["x"] > 0.9
    assert sum(found.shares.values()) == pytest.approx(1)
    assert "24 trials" in found.basis and "only some trials have it: z" in found.basis
    assert importance(space, trials(), "maximize") == found  # type: ignore[arg-type]


def test_trials_that_were_cut_short_are_compared_where_all_have_been(space: object) -> None:
    found = importance(space, trials(short=True), "maximize")  # type: ignore[arg-type]
    assert "within 2 epochs" in found.basis
    assert found.shares["x"] == pytest.approx(importance(space, trials(), "maximize").shares["x"], abs=1e-3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([], "there are 0"),
        (trials(5), "there are 5"),
        ([ReportTrial(n, "failed", None, {"x": n}, 0, 1.0, "no") for n in range(9)], "there are 0"),
        ([ReportTrial(n, "done", 0.5, {"x": n % 4}, 1, 1.0, None) for n in range(9)], "same value"),
        ([ReportTrial(n, "done", n / 9, {"x": 1}, 1, 1.0, None) for n in range(9)], "more than one value"),
        ([ReportTrial(n, "done", n / 9, {"xyz"[n % 3]: 1}, 1, 1.0, None) for n in range(9)], "only some trials have it: x, y, z"),
    ],
)
def test_it_says_why_it_cannot_be_told(space: object, given: list[ReportTrial], reason: str) -> None:
    found = importance(space, given, "maximize")  # type: ignore[arg-type]
    assert found.shares == {} and found.basis.startswith("It cannot be told") and reason in found.basis
