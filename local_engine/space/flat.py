"""A search space as a flat list of parameters with conditions: frozen, to and from JSON. Strategies propose values for it.

Values travel as a dict, name to value. A name is active where the conditions of one of its definitions hold; of several that
hold, the first counts.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from local_engine.definition import Value
from local_engine.errors import EngineError
from local_engine.space import parameters as kinds
from local_engine.space.conditions import hold
from local_engine.space.parameters import Choice, HyperParameter
from local_engine.space.sampling import draw

if TYPE_CHECKING:
    from local_engine.space.builder import Builder
    from local_engine.space.hp import HyperParameters

SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Space:
    """Parameters with conditions, parents before children.

    Args:
        parameters: in any order that leaves parents before children; others are moved behind their parents. A second definition
            of a name under the same conditions is left out: the first counts.
    """

    parameters: tuple[HyperParameter, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", _parents_first(_first_definitions(self.parameters)))

    @classmethod
    def from_choices(cls, choices: Mapping[str, Sequence[Value]]) -> Self:
        """A space of independent choices, name to values."""
        return cls(tuple(Choice(name, values) for name, values in choices.items()))

    @classmethod
    def from_builder(cls, builder: Callable[[Any], Any] | Builder) -> Space:
        """The space that building models discovers; see `discovery.discover`.

        Args:
            builder: a function of `hp`, a HyperModel, or a loaded Builder.
        """
        from local_engine.space.builder import Builder
        from local_engine.space.discovery import discover

        return discover(builder if isinstance(builder, Builder) else Builder.of(builder))

    @classmethod
    def from_hyperparameters(cls, hp: HyperParameters) -> Self:
        """The space that collected in `hp`."""
        return cls(tuple(hp.space))

    @functools.cached_property
    def keys(self) -> tuple[str, ...]:
        """One unique key a parameter: its name, or `name@2` for a second definition under other conditions."""
        counts: dict[str, int] = {}
        keys = []
        for parameter in self.parameters:
            count = counts[parameter.name] = counts.get(parameter.name, 0) + 1
            keys.append(parameter.name if count == 1 else f"{parameter.name}@{count}")
        return tuple(keys)

    def __len__(self) -> int:
        return len(self.parameters)

    def active(self, values: Mapping[str, Any]) -> list[HyperParameter]:
        """The parameters whose conditions hold under `values`, in order, each name once.

        A value counts only where its own parameter is active, so that a stale one cannot wake its children.
        """
        return [parameter for _, parameter, _ in self._walk(lambda _, parameter: values.get(parameter.name))]

    def defaults(self) -> dict[str, Any]:
        """The defaults of what is active under them."""
        return self.complete({})

    def sample(self, seed: int) -> dict[str, Any]:
        """Random values of what is active, parents first. Each depends on `seed` and its own key alone, so that a space that grew
        draws the same values for what it had before.
        """
        return self.complete({}, seed)

    def complete(self, values: Mapping[str, Any], seed: int | None = None) -> dict[str, Any]:
        """`values` less inactive names, and with a value for each active one that lacks it: drawn from `seed`, or the default."""

        def choose(key: str, parameter: HyperParameter) -> Any:
            if parameter.name in values:
                return values[parameter.name]
            return parameter.default if seed is None else draw(parameter, seed, key)

        return {parameter.name: value for _, parameter, value in self._walk(choose)}

    def merge(self, other: Space) -> Space:
        """This space and what `other` has beside it."""
        return Space((*self.parameters, *other.parameters))

    def size(self) -> int | None:
        """How many different sets of active values there are; None where an active parameter has any value in a range."""
        return self._size

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the schema number first."""
        return {"schema": SCHEMA, "parameters": [kinds.serialize(parameter) for parameter in self.parameters]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The space that `to_json` wrote.

        Raises:
            EngineError: it is of a newer schema.
        """
        if value.get("schema") != SCHEMA:
            raise EngineError(f"this space has schema {value.get('schema')!r}; this version reads {SCHEMA}")
        return cls(tuple(kinds.deserialize(parameter) for parameter in value["parameters"]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and self._canonical == other._canonical

    def __hash__(self) -> int:
        return hash(self._canonical)

    @functools.cached_property
    def _size(self) -> int | None:
        from local_engine.space.counting import count

        return count(self.parameters)

    @functools.cached_property
    def _canonical(self) -> str:
        # Text, in which 1, 1.0 and True are three things.
        return json.dumps(self.to_json(), sort_keys=True)

    def _walk(self, choose: Callable[[str, HyperParameter], Any]) -> Iterator[tuple[str, HyperParameter, Any]]:
        """Key, parameter and chosen value of each active parameter, in order; a value chosen as None wakes no child."""
        known: dict[str, Any] = {}
        for key, parameter in zip(self.keys, self.parameters, strict=True):
            if parameter.name not in known and hold(parameter.conditions, known):
                known[parameter.name] = choose(key, parameter)
                yield key, parameter, known[parameter.name]


def _first_definitions(parameters: Iterable[HyperParameter]) -> list[HyperParameter]:
    """`parameters` without those whose name and conditions came before."""
    seen = set()
    kept = []
    for parameter in parameters:
        identity = (parameter.name, tuple(parameter.conditions))
        if identity not in seen:
            seen.add(identity)
            kept.append(parameter)
    return kept


def _parents_first(parameters: list[HyperParameter]) -> tuple[HyperParameter, ...]:
    """`parameters` with each behind a definition of each name that its conditions look at, and otherwise in the order given.

    Raises:
        EngineError: two stand under each other.
    """
    names = {parameter.name for parameter in parameters}
    placed: dict[str, None] = {}
    ordered: list[HyperParameter] = []
    waiting = parameters
    while waiting:
        left = []
        for parameter in waiting:
            if any(condition.name in names and condition.name not in placed for condition in parameter.conditions):
                left.append(parameter)
            else:
                placed[parameter.name] = None
                ordered.append(parameter)
        if len(left) == len(waiting):
            raise EngineError(f"these hyperparameters stand under each other: {', '.join(parameter.name for parameter in left)}")
        waiting = left
    return tuple(ordered)
