"""The table of strategies and options: what the spec validates from."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from local_engine.errors import StrategyError
from local_engine.strategies import OPTIONS, create, default_trials, resolve


def test_defaults_are_filled_in() -> None:
    assert resolve("hyperband", {"factor": 4}) == {"factor": 4, "iterations": 1, "asynchronous": False}
    assert resolve("bayesian", {}) == {"surrogate": "tpe", "startup_trials": 10}


@pytest.mark.parametrize(
    ("strategy", "options", "message", "hint"),
    [
        ("hyperbnd", {}, "no strategy 'hyperbnd'", "did you mean hyperband?"),
        ("hyperband", {"facter": 3}, "no option 'facter'", "did you mean factor?"),
        ("random", {"factor": 3}, "no option 'factor'", "it takes no options"),
        ("hyperband", {"factor": 1}, "factor must be at least 2, not 1", None),
        ("hyperband", {"factor": 2.5}, "factor must be an integer, not 2.5", None),
        ("hyperband", {"iterations": True}, "iterations must be an integer, not True", None),
        ("bayesian", {"surrogate": "tpa"}, "surrogate cannot be 'tpa'", "did you mean tpe?"),
    ],
)
def test_mistakes_are_said_with_a_way_out(strategy: str, options: dict[str, Any], message: str, hint: str | None) -> None:
    with pytest.raises(StrategyError) as raised:
        create(strategy, options)
    assert message in raised.value.message and raised.value.hint == hint


def test_without_a_budget_grid_and_hyperband_make_one_pass() -> None:
    assert {name: default_trials(name) for name in OPTIONS} == {"grid": None, "random": 30, "bayesian": 30, "hyperband": None}


def test_every_strategy_of_the_table_can_be_made() -> None:
    assert all(create(name).name == name for name in OPTIONS)


def test_importing_study_and_strategies_imports_nothing_heavy() -> None:
    code = (
        "import sys, local_engine.study, local_engine.strategies.options, local_engine.strategies.bayesian;"
        "print({'optuna', 'numpy', 'tensorflow', 'keras', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
