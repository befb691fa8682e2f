"""One candidate, trained: (definition, parameters, data, budget, observer) becomes an artifact folder.

The same room serves a worker at home, a cloud's container and a node of a cluster, so it knows neither the study that asks for
the training nor where it runs. Importing the package imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_engine.training.contract import Artifact, SilentObserver, TrainObserver, TrialBudget
    from local_engine.training.final import finish
    from local_engine.training.inspection import Finding, inspect_model
    from local_engine.training.predicting import load_model
    from local_engine.training.trainer import train

__all__ = [
    "Artifact",
    "Finding",
    "SilentObserver",
    "TrainObserver",
    "TrialBudget",
    "finish",
    "inspect_model",
    "load_model",
    "train",
]

_HOMES = {
    "Artifact": "contract",
    "Finding": "inspection",
    "SilentObserver": "contract",
    "TrainObserver": "contract",
    "TrialBudget": "contract",
    "finish": "final",
    "inspect_model": "inspection",
    "load_model": "predicting",
    "train": "trainer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'local_engine.training' has no attribute {name!r}")
    return getattr(importlib.import_module(f"local_engine.training.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
