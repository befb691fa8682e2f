"""How many configurations a space with conditions has, without listing them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from local_engine.definition import Value
from local_engine.space.conditions import hold
from local_engine.space.parameters import Float, HyperParameter, Int, Numerical

_State = tuple[tuple[str, Value], ...]
"""The values, by name, that something further down still looks at."""


def count(parameters: Sequence[HyperParameter]) -> int | None:
    """The number of different sets of active values; None where it is not finite.

    Goes through the parameters once, and keeps a count for each combination of those values that a later condition can tell
    apart; so the work grows with the conditions, not with the configurations.
    """
    states: dict[_State, int] = {(): 1}
    for position, parameter in enumerate(parameters):
        later = parameters[position + 1 :]
        grown: dict[_State, int] = {}
        for state, ways in states.items():
            known = dict(state)
            if parameter.name in known or not hold(parameter.conditions, known):
                outcomes: list[tuple[dict[str, Value], int]] = [(known, 1)]
            else:
                groups = _groups(parameter, later)
                if groups is None:
                    return None
                outcomes = [({**known, parameter.name: value}, size) for value, size in groups]
            for outcome, size in outcomes:
                kept = _needed(outcome, later)
                grown[kept] = grown.get(kept, 0) + ways * size
        states = grown
    return sum(states.values())


def _needed(known: dict[str, Value], later: Sequence[HyperParameter]) -> _State:
    """Of `known`, what `later` parameters look at, or would define again."""
    names = {parameter.name for parameter in later} | {
        condition.name for parameter in later for condition in parameter.conditions
    }
    return tuple(sorted((name, value) for name, value in known.items() if name in names))


def _groups(parameter: HyperParameter, later: Iterable[HyperParameter]) -> list[tuple[Value, int]] | None:
    """The values of `parameter` that `later` conditions cannot tell apart, as (one of them, how many); None where not finite."""
    size = _finite(parameter)
    if size is None:
        return None
    conditions = [condition for child in later for condition in child.conditions if condition.name == parameter.name]
    if not conditions:
        return [(parameter.default, size)]
    groups: dict[tuple[bool, ...], tuple[Value, int]] = {}
    for value in _all_values(parameter):
        signature = tuple(condition.is_active({parameter.name: value}) for condition in conditions)
        first, seen = groups.get(signature, (value, 0))
        groups[signature] = (first, seen + 1)
    return list(groups.values())


def _finite(parameter: HyperParameter) -> int | None:
    """How many values it has."""
    if isinstance(parameter, Numerical) and parameter.step is None and parameter.min_value != parameter.max_value:
        return None if isinstance(parameter, Float) else parameter.max_value - parameter.min_value + 1
    if isinstance(parameter, Int) and isinstance(parameter.values, range):
        return len(parameter.values)
    return len(set(parameter.values))


def _all_values(parameter: HyperParameter) -> Iterable[Value]:
    """Its values, each once; those of an Int without a step are all whole numbers of its range."""
    if isinstance(parameter, Int) and parameter.step is None:
        return range(parameter.min_value, parameter.max_value + 1)
    return dict.fromkeys(parameter.values)
