"""The artifact's model: raw rows in, the user's model's outputs out, the preprocessing between them, in one Keras file."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from local_engine import files
from local_engine.errors import TrialError


def compose(raw_inputs: Any, encoder: Any, model: Any) -> Any:
    """A functional model from raw rows to the outputs of `model`, which is trained and built.

    `model` loses its optimizer, loss and metrics: the file is for prediction, and loads without the user's loss functions.
    """
    model.optimizer = None
    model.compiled = False
    model._compile_config = None
    model._compile_loss = None
    model._compile_metrics = None
    return keras.Model(raw_inputs, model(encoder(raw_inputs), training=False), name="artifact")


_OF_COMPILING = ("optimizer", "compiled", "_compile_config", "_compile_loss", "_compile_metrics")


@contextmanager
def compiled_again(model: Any) -> Iterator[None]:
    """Gives `model` back, after the block, what `compose` takes from it, so that its training can go on."""
    kept = {name: getattr(model, name) for name in _OF_COMPILING if hasattr(model, name)}
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(model, name, value)


def save(model: Any, path: Path) -> None:
    """Writes a Keras model, whole or not at all.

    Raises:
        TrialError: Keras cannot describe a class of the model.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saving-") as folder:
        temporary = Path(folder, path.name)
        try:
            model.save(temporary, include_optimizer=False)
        except (NotImplementedError, TypeError) as error:
            raise TrialError(
                "Keras cannot save this model: one of its classes does not say how it is made",
                hint="give the class a get_config() that returns the arguments of its __init__",
            ) from error
        with files.replacing(path) as file, temporary.open("rb") as written:
            shutil.copyfileobj(written, file)


def needs_code(path: Path) -> bool:
    """Whether loading the Keras file at `path` needs classes or functions that are not Keras' own (lambdas included)."""
    with zipfile.ZipFile(path) as archive:
        return _has_custom(json.loads(archive.read("config.json")))


def _has_custom(config: Any) -> bool:
    if isinstance(config, list):
        return any(_has_custom(item) for item in config)
    if not isinstance(config, dict):
        return False
    if config.get("class_name") == "__lambda__":
        return True
    if "registered_name" in config and "class_name" in config and config.get("registered_name") is not None:
        module = config.get("module")
        # Keras' own functional classes carry a registered name too, but in a module of Keras.
        if not (isinstance(module, str) and module.split(".")[0] == "keras"):
            return True
    return any(_has_custom(item) for item in config.values())
