"""Which trials of another study a strategy can learn from: those whose values the space holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from local_engine.definition import Prior, Value

if TYPE_CHECKING:
    from local_engine.space.flat import Space
    from local_engine.space.parameter import HyperParameter


def fitting(space: Space, prior: Iterable[Prior], *, whole: bool = False) -> list[Prior]:
    """Those of `prior` that have a value for something in `space`, and no value that lies outside.

    A name that the space does not know (yet) is passed over; a value outside tells of another space, and what it came to cannot
    be laid to the other values.

    Args:
        space: what is known of the space.
        prior: what trials of another study came to.
        whole: also leave out those that lack a value for something in the space.

    Returns:
        Those that fit, with the values that are active in `space` and no others.
    """
    found = []
    for one in prior:
        active = space.active(one.params)
        known = [parameter for parameter in active if parameter.name in one.params]
        lacks = len(known) < len(active)
        if known and not (whole and lacks) and all(_inside(parameter, one.params[parameter.name]) for parameter in known):
            found.append(Prior({parameter.name: one.params[parameter.name] for parameter in known}, one.value))
    return found


def _inside(parameter: HyperParameter, value: Value) -> bool:
    """Whether `parameter` can have `value`, which may be of any kind."""
    from local_engine.space.parameters import Float, Int

    if isinstance(parameter, Int | Float) and parameter.step is None:
        if isinstance(value, bool | str) or (isinstance(parameter, Int) and isinstance(value, float)):
            return False
        return bool(parameter.min_value <= value <= parameter.max_value)
    return any(known == value and isinstance(known, bool) == isinstance(value, bool) for known in parameter.values)
