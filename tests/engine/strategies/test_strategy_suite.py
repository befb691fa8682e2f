"""Our strategies under the suite that any strategy must pass."""

from __future__ import annotations

from typing import Any, ClassVar

from local_engine.testing.strategies import StrategySuite


class TestGrid(StrategySuite):
    strategy = "grid"


class TestRandom(StrategySuite):
    strategy = "random"


class TestBayesian(StrategySuite):
    strategy = "bayesian"
    options: ClassVar[dict[str, int]] = {"startup_trials": 4}


class TestHyperband(StrategySuite):
    strategy = "hyperband"
    options: ClassVar[dict[str, int]] = {"factor": 2}


class TestHyperbandAsynchronous(StrategySuite):
    strategy = "hyperband"
    options: ClassVar[dict[str, Any]] = {"factor": 2, "asynchronous": True}


class TestHyperbandTwice(StrategySuite):
    strategy = "hyperband"
    options: ClassVar[dict[str, int]] = {"factor": 3, "iterations": 2}
