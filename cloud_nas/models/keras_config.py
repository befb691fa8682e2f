"""What a `.keras` file would make when it is loaded, read from its `config.json` without Keras.

Keras builds whatever the file names. Here only layers and their parts from Keras' own modules pass; what is not Keras' own is
listed, so that it is loaded only where its code is trusted. The list of holes that this is against is long (CVE-2025-1550, -8747,
-9906, -12058, CVE-2026-1462 and others), and each was a name that an allow-list of the kind below would not have let pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloud_nas.errors import RefusedError

_MODULE = re.compile(
    r"keras(\.src)?(\.(layers|models|ops|initializers|regularizers|constraints|activations|optimizers|losses|metrics|dtype_policies)"
    r"(\.[a-z0-9_]+)*)?"
)
_FUNCTIONS = re.compile(r"keras(\.src)?\.(ops|initializers|regularizers|constraints|activations|losses|metrics)(\.[a-z0-9_]+)*")
"""Where functions that a model computes with are; `keras.models` and `keras.utils` have others, which load and unpack files."""
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")
_CARRIERS = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "__lambda__"}
"""What holds code, or names a folder of it, in the model's file itself."""
_PLAIN = {"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__"}
_READS_FILES = {"StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup"}
_FILE_OPTIONS = ("vocabulary", "idf_weights")
_DEEPEST = 200


@dataclass(frozen=True)
class Foreign:
    """What a model needs that is not Keras' own.

    `classes` are classes and functions of its maker's, as `module:name`, which are in the code that travels with it; `carriers`
    are layers whose code is in the model's file.
    """

    classes: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.classes or self.carriers)


def foreign_objects(config: bytes) -> Foreign:
    """What a model needs beside Keras.

    Args:
        config: the bytes of `config.json`.

    Raises:
        RefusedError: it is not a model's configuration, or holds what a model never needs and what can do harm.
    """
    try:
        value = json.loads(config)
    except (ValueError, RecursionError) as error:
        raise RefusedError("the model's config.json is not JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise RefusedError("the model's config.json describes no model")
    value = {key: item for key, item in value.items() if key != "compile_config"}  # never read: models load with compile=False
    classes: list[str] = []
    carriers: list[str] = []
    for entry in _entries(value, 0):
        if entry["class_name"] in _CARRIERS:
            carriers.append(entry["class_name"])
        elif (name := _custom(entry)) is not None:
            classes.append(name)
    return Foreign(tuple(dict.fromkeys(classes)), tuple(dict.fromkeys(carriers)))


def _entries(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Every object of the configuration that names a class."""
    if depth > _DEEPEST:
        raise RefusedError("the model's config.json is nested too deeply")
    if isinstance(value, dict):
        if "class_name" in value:
            if not isinstance(value["class_name"], str) or not isinstance(value.get("module"), str | None):
                raise RefusedError("the model's config.json names a class by something that is not text")
            yield value
        for item in value.values():
            yield from _entries(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _entries(item, depth + 1)


def _custom(entry: dict[str, Any]) -> str | None:
    """None for what is Keras' own; else `module:name`."""
    name, module, config = entry["class_name"], entry.get("module"), entry.get("config")
    if name == "__typespec__":
        raise RefusedError("the model is refused: its config.json holds a type specification, which no layer needs")
    if name in _PLAIN:
        return None
    if isinstance(config, dict) and (name in _READS_FILES) and any(isinstance(config.get(key), str) for key in _FILE_OPTIONS):
        raise RefusedError(f"the model is refused: its {name} would read a file or an address")
    registered = entry.get("registered_name")
    if name == "function":
        return _custom_function(module, config, registered)
    ours = module is not None and _MODULE.fullmatch(module) is not None and _CLASS.fullmatch(name) is not None
    if ours and registered in (None, name):
        return None
    return f"{module}:{name}"


def _custom_function(module: str | None, config: Any, registered: Any) -> str | None:
    """None for one of Keras' own functions, which are named without a module or by `builtins`."""
    if not isinstance(config, str) or not config.isidentifier():
        raise RefusedError("the model's config.json names a function by something that is not a name")
    keras_own = module == "builtins" or (module is not None and _FUNCTIONS.fullmatch(module) is not None)
    if keras_own and registered in (None, "function", config):
        return None
    return f"{module}:{config}"
