"""Writing a model: as Keras' own file, as a SavedModel, for TFLite, as ONNX."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from local_engine.errors import EngineError, MissingDependencyError
from local_engine.training.predicting import KerasModel, LoadedModel

Format = Literal["keras", "savedmodel", "tflite", "onnx"]
FORMATS: dict[Format, str] = {"keras": "model.keras", "savedmodel": "saved_model", "tflite": "model.tflite", "onnx": "model.onnx"}
"""The name of what is written: a folder for `savedmodel`, a file for the others."""


class Unfit(EngineError):
    """The model has no such form."""


def export(model: LoadedModel, to: Format, source: Path, folder: Path, raw: Any) -> Path:
    """Writes the model into `folder`.

    Args:
        model: loaded from `source`.
        to: the form.
        source: its artifact folder.
        folder: where to write; it is there.
        raw: some raw rows, for converters that have to see the model called.

    Raises:
        Unfit: the converter cannot do it; the message says why.
        MissingDependencyError: the converter is not installed.
    """
    if not isinstance(model, KerasModel):
        raise Unfit("only a Keras model has such forms")
    path = folder / FORMATS[to]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        model.outputs(raw)
        _WRITERS[to](model.model, source, path)
    return path


def _keras(model: Any, source: Path, path: Path) -> None:
    shutil.copyfile(source / "model.keras", path)


def _saved_model(model: Any, source: Path, path: Path) -> None:
    try:
        model.export(path, format="tf_saved_model", verbose=False)
    except Exception as error:
        raise Unfit(f"TensorFlow cannot save it: {_first(error)}") from error


def _tflite(model: Any, source: Path, path: Path) -> None:
    import tensorflow as tf

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # the converter's way from Keras takes no dicts of columns
        _saved_model(model, source, Path(folder, "saved_model"))
        try:
            content = tf.lite.TFLiteConverter.from_saved_model(f"{folder}/saved_model").convert()
        except Exception as error:
            hint = "TFLite lacks most of what reads texts: such a model keeps its form in savedmodel"
            raise Unfit(f"TFLite cannot hold it: {_first(error)}", hint=hint) from error
    path.write_bytes(content)


def _onnx(model: Any, source: Path, path: Path) -> None:
    try:
        from onnx import checker

        from local_engine.exporting import onnx
    except ImportError as error:
        raise MissingDependencyError(f"ONNX needs {error.name}, not installed", hint='pip install "cloud-nas[onnx]"') from error
    hint = "ONNX has no tables of words: a model that reads texts or categories keeps its form in savedmodel"
    try:
        onnx.convert(model, path)
    except Exception as error:
        raise Unfit(f"tf2onnx cannot convert it: {_first(error)}", hint=hint) from error
    try:
        checker.check_model(str(path))
    except Exception as error:  # operations that ONNX does not have are left in the file as they were
        raise Unfit(f"ONNX cannot hold it: {_first(error)}", hint=hint) from error


def _first(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


_WRITERS: dict[Format, Callable[[Any, Path, Path], None]] = {
    "keras": _keras,
    "savedmodel": _saved_model,
    "tflite": _tflite,
    "onnx": _onnx,
}
