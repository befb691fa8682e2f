"""An installed keras-tuner while a user's file is imported: its tuners write down what they are given and do nothing."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from local_engine.space import recording
from local_engine.space.signatures import ORACLES, TUNERS, named_search

_QUIET = ("search_space_summary", "results_summary", "reload", "save")
_EMPTY = ("get_best_models", "get_best_hyperparameters")


def keras_tuner() -> ModuleType | None:
    """The installed keras-tuner; None where there is none that can be imported (with TensorFlow 2.21 it needs tensorboard)."""
    try:
        import keras_tuner as module
    except ImportError:
        return None
    return module if getattr(module, "Tuner", None) is not None else None


def old_names() -> dict[str, ModuleType]:
    """The modules of keras-tuner imported so far under its old name, for where the package of that name is not installed."""
    loaded = {name: found for name, found in list(sys.modules.items()) if name.partition(".")[0] == "keras_tuner"}
    return {name.replace("keras_tuner", "kerastuner", 1): found for name, found in loaded.items()}


@contextmanager
def recorded(module: ModuleType) -> Iterator[None]:
    """Makes keras-tuner's tuners report to the recording in effect, and puts them back as they were."""
    undo: list[tuple[type, str, Any]] = []

    def replace(kind: type, name: str, new: Callable[..., Any]) -> None:
        undo.append((kind, name, kind.__dict__[name]))
        setattr(kind, name, new)

    try:
        for kind in _classes(module, TUNERS):
            for name, new in _tuner_methods(kind).items():
                if name in kind.__dict__:
                    replace(kind, name, new)
        for kind in _classes(module, ORACLES):
            if "__init__" in kind.__dict__:
                replace(kind, "__init__", _recording_oracle(kind, kind.__dict__["__init__"]))
        yield
    finally:
        for kind, name, old in reversed(undo):
            setattr(kind, name, old)


def _classes(module: ModuleType, known: dict[str, tuple[str, ...]]) -> list[type]:
    """keras-tuner's own classes of these names, those above them included, each once."""
    found: dict[type, None] = {}
    for holder in (module, module.oracles):
        for name in known:
            for kind in getattr(getattr(holder, name, None), "__mro__", ()):
                if kind.__module__.partition(".")[0] == "keras_tuner" and kind.__name__ in known:
                    found[kind] = None
    return list(found)


def _tuner_methods(kind: type) -> dict[str, Callable[..., Any]]:
    """What takes the place of a tuner class's methods."""
    signature = inspect.signature(kind)

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        recording.note_tuner(self, kind.__name__, _bound(signature, args, kwargs))

    def search(self: Any, *args: Any, **kwargs: Any) -> None:
        recording.note_search(self, named_search(kind.__name__, args, kwargs))

    methods: dict[str, Callable[..., Any]] = {"__init__": init, "search": search}
    methods |= {name: lambda self, *args, **kwargs: None for name in _QUIET}
    return methods | {name: lambda self, *args, **kwargs: [] for name in _EMPTY}


def _recording_oracle(kind: type, original: Callable[..., Any]) -> Callable[..., Any]:
    """An oracle's constructor that reports and then goes on: it touches nothing."""
    signature = inspect.signature(kind)

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        recording.note_oracle(self, kind.__name__, _bound(signature, args, kwargs))
        original(self, *args, **kwargs)

    return init


def _bound(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments given, under their names.

    Raises:
        TypeError: they do not fit the constructor, as it would say itself.
    """
    arguments = dict(signature.bind(*args, **kwargs).arguments)
    arguments.update(arguments.pop("kwargs", {}))
    return arguments
