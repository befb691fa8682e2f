"""The search alone, for any objective: spaces, strategies, trials, studies. Knows data, Keras and optimisation; knows no cloud.

Importing it imports nothing heavy; TensorFlow, Optuna and pandas come with the first thing that needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_engine.definition import Definition
    from local_engine.search import search
    from local_engine.space.flat import Space
    from local_engine.space.hp import HyperParameters
    from local_engine.space.hypermodel import HyperModel
    from local_engine.study import Study
    from local_engine.training import train

__all__ = ["Definition", "HyperModel", "HyperParameters", "Space", "Study", "search", "train"]

_HOMES = {
    "Definition": "local_engine.definition",
    "HyperModel": "local_engine.space.hypermodel",
    "HyperParameters": "local_engine.space.hp",
    "Space": "local_engine.space.flat",
    "Study": "local_engine.study",
    "search": "local_engine.search",
    "train": "local_engine.training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'local_engine' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
