"""Keras Tuner's HyperParameters: what a user's function asks for its values, and where the space it asks for collects.

`bind` makes one with values given ahead, which is how a worker builds a trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local_engine.definition import Value
from local_engine.space import parameters
from local_engine.space.conditions import Condition, Parent, hold
from local_engine.space.parameters import HyperParameter
from local_engine.space.sampling import draw

if TYPE_CHECKING:
    from local_engine.space.flat import Space


class HyperParameters:
    """A space of hyperparameters and their current values.

    Each of `Int`, `Float`, `Choice`, `Boolean` and `Fixed` registers a parameter the first time and returns its value: the one
    already in `values`, else its default; None while it is inactive. A parameter is known by its name and the conditions it
    stands under; asked for again, the first definition counts.

    Attributes:
        values: name to value, of active parameters only.
        active_scopes: the stack of conditions of each `conditional_scope` entered while it held, in order.
        inactive_scopes: likewise of those entered while they did not hold.
    """

    def __init__(self) -> None:
        self._name_scopes: list[str] = []
        self._conditions: list[Condition] = []
        self._hps: dict[str, list[HyperParameter]] = {}
        # In the order of registration, so parents come before children.
        self._space: list[HyperParameter] = []
        self.values: dict[str, Any] = {}
        self.active_scopes: list[list[Condition]] = []
        self.inactive_scopes: list[list[Condition]] = []

    @property
    def space(self) -> list[HyperParameter]:
        """All parameters, active or not; parents before children."""
        return self._space

    @contextmanager
    def name_scope(self, name: str) -> Iterator[None]:
        """Names asked for inside are prefixed with `name/`."""
        self._name_scopes.append(name)
        try:
            yield
        finally:
            self._name_scopes.pop()

    @contextmanager
    def conditional_scope(self, parent_name: str, parent_values: Value | Sequence[Value]) -> Iterator[None]:
        """Parameters asked for inside are active only while `parent_name` has one of `parent_values`.

        The code inside runs either way; while the condition does not hold, what it asks for is registered and None.

        Raises:
            ValueError: no parameter of that name is defined under the conditions around.
        """
        parent_name = self._get_name(parent_name)
        if not self._exists(parent_name):
            raise ValueError(f"`HyperParameter` named: {parent_name} not defined.")
        condition = Parent(parent_name, parent_values)
        self._conditions.append(condition)
        scopes = self.active_scopes if condition.is_active(self.values) else self.inactive_scopes
        scopes.append(list(self._conditions))
        try:
            yield
        finally:
            self._conditions.pop()

    def is_active(self, hyperparameter: str | HyperParameter) -> bool:
        """Whether all conditions hold, of this parameter, or of any with this name."""
        if isinstance(hyperparameter, HyperParameter):
            return hold(hyperparameter.conditions, self.values)
        return any(hold(found.conditions, self.values) for found in self._hps.get(str(hyperparameter), ()))

    def get(self, name: str) -> Any:
        """The current value of `name`, looked up under the name scopes around.

        Raises:
            ValueError: the parameter is inactive.
            KeyError: there is none of that name.
        """
        name = self._get_name(name)
        if name in self.values:
            return self.values[name]
        if name in self._hps:
            raise ValueError(f"{name} is currently inactive.")
        raise KeyError(f"{name} does not exist.")

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return self._get_name(name) in self.values

    def Choice(
        self,
        name: str,
        values: Sequence[Any],
        ordered: bool | None = None,
        default: Any = None,
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """One of `values`; see `parameters.Choice`. With `parent_name`, as inside that `conditional_scope`."""
        with self._under(parent_name, parent_values):
            return self._ask(parameters.Choice, name, values=values, ordered=ordered, default=default)

    def Int(
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = "linear",
        default: int | None = None,
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """A whole number, both bounds included; see `parameters.Int`. With `parent_name`, as inside that `conditional_scope`."""
        given = {"min_value": min_value, "max_value": max_value, "step": step, "sampling": sampling, "default": default}
        with self._under(parent_name, parent_values):
            return self._ask(parameters.Int, name, **given)

    def Float(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = "linear",
        default: float | None = None,
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """A number in the range; see `parameters.Float`. With `parent_name`, as inside that `conditional_scope`."""
        given = {"min_value": min_value, "max_value": max_value, "step": step, "sampling": sampling, "default": default}
        with self._under(parent_name, parent_values):
            return self._ask(parameters.Float, name, **given)

    def Boolean(self, name: str, default: bool = False, parent_name: str | None = None, parent_values: Any = None) -> Any:
        """True or False. With `parent_name`, as inside that `conditional_scope`."""
        with self._under(parent_name, parent_values):
            return self._ask(parameters.Boolean, name, default=default)

    def Fixed(self, name: str, value: Value, parent_name: str | None = None, parent_values: Any = None) -> Any:
        """A value that is never searched. With `parent_name`, as inside that `conditional_scope`."""
        with self._under(parent_name, parent_values):
            return self._ask(parameters.Fixed, name, value=value)

    def merge(self, hps: HyperParameters | Iterable[HyperParameter], overwrite: bool = True) -> None:
        """Registers the parameters of `hps`; with `overwrite`, active ones take their default, and those known already too."""
        merged = list(hps.space if isinstance(hps, HyperParameters) else hps)
        if not overwrite:
            merged = [hp for hp in merged if not self._exists(hp.name, hp.conditions)]
        for hp in merged:
            self._register(hp, overwrite)

    def ensure_active_values(self) -> None:
        """Drops the values of inactive parameters and draws random ones for active ones that lack theirs."""
        for hp in self._space:
            # By name: another definition of it may be the active one, before or after this.
            if not self.is_active(hp.name):
                self.values.pop(hp.name, None)
            elif self.is_active(hp) and hp.name not in self.values:
                self.values[hp.name] = self._first_value(hp, hp.random_sample)

    def copy(self) -> HyperParameters:
        """A container of its own with the same space and values, outside of all scopes."""
        copied = HyperParameters()
        for hp in self._space:
            copied._add(hp)
        copied.values = dict(self.values)
        return copied

    def get_config(self) -> dict[str, Any]:
        """Space and values as plain data."""
        return {"space": [parameters.serialize(hp) for hp in self._space], "values": dict(self.values)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> HyperParameters:
        """The container that `get_config` described; `config` stays as it is."""
        made = cls()
        for hp in config["space"]:
            made._add(parameters.deserialize(hp))
        made.values = dict(config["values"])
        return made

    def _ask(self, kind: type[HyperParameter], name: str, **given: Any) -> Any:
        """The value of a parameter of this kind under the scopes around; None while inactive."""
        return self._retrieve(kind(name=self._get_name(name), conditions=self._conditions, **given))

    def _retrieve(self, hp: HyperParameter) -> Any:
        if not self._exists(hp.name, hp.conditions):
            return self._register(hp)
        return self.values[hp.name] if self.is_active(hp) else None

    def _register(self, hp: HyperParameter, overwrite: bool = False) -> Any:
        self._validate_name(hp.name)
        self._add(hp)
        if not self.is_active(hp):
            return None
        if overwrite or hp.name not in self.values:
            self.values[hp.name] = self._first_value(hp, lambda: hp.default)
        return self.values[hp.name]

    def _add(self, hp: HyperParameter) -> None:
        self._hps.setdefault(hp.name, []).append(hp)
        self._space.append(hp)

    def _exists(self, name: str, conditions: list[Condition] | None = None) -> bool:
        wanted = self._conditions if conditions is None else conditions
        return any(hp.conditions == wanted for hp in self._hps.get(name, ()))

    @contextmanager
    def _under(self, parent_name: str | None, parent_values: Any) -> Iterator[None]:
        """The `conditional_scope` of `parent_name`, where one is given."""
        if not parent_name:
            yield
            return
        with self.conditional_scope(parent_name, parent_values):
            yield

    def _get_name(self, name: str) -> str:
        """`name` under the name scopes around."""
        return "/".join([*self._name_scopes, str(name)])

    def _validate_name(self, name: str) -> None:
        for condition in self._conditions:
            if condition.name == name:
                raise ValueError(
                    "A conditional `HyperParameter` cannot have the same name as its parent. "
                    f"Found: {name} and parent_name: {condition.name}"
                )

    def _first_value(self, hp: HyperParameter, otherwise: Callable[[], Any]) -> Any:
        """The value of an active parameter that has none yet."""
        return otherwise()


class BoundHyperParameters(HyperParameters):
    """HyperParameters of one trial: what was not given ahead is drawn from the trial's seed, not left at its default.

    A copy is plain, with defaults, which is what a HyperModel that is not tunable asks for.

    Args:
        seed: a parameter's value depends on it and on the parameter's name, and on nothing else.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def _first_value(self, hp: HyperParameter, otherwise: Callable[[], Any]) -> Any:
        return draw(hp, self._seed, hp.name)


def bind(space: Space, values: Mapping[str, Any], seed: int) -> BoundHyperParameters:
    """What a worker builds a trial with.

    Args:
        space: what is known so far.
        values: name to value, as proposed; those of inactive parameters are left out. Names that are not in `space` are kept for
            when the build asks for them.
        seed: gives a value to each active parameter that lacks one, known or new.

    Returns:
        A container whose `space` and `values` grow by what the build asks for beside.
    """
    hp = BoundHyperParameters(seed)
    for parameter in space.parameters:
        hp._add(parameter)
    unknown = {name: value for name, value in values.items() if name not in hp._hps}
    hp.values = {**space.complete(values, seed), **unknown}
    return hp
