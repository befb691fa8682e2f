"""What all hyperparameters share: a name, a default, conditions, and a way from probabilities to values and back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from local_engine.space import conditions as conditions_module
from local_engine.space.conditions import Condition


class HyperParameter:
    """Base of all kinds. Name and conditions together identify one.

    Args:
        name: the full name, with its name scopes.
        default: the value where none is given.
        conditions: one condition or a list of them; all must hold for the parameter to be active.
    """

    def __init__(self, name: str, default: Any = None, conditions: Condition | Iterable[Condition] | None = None) -> None:
        self.name = name
        self._default = default.item() if hasattr(default, "item") else default
        self.conditions: list[Condition] = [conditions] if isinstance(conditions, Condition) else list(conditions or ())

    @property
    def default(self) -> Any:
        """The value where none is given."""
        return self._default

    @property
    def values(self) -> Sequence[Any]:
        """All values it can have, in order; ten spread over the range where it is continuous."""
        raise NotImplementedError

    def random_sample(self, seed: int | None = None) -> Any:
        """A random value; the same one for the same `seed`."""
        return self.prob_to_value(random.Random(seed).random())

    def prob_to_value(self, prob: float) -> Any:
        """The value at cumulative probability `prob` in [0, 1)."""
        raise NotImplementedError

    def value_to_prob(self, value: Any) -> float:
        """The cumulative probability of `value`: the middle of its share of [0, 1) where values are countable."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        conditions = [conditions_module.serialize(condition) for condition in self.conditions]
        return {"name": self.name, "default": self.default, "conditions": conditions}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The parameter that `get_config` described; `config` stays as it is."""
        conditions = [conditions_module.deserialize(condition) for condition in config["conditions"]]
        return cls(**{**config, "conditions": conditions})
