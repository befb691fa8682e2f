"""Hyperparameters over a list of values: Choice, Boolean and Fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_engine.definition import Value
from local_engine.space.parameter import HyperParameter
from local_engine.space.ranges import index_to_prob, prob_to_index


class Choice(HyperParameter):
    """One of a list of values of one type.

    Args:
        name: as in HyperParameter.
        values: int, float, str or bool, all of one type. Booleans become 1 and 0, as Keras Tuner has it.
        ordered: whether their order means something; None: it does for numbers.
        default: one of `values`; None: the first.
        **kwargs: `conditions`.

    Raises:
        ValueError: no values, a default that is not among them, or `ordered` for strings.
        TypeError: values of several types, or of a type that a hyperparameter cannot have.
    """

    def __init__(self, name: str, values: Sequence[Any], ordered: bool | None = None, default: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, default=default, **kwargs)
        self._values, self._default = _checked_choices(values, default)
        numeric = isinstance(self._values[0], int | float)
        if ordered and not numeric:
            raise ValueError("`ordered` must be `False` for non-numeric types.")
        self.ordered = numeric if ordered is None else ordered

    @property
    def values(self) -> list[Any]:
        """The values, in the order given."""
        return self._values

    @property
    def default(self) -> Any:
        """As given, else the first value."""
        return self._values[0] if self._default is None else self._default

    def prob_to_value(self, prob: float) -> Any:
        """The value whose share of [0, 1) holds `prob`."""
        return self._values[prob_to_index(prob, len(self._values))]

    def value_to_prob(self, value: Any) -> float:
        """The middle of the share of [0, 1) that `value` has."""
        return index_to_prob(self._values.index(value), len(self._values))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {**super().get_config(), "values": list(self._values), "ordered": self.ordered}

    def __repr__(self) -> str:
        return f"Choice(name: '{self.name}', values: {self._values}, ordered: {self.ordered}, default: {self.default})"


class Boolean(HyperParameter):
    """True or False.

    Raises:
        ValueError: `default` is neither.
    """

    def __init__(self, name: str, default: Any = False, **kwargs: Any) -> None:
        super().__init__(name=name, default=default, **kwargs)
        if default not in (True, False):
            raise ValueError(f"`default` must be a Python boolean. You passed: default={default}")

    @property
    def values(self) -> tuple[bool, bool]:
        """True, then False."""
        return (True, False)

    def prob_to_value(self, prob: float) -> bool:
        """True from 0.5 on."""
        return prob >= 0.5

    def value_to_prob(self, value: Any) -> float:
        """The middle of the half that `value` has."""
        return 0.75 if value else 0.25

    def __repr__(self) -> str:
        return f'Boolean(name: "{self.name}", default: {self.default})'


class Fixed(HyperParameter):
    """One value that is never searched: an int, float, str or bool.

    Raises:
        ValueError: `value` is of another type.
    """

    def __init__(self, name: str, value: Any, **kwargs: Any) -> None:
        super().__init__(name=name, default=value, **kwargs)
        if not isinstance(value, bool | int | float | str):
            raise ValueError(f"`Fixed` value must be an `int`, `float`, `str`, or `bool`, found {value}")
        self.value = value

    @property
    def values(self) -> tuple[Value]:
        """The one value."""
        return (self.value,)

    @property
    def default(self) -> Any:
        """The one value."""
        return self.value

    def prob_to_value(self, prob: float) -> Any:
        """The one value, whatever `prob`."""
        return self.value

    def value_to_prob(self, value: Any) -> float:
        """One half."""
        return 0.5

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        config = super().get_config()
        del config["default"]
        return {**config, "value": self.value}

    def __repr__(self) -> str:
        return f"Fixed(name: {self.name}, value: {self.value})"


def _checked_choices(values: Sequence[Any], default: Any) -> tuple[list[Any], Any]:
    """The values as str, int or float, and the default likewise."""
    if not values:
        raise ValueError("`values` must be provided for `Choice`.")
    listed = list(values)
    types = {type(value) for value in listed}
    if len(types) > 1:
        raise TypeError(f"A `Choice` can contain only one type of value, found values: {values} with types {types}.")
    first = listed[0]
    if not isinstance(first, str | int | float):
        raise TypeError(
            f"A `Choice` can contain only `int`, `float`, `str`, or `bool`, found values: {values}with types: {type(first)}"
        )
    for kind in (str, int):
        if isinstance(first, kind):
            listed = [kind(value) for value in listed]
            default = None if default is None else kind(default)
    if default is not None and default not in listed:
        raise ValueError(f"The default value should be one of the choices. You passed: values={listed}, default={default}")
    return listed, default
