"""The callbacks a definition names, made anew for each turn, and what they remember carried from one turn to the next."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from local_engine import definition as defined
from local_engine.errors import TrialError
from local_engine.space import frozen


def make(named: Sequence[defined.Callback], root: str | None) -> list[Any]:
    """Fresh instances of the callbacks, in order.

    Args:
        named: each a class of `keras.callbacks`, or `file.py:Class` in the code's root folder.
        root: that folder.

    Raises:
        TrialError: there is no such class, or it does not take the options.
    """
    return [_make(callback, root) for callback in named]


def _make(callback: defined.Callback, root: str | None) -> Any:
    kind = _own_class(callback.name, root) if ":" in callback.name else _keras_class(callback.name)
    try:
        return kind(**dict(callback.options))
    except (TypeError, ValueError) as error:
        raise TrialError(f"the callback {callback.name} does not take its options: {str(error).splitlines()[0]}") from error


def _keras_class(name: str) -> Any:
    known = {
        key: value
        for key, value in vars(keras.callbacks).items()
        if inspect.isclass(value) and issubclass(value, keras.callbacks.Callback)
    }
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        raise TrialError(
            f"keras.callbacks has no {name}",
            hint=f"did you mean {close[0]}?" if close else f"one of {', '.join(sorted(known))}, or file.py:Class",
        )
    return known[name]


def _own_class(name: str, root: str | None) -> Any:
    file, _, wanted = name.rpartition(":")
    path = Path(root or ".", file).resolve()
    if not path.is_file():
        raise TrialError(f"the callback {name}: there is no file {path}", hint="the path is relative to the spec's folder")
    specification = importlib.util.spec_from_file_location(
        f"_callbacks_{path.stem}", path, loader=frozen.loader(f"_callbacks_{path.stem}", path)
    )
    if specification is None or specification.loader is None:
        raise TrialError(f"the callback {name}: {path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.path.insert(0, str(path.parent))
    try:
        specification.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    kind = getattr(module, wanted, None)
    if not (inspect.isclass(kind) and issubclass(kind, keras.callbacks.Callback)):
        classes = [key for key, value in vars(module).items() if inspect.isclass(value)]
        close = difflib.get_close_matches(wanted, classes, 1)
        raise TrialError(
            f"{path.name} has no callback {wanted}",
            hint=f"did you mean {close[0]}?" if close else "it must be a class of keras.callbacks.Callback",
        )
    return kind


def watches_batches(callback: Any) -> bool:
    """Whether a callback wants to hear of single training batches, so that several steps must not run as one."""
    names = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
    return any(getattr(type(callback), name) is not getattr(keras.callbacks.Callback, name) for name in names)


def remembered(callback: Any) -> dict[str, Any]:
    """The plain numbers, strings and booleans among a callback's attributes: counters, best values, wait times.

    Not those named like an argument of its constructor: they are its options, which the constructor sets again (and which Keras'
    own callbacks change in place: `min_delta` gets its sign anew in each `fit`).
    """
    options = set(inspect.signature(type(callback).__init__).parameters)
    attributes = {name: _plain(value) for name, value in vars(callback).items() if name not in options}
    return {name: plain for name, plain in attributes.items() if plain is not _NOT_PLAIN}


def remind(callback: Any, memory: dict[str, Any]) -> None:
    """Puts back what `remembered` found; called after `on_train_begin`, which resets such counters."""
    for name, value in memory.items():
        if name in vars(callback):
            setattr(callback, name, value)


_NOT_PLAIN = object()


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | str | int | float):
        return value
    return _NOT_PLAIN
