"""The tree of all configurations of a space, walked depth first: each level a hyperparameter, each leaf a configuration.

The last hyperparameter varies fastest. A hyperparameter's values come in order, its default before all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from local_engine.definition import Value
from local_engine.space.conditions import hold

if TYPE_CHECKING:
    from local_engine.space.flat import Space
    from local_engine.space.parameters import HyperParameter
    from local_engine.study.records import TrialRecord


@dataclass(frozen=True)
class _Tried:
    """A trial on the way down the tree: its values by name, how many of them are not matched yet.

    A trial that was built and names nothing below a node covers the whole subtree: building there asked for nothing more. One
    that failed may have failed before it asked, so it covers the one leaf that is exactly it.
    """

    params: Mapping[str, Value]
    left: int
    built: bool


def untried(
    space: Space, records: Sequence[TrialRecord], values_of: Callable[[HyperParameter], Sequence[Value]] | None = None
) -> Iterator[dict[str, Value]]:
    """The configurations that no trial of `records` covers, in the order of the tree.

    A running trial covers all that it may turn out to be, since what building discovers in it is not known yet.

    Args:
        space: what is known of the space.
        records: the trials asked so far.
        values_of: what is tried of one hyperparameter, in order; None: `grid_values`.
    """
    names = {parameter.name for parameter in space.parameters}
    tried = []
    for record in records:
        params = {name: value for name, value in record.params.items() if name in names}
        tried.append(_Tried(params, len(params), record.state not in ("failed", "preempted")))
    return _walk(space.parameters, values_of or grid_values, {}, tried)


def grid_values(parameter: HyperParameter) -> list[Value]:
    """What a grid tries of one hyperparameter, the default first; ten values where it has a range without a step."""
    return list(dict.fromkeys([parameter.default, *parameter.values]))


def all_values(parameter: HyperParameter) -> Sequence[Value]:
    """Every value of a hyperparameter that has finitely many."""
    from local_engine.space.parameters import Int

    if isinstance(parameter, Int) and parameter.step is None:
        return range(parameter.min_value, parameter.max_value + 1)
    return grid_values(parameter)


def _walk(
    parameters: Sequence[HyperParameter],
    values_of: Callable[[HyperParameter], Sequence[Value]],
    values: dict[str, Value],
    tried: list[_Tried],
) -> Iterator[dict[str, Value]]:
    if any(trial.built and trial.left == 0 for trial in tried):
        return
    index = next((at for at, found in enumerate(parameters) if found.name not in values and hold(found.conditions, values)), None)
    if index is None:
        if not any(trial.left == 0 for trial in tried):
            yield values
        return
    parameter, below = parameters[index], parameters[index + 1 :]
    for value in values_of(parameter):
        yield from _walk(below, values_of, {**values, parameter.name: value}, _matching(tried, parameter.name, value))


def _matching(tried: list[_Tried], name: str, value: Value) -> list[_Tried]:
    """Those that have this value, or no value of that name."""
    matching = []
    for trial in tried:
        if name not in trial.params:
            matching.append(trial)
        elif trial.params[name] == value:
            matching.append(replace(trial, left=trial.left - 1))
    return matching
