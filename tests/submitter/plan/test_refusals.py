"""What SageMaker's tuner, or a training job, cannot do: told before anything is sent, with the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.errors import UsageError
from cloud_nas.targets import find
from cloud_nas.targets.job import Job
from local_engine.space.flat import Space
from local_engine.space.parameters import Choice, Fixed, Int

TUNING, ENGINE = "sagemaker:tuning", "sagemaker:engine"
_STRATEGY = "strategy: hyperband\n  factor: 3"

_REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "31 parameters": (TUNING, {"space": Space(tuple(Int(f"p{n}", 1, 3) for n in range(31)))}, "30 hyperparameters", "engine"),
    "31 values": (TUNING, {"space": Space((Choice("units", list(range(31))),))}, "30 values", "hp.Int"),
    "nothing to search": (TUNING, {"space": Space((Fixed("units", 3),))}, "nothing to search", "engine"),
    "a grid that the budget cuts": (
        TUNING,
        {"space": Space((Int("units", 1, 9),)), "edits": {_STRATEGY: "strategy: grid", "time: 10m": "trials: 5"}},
        "9 trials here, and budget.trials is 5",
        "trials: 9",
    ),
    "a grid of too many": (
        TUNING,
        {"space": Space((Int("a", 1, 30), Int("b", 1, 30))), "edits": {_STRATEGY: "strategy: grid"}},
        "750 trials at most with grid, not 900",
        "random",
    ),
    "a list of a grid that is too long": (
        TUNING,
        {"space": Space((Int("a", 1, 31),)), "edits": {_STRATEGY: "strategy: grid"}},
        "30 values, and a has 31",
        "larger step",
    ),
    "too many trials": (
        TUNING,
        {"edits": {_STRATEGY: "strategy: bayesian", "time: 10m": "trials: 751"}},
        "750 trials",
        "trials: 750",
    ),
    "hyperband for too long": (TUNING, {"edits": {"epochs: 10 ": "epochs: 20001 "}}, "20000 epochs", "epochs: 20000"),
    "early stopping with hyperband": (TUNING, {"place": "tuning: {early_stopping: true}"}, "no trials early", "early_stopping"),
    "too many at once": (TUNING, {"place": "parallel: 101"}, "100 trials at once", "parallel: 100"),
    "a month": (ENGINE, {"place": "max_runtime: 29d"}, "28 days", "28d"),
    "no GPU of NVIDIA's": (ENGINE, {"place": "instance: ml.trn1.2xlarge"}, "ml.trn1.2xlarge", "ml.g5.xlarge"),
    "requirements without a network": (
        ENGINE,
        {"place": "isolated: true", "edits": {"budget:": "code: {requirements: [einops]}\nbudget:"}},
        "isolated",
        "image",
    ),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_it_is_refused_with_a_way_out(name: str, make_job: Callable[..., Job]) -> None:
    on, changes, message, hint = _REFUSED[name]
    job = make_job("image", on, **changes)
    with pytest.raises(UsageError) as raised:
        find(on).plan(job)
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")
    assert raised.value.code == "CN510"


@pytest.mark.parametrize(
    "changes",
    [
        {"space": Space(tuple(Int(f"p{n}", 1, 3) for n in range(30)))},
        {"space": Space((Choice("units", list(range(30))),))},
        {"space": Space((Int("a", 1, 30), Int("b", 1, 25))), "edits": {_STRATEGY: "strategy: grid"}},
        {"edits": {_STRATEGY: "strategy: random", "time: 10m": "trials: 10000"}},
        {"place": "parallel: 100, max_runtime: 28d"},
    ],
)
def test_the_last_that_is_allowed_is_taken_and_valid(changes: dict[str, Any], make_job: Callable[..., Job]) -> None:
    target = find(TUNING)
    plan = target.plan(make_job("image", TUNING, **changes))
    assert target.validate(plan) == ()  # type: ignore[attr-defined]


def test_no_more_trials_than_there_are_configurations(make_job: Callable[..., Job]) -> None:
    job = make_job("image", TUNING, space=Space((Int("units", 1, 4),)), edits={_STRATEGY: "strategy: random"})
    limits = find(TUNING).plan(job).requests[0].body["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert limits["MaxNumberOfTrainingJobs"] == 4
