"""The forms in which a file names its space: a function of `hp`, a HyperModel class, or an instance of one."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_engine.errors import BuilderError
from local_engine.space.hypermodel import HyperModel

_SHAPE_NAMES = ("input_shape", "shape", "image_shape", "input_dim")
_CLASS_NAMES = ("num_classes", "n_classes", "nb_classes", "classes", "num_outputs", "n_outputs", "output_dim")


@dataclass(frozen=True)
class DataShape:
    """What a HyperModel that takes a shape is made with, where the file makes no instance itself.

    `input_shape` is that of one row as the model sees it, without the batch axis; `num_classes` None for regression.
    """

    input_shape: tuple[int | None, ...]
    num_classes: int | None


@dataclass(frozen=True)
class Target:
    """`build(hp)` gives a model; `fit(hp, model, ...)` trains it where the class overrides that; `declare(hp)` comes first."""

    build: Callable[..., Any]
    fit: Callable[..., Any] | None = None
    declare: Callable[[Any], Any] | None = None


def find(names: Mapping[str, Any], name: str, *, module: str) -> Any:
    """The object that `name`, dotted or not, stands for among a module's `names`.

    Raises:
        BuilderError: there is none; the hint has what could be meant.
    """
    first, *rest = name.split(".")
    if first not in names:
        candidates = [key for key, value in names.items() if _is_candidate(key, value, module)]
        raise BuilderError(f"no {name!r} in the file", hint=_suggestion(first, candidates))
    found = names[first]
    for part in rest:
        if not hasattr(found, part):
            raise BuilderError(f"no {name!r} in the file: {first!r} has no {part!r}")
        found = getattr(found, part)
    return found


def check(found: Any, name: str) -> None:
    """Refuses what cannot give models.

    Raises:
        BuilderError: it is a model already, or nothing that can be called.
    """
    kind = found if isinstance(found, type) else type(found)
    if hasattr(kind, "fit") and hasattr(kind, "predict"):
        what = "a model class" if isinstance(found, type) else "a model"
        raise BuilderError(
            f"{name!r} is {what}, not a function of hp", hint="name a function that takes hp and returns such a model"
        )
    if not callable(found) and not callable(getattr(found, "build", None)):
        raise BuilderError(f"{name!r} is of type {kind.__name__}, not a function of hp or a HyperModel")


def resolve(found: Any, name: str, shape: DataShape | None, instances: Mapping[str, Any]) -> Target:
    """How to build, fit and declare with `found`.

    Args:
        found: a function, a class or an instance.
        name: what the spec calls it.
        shape: of the data, for what takes one; None where it is not known.
        instances: the module's names: an instance of a class that takes arguments is preferred to making one.

    Raises:
        BuilderError: it takes arguments that nobody gives.
    """
    check(found, name)
    if isinstance(found, type):
        made = next((value for value in instances.values() if type(value) is found), None)
        required = _required(found)
        found = made if required and made is not None else found(**_from_shape(required, name, shape))
    if callable(getattr(found, "build", None)):
        declare = getattr(found, "declare_hyperparameters", None)
        return Target(found.build, overridden_fit(found), declare)
    extra = _from_shape(_required(found)[1:], name, shape)
    if not extra:
        return Target(found)
    return Target(lambda hp: found(hp, **extra))


def overridden_fit(found: Any) -> Callable[..., Any] | None:
    """The `fit` of a HyperModel where the user's class has one of its own; found on the class or on an instance."""
    kind = found if isinstance(found, type) else type(found)
    fit = getattr(kind, "fit", None)
    if fit is None or not hasattr(kind, "build"):
        return None
    module = str(getattr(fit, "__module__", ""))
    if module == HyperModel.__module__ or module.partition(".")[0] in ("keras_tuner", "kerastuner"):
        return None
    return getattr(found, "fit", None)


def _required(found: Callable[..., Any]) -> list[str]:
    """The names of the arguments without defaults, `self` left out; none where the signature cannot be read."""
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return []
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = signature.parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind in plain and parameter.default is parameter.empty]


def _from_shape(names: list[str], name: str, shape: DataShape | None) -> dict[str, Any]:
    """A value for each of `names` from the data's shape."""
    strange = [argument for argument in names if argument not in (*_SHAPE_NAMES, *_CLASS_NAMES)]
    if strange:
        raise BuilderError(
            f"{name!r} takes arguments that nothing gives: {', '.join(strange)}",
            hint="give them defaults, or bind them: build = functools.partial(build_model, ...)",
        )
    if names and shape is None:
        raise BuilderError(f"{name!r} takes {', '.join(names)}, which only the data can tell")
    values: dict[str, Any] = {}
    for argument in names:
        assert shape is not None
        if argument in _CLASS_NAMES:
            values[argument] = shape.num_classes
        else:
            values[argument] = shape.input_shape[0] if argument == "input_dim" and shape.input_shape else shape.input_shape
    return values


def _is_candidate(key: str, value: Any, module: str) -> bool:
    """Whether a name of the module could be meant as a space: a function, class or HyperModel defined there."""
    if key.startswith("_"):
        return False
    if isinstance(value, type) or inspect.isfunction(value):
        return value.__module__ == module
    return type(value).__module__ == module and callable(getattr(value, "build", None))


def _suggestion(name: str, candidates: list[str]) -> str:
    close = difflib.get_close_matches(name, candidates, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(repr(match) for match in close) + "?"
    return f"the file defines {', '.join(candidates)}" if candidates else "the file defines no function or class"


def are_of_shape(arguments: Iterable[str]) -> bool:
    """Whether the data's shape gives a value for each of these arguments."""
    return all(argument in (*_SHAPE_NAMES, *_CLASS_NAMES) for argument in arguments)
