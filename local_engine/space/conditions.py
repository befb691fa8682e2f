"""When a hyperparameter counts: conditions on the values of those it stands under, as `conditional_scope` makes them."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local_engine.definition import Value


class Condition(abc.ABC):
    """Whether a hyperparameter is active, judged from the values of others. Conditions never change once made."""

    name: str
    """The hyperparameter whose value is looked at."""
    values: list[Value]
    """The values under which the condition holds."""

    @abc.abstractmethod
    def is_active(self, values: Mapping[str, Value]) -> bool:
        """Whether the condition holds under `values`, hyperparameter name to value."""

    @abc.abstractmethod
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Condition:
        """The condition that `get_config` described."""
        return cls(**config)


class Parent(Condition):
    """Holds while the hyperparameter `name` has one of `values`.

    Args:
        name: the parent's full name, with its name scopes.
        values: one value, or a list or tuple of values, of type str, int, float or bool; the first decides the type.

    Raises:
        TypeError: the first value is of another type.
    """

    def __init__(self, name: str, values: Value | Sequence[Value]) -> None:
        self.name = name
        self.values = _of_one_type(list(values) if isinstance(values, list | tuple) else [values])  # type: ignore[list-item]

    def is_active(self, values: Mapping[str, Value]) -> bool:
        """Whether the parent has a value, and it is one of these."""
        return self.name in values and values[self.name] in self.values

    def get_config(self) -> dict[str, Any]:
        """`name` and `values`."""
        return {"name": self.name, "values": list(self.values)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parent) and (other.name, other.values) == (self.name, self.values)

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.values)))

    def __repr__(self) -> str:
        return f"Parent(name={self.name!r}, values={self.values!r})"


def hold(conditions: Iterable[Condition], values: Mapping[str, Value]) -> bool:
    """Whether all of `conditions` hold under `values`."""
    return all(condition.is_active(values) for condition in conditions)


def serialize(condition: Condition) -> dict[str, Any]:
    """A condition as plain data, in Keras' shape."""
    return {"class_name": type(condition).__name__, "config": condition.get_config()}


def deserialize(config: Mapping[str, Any]) -> Condition:
    """The condition that `serialize` wrote.

    Raises:
        ValueError: its class is not known.
    """
    if config["class_name"] != "Parent":
        raise ValueError(f"Unrecognized condition of type: {config['class_name']}")
    return Parent.from_config(config["config"])


def _of_one_type(values: list[Value]) -> list[Value]:
    """`values` as str or int where the first is one, as they are where it is a bool or a float."""
    first = values[0]
    if isinstance(first, str):
        return [str(value) for value in values]
    if isinstance(first, bool | float):
        return values
    if isinstance(first, int):
        return [int(value) for value in values]
    raise TypeError(f"Can contain only `int`, `float`, `str`, or `bool`, found values: {values} with types: {type(first)}")
