"""Under which hyperparameter each stands in the tuner's tree, and how much of its conditions that says.

At home a hyperparameter is active where all of its conditions hold, each on any other; in the tuner's tree it has one parent,
whose own place says the rest. What a tree cannot say is left out, so that the tuner sends a value more often than it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cloud_nas.targets.vertex.tuning_values import Values, sent_as, values_of
from local_engine.containers.parameters import only_value
from local_engine.definition import Value

if TYPE_CHECKING:
    from local_engine.space.flat import Space
    from local_engine.space.parameters import HyperParameter

_Conditions = dict[str, list[Value]]
"""Name to the values under which something is active; all must hold."""


@dataclass(frozen=True)
class Place:
    """Where one definition stands.

    Attributes:
        key: the space's key of it.
        parameter: the definition.
        values: as they are sent; None where it has one value, and is not sent.
        conditions: what must hold for it to be active, with all that must hold for those it stands under.
        parent: the key of the definition that it stands under in the tree; None: at the top.
        when: the parent's values, as sent, under which it has one itself.
        exact: whether the tree says all of its conditions.
    """

    key: str
    parameter: HyperParameter
    values: Values | None
    conditions: Mapping[str, Sequence[Value]]
    parent: str | None = None
    when: tuple[float, ...] | tuple[str, ...] = ()
    exact: bool = True


def places(space: Space, *, listed: bool = False) -> tuple[Place, ...]:
    """Where each definition stands that can ever be active, in the space's order.

    Args:
        space: the space.
        listed: as `values_of` has it.
    """
    found: list[Place] = []
    for key, parameter in zip(space.keys, space.parameters, strict=True):
        conditions = _all_conditions(parameter, found)
        if conditions is None:
            continue
        earlier = [one for one in found if one.parameter.name == parameter.name and _agree(one.conditions, conditions)]
        if any(_implied(one.conditions, conditions) for one in earlier):
            continue  # of two that are active, the first counts
        place = _placed(key, parameter, values_of(parameter, listed=listed), conditions, found)
        if place.parent is None or place.when:
            found.append(replace(place, exact=place.exact and not earlier))
    return tuple(found)


def _placed(
    key: str, parameter: HyperParameter, values: Values | None, conditions: _Conditions, before: Sequence[Place]
) -> Place:
    """Under the one that leaves the least unsaid; of several, the last."""
    best, unsaid = None, len(conditions) + 1
    for name in conditions:
        parents = _definitions(name, conditions, before)
        if len(parents) != 1 or parents[0].values is None or parents[0].values.kind == "double":
            continue
        missing = sum(1 for other, wanted in conditions.items() if other != name and not _says(parents[0], other, wanted))
        if missing < unsaid or (missing == unsaid and best is not None and before.index(parents[0]) > before.index(best)):
            best, unsaid = parents[0], missing
    if best is None:
        return Place(key, parameter, values, conditions, exact=not conditions)
    assert best.values is not None
    when = sent_as(best.parameter, best.values, conditions[best.parameter.name])
    return Place(key, parameter, values, conditions, best.key, when, best.exact and unsaid == 0)


def _all_conditions(parameter: HyperParameter, before: Sequence[Place]) -> _Conditions | None:
    """Its conditions, and theirs; None where they can never hold. Those on what has one value are left out: they always hold."""
    found: _Conditions | None = _merged({}, {})
    for condition in parameter.conditions:
        found = None if found is None else _merged(found, {condition.name: condition.values})
    seen: set[str] = set()
    while found is not None and (waiting := [name for name in found if name not in seen]):
        name = waiting[0]
        seen.add(name)
        parents = _definitions(name, found, before)
        if not parents:
            return None
        if len(parents) == 1:
            found = _merged(found, parents[0].conditions)
            if found is not None and parents[0].values is None:
                del found[name]
    return found


def _definitions(name: str, conditions: Mapping[str, Sequence[Value]], before: Sequence[Place]) -> list[Place]:
    """The definitions of a name that can be the one that the conditions look at."""
    return [
        one
        for one in before
        if one.parameter.name == name and _can_be(one.parameter, conditions[name]) and _agree(one.conditions, conditions)
    ]


def _can_be(parameter: HyperParameter, wanted: Sequence[Value]) -> bool:
    from local_engine.space.parameters import Numerical

    only = only_value(parameter)
    if only is not None:
        return only in wanted
    if isinstance(parameter, Numerical):
        return any(not isinstance(one, str) and parameter.min_value <= one <= parameter.max_value for one in wanted)
    return any(value in wanted for value in parameter.values)


def _agree(one: Mapping[str, Sequence[Value]], other: Mapping[str, Sequence[Value]]) -> bool:
    return all(any(value in other[name] for value in values) for name, values in one.items() if name in other)


def _merged(one: Mapping[str, Sequence[Value]], other: Mapping[str, Sequence[Value]]) -> _Conditions | None:
    """Both; None where they cannot hold together."""
    found = {name: list(values) for name, values in one.items()}
    for name, values in other.items():
        found[name] = [value for value in found.get(name, values) if value in values]
        if not found[name]:
            return None
    return found


def _says(parent: Place, name: str, wanted: Sequence[Value]) -> bool:
    """Whether being under `parent` already says this condition."""
    return _implied({name: wanted}, parent.conditions)


def _implied(some: Mapping[str, Sequence[Value]], by: Mapping[str, Sequence[Value]]) -> bool:
    """Whether all of `some` hold wherever all of `by` do."""
    return all(name in by and all(value in wanted for value in by[name]) for name, wanted in some.items())
