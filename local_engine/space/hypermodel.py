"""Keras Tuner's HyperModel: a space of models as an object, where a function of `hp` is not enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class HyperModel:
    """Override `build(hp)` to return a model; override `fit` to train it your own way.

    Args:
        name: its name, or None.
        tunable: whether the hyperparameters asked for in `build` join the search space; where not, they keep their defaults.
    """

    def __init__(self, name: str | None = None, tunable: bool = True) -> None:
        self.name = name
        self.tunable = tunable
        # An attribute of the instance that shadows the method, so that a subclass overrides `build` plainly.
        self._build: Callable[..., Any] = self.build
        self.build = self._build_wrapper  # type: ignore[method-assign]

    def build(self, hp: Any) -> Any:
        """The model of the hyperparameters in `hp`."""
        raise NotImplementedError

    def declare_hyperparameters(self, hp: Any) -> None:
        """Asks for hyperparameters before the first build; does nothing unless overridden."""

    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Trains `model`; returns a History, a number, a dict of numbers, or a list of them."""
        return model.fit(*args, **kwargs)

    def _build_wrapper(self, hp: Any, *args: Any, **kwargs: Any) -> Any:
        # A copy takes what is asked for and is thrown away, so that the space stays as it was.
        return self._build(hp if self.tunable else hp.copy(), *args, **kwargs)
