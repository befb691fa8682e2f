"""A model read back from an artifact folder, and its outputs for raw rows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from local_engine.data.inputs import as_tensors
from local_engine.definition import ModelSpace
from local_engine.errors import EngineError
from local_engine.training import estimators, manifest
from local_engine.training.scoring import Array

if TYPE_CHECKING:
    from local_engine.data import Part

_BATCH = 1024


@dataclass(frozen=True)
class KerasModel:
    """A Keras model with its preprocessing inside."""

    model: Any

    def outputs(self, raw: Any) -> Array:
        """What the model gives for raw rows."""
        return np.asarray(self.model(as_tensors(raw), training=False))


@dataclass(frozen=True)
class EstimatorModel:
    """An estimator of scikit-learn, with the Keras model that makes its rows."""

    estimator: Any
    preprocessing: Any
    classes: int | None

    def outputs(self, raw: Any) -> Array:
        """Values, or probabilities of all classes of the data."""
        rows = np.asarray(self.preprocessing(as_tensors(raw), training=False))
        return estimators.outputs_of(self.estimator, estimators.matrix(rows), self.classes)


LoadedModel = KerasModel | EstimatorModel


def load_model(folder: Path, *, trust: bool = False) -> LoadedModel:
    """The model of an artifact folder, not compiled.

    Args:
        folder: the artifact. Whether its files are what the manifest says is for the caller to check before.
        trust: run the user's code in `code/`, Python in the model's file (lambdas), and types that skops does not know. Without
            it such a model is refused, and nothing of the user's runs.

    Raises:
        EngineError: there is no model, it cannot be read, or it needs trust.
    """
    about = manifest.read(folder)
    if about["custom_objects"] and not trust and about["kind"] == "keras":
        raise EngineError("the model needs the user's own code to load", hint="trust it only where you know who made it")
    try:
        if about["kind"] == "estimator":
            return _load_estimator(folder, about, trust)
        objects = _custom_objects(folder, about) if about["custom_objects"] else {}
        with keras.saving.custom_object_scope(objects):
            model = keras.models.load_model(folder / "model.keras", compile=False, safe_mode=not trust)
    except EngineError:
        raise
    except Exception as error:  # Keras and skops raise anything at a file that is not what they wrote
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EngineError(f"the model in {folder} cannot be loaded: {first}") from error
    return KerasModel(model)


def predict(model: LoadedModel, part: Part) -> Array:
    """Outputs for all rows of `part`, in its order, computed batch by batch: (n,) or (n, units)."""
    outputs = [model.outputs(raw) for raw, _ in part.batches(_BATCH)]
    return np.concatenate(outputs) if outputs else np.zeros((0, 1))


def _load_estimator(folder: Path, about: dict[str, Any], trust: bool) -> EstimatorModel:
    path = folder / estimators.NAME
    foreign = [name for name in estimators.untrusted_types(path) if not estimators.is_known_type(name)]
    if foreign and not trust:
        raise EngineError(
            f"the estimator holds types that are not scikit-learn's own: {', '.join(foreign[:5])}",
            hint="trust it only where you know who made it",
        )
    if foreign:
        _custom_objects(folder, about)
    estimator = estimators.load(path, trusted=estimators.untrusted_types(path))
    preprocessing = keras.models.load_model(folder / estimators.PREPROCESSING, compile=False)
    return EstimatorModel(estimator, preprocessing, None if about["classes"] is None else len(about["classes"]))


def _custom_objects(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Classes and functions that the user's files in `code/` define, by the names Keras may have saved them under."""
    from local_engine.space.builder import load_builder

    builder = about["builder"]
    if builder["file"] is None or not (folder / "code" / builder["file"]).is_file():
        return {}  # handed over in the process, or a lambda alone: what Keras has registered must do
    code = folder / "code"
    before, compiled = set(sys.modules), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # nothing may come into the folder that its manifest does not list
    try:
        load_builder(ModelSpace(str(code / builder["file"]), builder["name"]), root=code)
    finally:
        sys.dont_write_bytecode = compiled
    own = [module for name, module in list(sys.modules.items()) if name not in before and _lies_in(module, code)]
    return {
        name: value
        for module in own
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    }


def _lies_in(module: Any, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and Path(file).resolve().is_relative_to(folder.resolve())
