"""What is tried next: one strategy a file, each a pure function of what a study was told.

`options` is light; the strategies themselves import Optuna only when they propose.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from local_engine.strategies.base import Strategy, StudyView
from local_engine.strategies.options import OPTIONS, Option, default_trials, require, resolve

__all__ = ["OPTIONS", "Option", "Strategy", "StudyView", "create", "default_trials", "resolve"]

_CLASSES = {
    "grid": "local_engine.strategies.grid:GridSearch",
    "random": "local_engine.strategies.random:RandomSearch",
    "bayesian": "local_engine.strategies.bayesian:BayesianSearch",
    "hyperband": "local_engine.strategies.hyperband:Hyperband",
}


def create(name: str, options: Mapping[str, Any] | None = None) -> Strategy:
    """The strategy of that name with these options.

    Raises:
        StrategyError: no such strategy, no such option, or a value out of bounds.
        MissingDependencyError: it needs a package that is not installed.
    """
    require(name)
    module, _, attribute = _CLASSES[name].partition(":")
    strategy: Strategy = getattr(importlib.import_module(module), attribute)(options)
    return strategy
