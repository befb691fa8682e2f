"""`keras_tuner` and `kerastuner` for machines without them: a small tree of modules made of our objects.

A user's file imports them as it always did. What builds spaces is ours and works; tuners write down what they are given; what is
neither says so when it is used. The tree is in `sys.modules` only while a user's code is imported or runs.
"""

from __future__ import annotations

import functools
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from local_engine.errors import BuilderError
from local_engine.space import conditions, parameters, ranges, recording
from local_engine.space.hp import HyperParameters
from local_engine.space.hypermodel import HyperModel
from local_engine.space.signatures import ORACLES, TUNERS, named, named_search

VERSION = "1.4.8"
"""The version of keras-tuner whose behaviour the stand-in has."""

INSTALL = "pip install keras-tuner tensorboard"

_APPLICATIONS = ("HyperEfficientNet", "HyperImageAugment", "HyperResNet", "HyperXception")


class Objective:
    """A metric's name and whether it is to be "min" or "max"."""

    def __init__(self, name: str, direction: str) -> None:
        self.name = name
        self.direction = direction

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Objective) and (other.name, other.direction) == (self.name, self.direction)

    def __hash__(self) -> int:
        return hash((self.name, self.direction))

    def __str__(self) -> str:
        return f'Objective(name="{self.name}", direction="{self.direction}")'


class Oracle:
    """Writes down what it is made with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kind = _nearest(type(self), ORACLES)
        recording.note_oracle(self, kind, named(ORACLES[kind], args, kwargs))


class BaseTuner:
    """Writes down what it is made with, and ends the import when it is to search."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kind = _nearest(type(self), TUNERS)
        recording.note_tuner(self, kind, named(TUNERS[kind], args, kwargs))

    def search(self, *args: Any, **kwargs: Any) -> None:
        """Ends the import."""
        recording.note_search(self, named_search(_nearest(type(self), TUNERS), args, kwargs))

    def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> Any:
        """Never called here; there for subclasses to override."""

    def search_space_summary(self, extended: bool = False) -> None:
        """Nothing to say before the search."""

    def results_summary(self, num_trials: int = 10) -> None:
        """Nothing to say before the search."""

    def reload(self) -> None:
        """Nothing to reload."""

    def save(self) -> None:
        """Nothing to save."""

    def get_best_models(self, num_models: int = 1) -> list[Any]:
        """None before the search."""
        return []

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[Any]:
        """None before the search."""
        return []


class FatalError(Exception):
    """Ends a whole search, in Keras Tuner."""


class FailedTrialError(Exception):
    """Fails one trial."""


@functools.cache
def make_modules() -> dict[str, ModuleType]:
    """The tree, full module name to module; the same objects each time."""
    tuner = type("Tuner", (BaseTuner,), {})
    tuners = {name: type(name, (tuner,), {}) for name in TUNERS if name not in ("BaseTuner", "Tuner", "SklearnTuner")}
    tuners |= {"SklearnTuner": type("SklearnTuner", (BaseTuner,), {}), "Tuner": tuner}
    oracles = {name: type(name, (Oracle,), {}) for name in ORACLES if name != "Oracle"}
    errors: dict[str, Any] = {"FatalError": FatalError, "FailedTrialError": FailedTrialError}
    for name, base in (("FatalValueError", ValueError), ("FatalTypeError", TypeError), ("FatalRuntimeError", RuntimeError)):
        errors[name] = type(name, (FatalError, base), {})
    public = {**tuners, **errors, "HyperModel": HyperModel, "HyperParameters": HyperParameters, "Objective": Objective}
    public |= {"HyperParameter": parameters.HyperParameter, "Oracle": Oracle, "synchronized": lambda function: function}
    serializers = {"serialize": _serialize, "deserialize": _deserialize}
    contents: dict[str, dict[str, Any]] = {
        "": {**public, "__version__": VERSION},
        ".tuners": tuners,
        ".oracles": oracles,
        ".errors": errors,
        ".applications": {name: _missing(name) for name in _APPLICATIONS},
        ".engine": {},
        ".engine.base_tuner": {"BaseTuner": BaseTuner},
        ".engine.tuner": {"Tuner": tuner},
        ".engine.multi_execution_tuner": {"MultiExecutionTuner": tuners["MultiExecutionTuner"]},
        ".engine.oracle": {"Oracle": Oracle, "Objective": Objective, "synchronized": public["synchronized"]},
        ".engine.objective": {"Objective": Objective},
        ".engine.hypermodel": {"HyperModel": HyperModel},
        ".engine.conditions": _public(conditions),
        ".engine.hyperparameters": {**parameters.KINDS, "HyperParameters": HyperParameters, **serializers},
        ".engine.hyperparameters.hp_types": _public(parameters),
        ".engine.hyperparameters.hp_utils": _public(ranges),
        ".engine.hyperparameters.hyperparameter": {"HyperParameter": parameters.HyperParameter},
        ".engine.hyperparameters.hyperparameters": {"HyperParameters": HyperParameters},
    }
    modules: dict[str, ModuleType] = {}
    for package in ("keras_tuner", "kerastuner"):
        for suffix, names in contents.items():
            modules[package + suffix] = _module(package + suffix, names)
        for suffix in contents:
            parent, _, child = (package + suffix).rpartition(".")
            if parent:
                setattr(modules[parent], child, modules[package + suffix])
    return modules


def _module(name: str, names: dict[str, Any]) -> ModuleType:
    """A module of `names` that says what it is when it is asked for another."""
    module = ModuleType(name, f"cloud-nas's stand-in for {name}.")
    module.__dict__.update(names)
    module.__path__ = []
    module.__spec__ = ModuleSpec(name, None, is_package=True)

    def absent(attribute: str) -> Any:
        raise AttributeError(f"keras-tuner is not installed, and cloud-nas's stand-in for {name} has no {attribute!r}")

    module.__getattr__ = absent  # type: ignore[method-assign]
    return module


def _missing(name: str) -> type:
    """A class that can be imported and subclassed, and says when it is made that it is not here."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        raise BuilderError(f"keras_tuner.applications.{name} needs keras-tuner, which is not installed", hint=INSTALL)

    return type(name, (HyperModel,), {"__init__": init})


def _public(module: ModuleType) -> dict[str, Any]:
    """The names of `module` that do not begin with an underscore."""
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _nearest(kind: type, known: dict[str, tuple[str, ...]]) -> str:
    """The name of the first class above `kind`, itself included, that Keras Tuner has."""
    return next(base.__name__ for base in kind.__mro__ if base.__name__ in known and base.__module__ == __name__)


def _serialize(made: Any) -> dict[str, Any]:
    """Any of the hyperparameter objects as plain data."""
    if isinstance(made, HyperParameters):
        return {"class_name": "HyperParameters", "config": made.get_config()}
    return parameters.serialize(made)


def _deserialize(config: dict[str, Any]) -> Any:
    """What `_serialize` wrote."""
    if config["class_name"] == "HyperParameters":
        return HyperParameters.from_config(config["config"])
    return parameters.deserialize(config)
