"""The layers of a Keras model, read from its file as plain JSON: nothing of it is loaded."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Layer = tuple[str, str, str, int | None]
"""Its name, its kind, what it was made with, its parameters (None: the file does not say)."""

_CONFIG = "config.json"
_LARGEST = 32 * 2**20
_MOST = 400
_TOLD = ("units", "filters", "kernel_size", "pool_size", "strides", "padding", "activation", "rate", "output_dim", "axis")


def layers_of(path: Path) -> tuple[Layer, ...]:
    """The layers in the order of the file; none where it is no such file."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = archive.getinfo(_CONFIG)
            if about.file_size > _LARGEST:
                return ()
            config = json.loads(archive.read(about))
        return tuple(layer for layer, _ in zip(_layers(config, 0), range(_MOST), strict=False))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return ()


def _layers(config: Mapping[str, Any], depth: int) -> Iterator[Layer]:
    """The layers of a model, and of models inside it."""
    for layer in config.get("config", {}).get("layers", ()):
        inside = layer.get("config", {})
        if "layers" in inside and depth < 8:
            yield from _layers(layer, depth + 1)
            continue
        yield str(inside.get("name", layer.get("name", ""))), str(layer.get("class_name", "")), _made(inside), None


def _made(config: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_text(config[name])}" for name in _TOLD if config.get(name) is not None)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("class_name", value.get("config", "")))
    return " x ".join(map(str, value)) if isinstance(value, list) else str(value)
