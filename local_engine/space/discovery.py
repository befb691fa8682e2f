"""Finds the space of a builder by building: defaults first, then every conditional scope activated in turn, as Keras Tuner does.

Where Keras Tuner draws random values for what a scope wakes, defaults are taken here: a space is a function of its builder.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator

from local_engine.errors import TrialError
from local_engine.space.builder import Builder
from local_engine.space.conditions import Condition
from local_engine.space.flat import Space
from local_engine.space.hp import HyperParameters

_Scope = tuple[Condition, ...]

_TRIES = 8
"""How many random sets of values are tried for a scope that its own values did not wake."""


def discover(builder: Builder) -> Space:
    """The space that building with `builder` shows.

    Raises:
        TrialError: the build with defaults failed.
        BuilderError: it returned no model.
    """
    return Space.from_hyperparameters(explore(builder))


def explore(builder: Builder) -> HyperParameters:
    """All parameters found, with the defaults of what is active under them: Keras Tuner's initial state of a search."""
    known = HyperParameters()
    hp = known.copy()
    builder.declare(hp)
    _note_parameters(hp, known)
    woken: set[_Scope] = set()
    # Scopes seen but never active, with the values under which they were seen; in the order found.
    asleep: dict[_Scope, dict[str, object]] = {}
    _build(builder, known.copy(), known, woken, asleep)
    while asleep:
        scope = next(iter(asleep))
        for hp in _attempts(known, scope, asleep[scope]):
            # Defaults build, so the space is usable; what these values break is that trial's failure, with its own reason.
            with contextlib.suppress(TrialError):
                _build(builder, hp, known, woken, asleep)
            if scope in woken:
                break
        # A scope that no values reach is left: its parameters were registered when it was seen.
        asleep.pop(scope, None)
        woken.add(scope)
    return known


def _build(
    builder: Builder, hp: HyperParameters, known: HyperParameters, woken: set[_Scope], asleep: dict[_Scope, dict[str, object]]
) -> None:
    """Builds once, and notes the parameters and scopes that were new, also those of a build that fails."""
    try:
        builder.build(hp)
    finally:
        _note_parameters(hp, known)
        for scope in map(tuple, hp.active_scopes):
            woken.add(scope)
            asleep.pop(scope, None)
        for scope in map(tuple, hp.inactive_scopes):
            if scope not in woken:
                asleep.setdefault(scope, dict(hp.values))


def _note_parameters(hp: HyperParameters, known: HyperParameters) -> None:
    """The parameters of `hp` that are new join `known`, with their defaults."""
    known.merge([new for new in hp.space if not known._exists(new.name, new.conditions)])


def _attempts(known: HyperParameters, scope: _Scope, seen_under: dict[str, object]) -> Iterator[HyperParameters]:
    """Values that could wake `scope`: over the defaults, over those under which it was seen, then over random ones."""
    wanted = {condition.name: condition.values[0] for condition in scope}
    space = Space.from_hyperparameters(known)
    drawn = (space.complete(wanted, seed) for seed in range(_TRIES))
    for start in itertools.chain([known.values, seen_under], drawn):
        hp = known.copy()
        hp.values = {**start, **wanted}
        hp.values = _settled(hp, space)
        yield hp


def _settled(hp: HyperParameters, space: Space) -> dict[str, object]:
    """The values less inactive ones, with defaults for active ones that lack theirs; names not yet in the space stay."""
    names = {parameter.name for parameter in space.parameters}
    return {**space.complete(hp.values), **{name: value for name, value in hp.values.items() if name not in names}}
