"""A space as whole as building can show it beforehand, for a tuner that has to know it all before its first trial.

At home a space grows while it is searched: `units_1` is found when a model with two layers is first built. A service's tuner is
told its parameters once. So models are built here with one value after another, over those values that showed something new.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from local_engine.errors import TrialError
from local_engine.space.builder import Builder
from local_engine.space.conditions import Condition, hold
from local_engine.space.discovery import explore
from local_engine.space.flat import Space
from local_engine.space.hp import HyperParameters
from local_engine.space.parameters import Fixed, Float, HyperParameter

BUILDS = 200
"""Models that are built at most; what shows only after those is drawn by each trial from its own seed."""

_EACH = 12
"""So many values of a list, or of whole numbers, are all tried; of more, the first, the middle and the last."""

_DRAWS = 5
"""Random configurations that are built at the end, and show nothing new when the space is whole."""


def widen(builder: Builder, *, builds: int = BUILDS) -> Space:
    """The space that building with `builder` shows, under many values; a function of the builder alone.

    Args:
        builder: the user's.
        builds: how many models are built at most.

    Raises:
        TrialError: the build with defaults failed.
        BuilderError: it returned no model.
    """
    known = explore(builder)
    search = _Widening(builder, known, builds)
    search.go_on_from({})
    for seed in range(_DRAWS):
        search.probe(_space(known).sample(seed))
    return _space(known)


class _Widening:
    """The builds so far, and what they showed."""

    def __init__(self, builder: Builder, known: HyperParameters, builds: int) -> None:
        self._builder = builder
        self._known = known
        self._left = builds
        self._tried: set[tuple[tuple[str, Any], ...]] = set()

    def go_on_from(self, start: Mapping[str, Any]) -> None:
        """One value after another over `start`, and again over each configuration that showed something new."""
        bases: list[Mapping[str, Any]] = [start]
        for base in bases:
            for values in self._variations(base):
                if self._shows_more(values):
                    bases.append(values)

    def probe(self, values: Mapping[str, Any]) -> None:
        """One configuration; where it shows something new, one value after another over it."""
        if self._shows_more(values):
            self.go_on_from(values)

    def _variations(self, base: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """`base` with each value of each parameter that is known by then, those that wake it set too."""
        seen: set[tuple[str, tuple[Condition, ...]]] = set()
        while parameter := next((one for one in self._known.space if _identity(one) not in seen), None):
            seen.add(_identity(parameter))
            wanted = {condition.name: condition.values[0] for condition in parameter.conditions}
            awake = base if hold(parameter.conditions, base) else {**base, **wanted}
            for value in _values(parameter):
                yield _space(self._known).complete({**awake, parameter.name: value})

    def _shows_more(self, values: Mapping[str, Any]) -> bool:
        """Builds with these values, unless that was done before; whether that showed a new parameter."""
        key = tuple(sorted((name, value) for name, value in values.items()))
        if key in self._tried or self._left <= 0:
            return False
        self._tried.add(key)
        self._left -= 1
        hp = self._known.copy()
        hp.values = dict(values)
        # What these values break is that trial's failure, with its own reason.
        with contextlib.suppress(TrialError):
            self._builder.build(hp)
        new = [one for one in hp.space if not self._known._exists(one.name, one.conditions)]
        self._known.merge(new)
        return bool(new)


def _values(parameter: HyperParameter) -> list[Any]:
    """What is tried of a parameter: all of a few, the ends and the middle of many, the ends of real numbers."""
    if isinstance(parameter, Fixed):
        return []
    values = parameter.values
    if isinstance(parameter, Float):
        return [values[0], values[-1]]
    if len(values) <= _EACH:
        return list(values)
    return [values[0], values[len(values) // 2], values[-1]]


def _identity(parameter: HyperParameter) -> tuple[str, tuple[Condition, ...]]:
    return parameter.name, tuple(parameter.conditions)


def _space(known: HyperParameters) -> Space:
    return Space.from_hyperparameters(known)
