"""Running what was exported, by the program that it was exported for."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from local_engine.errors import EngineError, MissingDependencyError
from local_engine.exporting.formats import Format
from local_engine.training.scoring import Array


def outputs(path: Path, to: Format, raw: Any) -> Array:
    """What the exported model gives for raw rows: (n,) or (n, units).

    Raises:
        EngineError: it does not run, or gives something else.
        MissingDependencyError: what runs it is not installed.
    """
    try:
        found = np.asarray(_RUNNERS[to](path, raw), dtype=np.float64)
    except EngineError:
        raise
    except Exception as error:  # each of the programs has errors of its own
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EngineError(f"{path.name} was written and does not run: {first}") from error
    return found


def _keras(path: Path, raw: Any) -> Any:
    import keras

    from local_engine.data.inputs import as_tensors

    return keras.models.load_model(path, compile=False)(as_tensors(raw), training=False)


def _saved_model(path: Path, raw: Any) -> Any:
    import tensorflow as tf

    from local_engine.data.inputs import as_tensors

    loaded = tf.saved_model.load(str(path))
    return loaded.serve(as_tensors(raw))


def _tflite(path: Path, raw: Any) -> Any:
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow would have it run by another package, which runs the same code
        interpreter = tf.lite.Interpreter(model_path=str(path))
        runner = interpreter.get_signature_runner()
    wanted = runner.get_input_details()
    given = raw if isinstance(raw, dict) else {next(iter(wanted)): raw}
    answer = runner(**{name: np.asarray(given[name], dtype=about["dtype"]) for name, about in wanted.items()})
    return next(iter(answer.values()))


def _onnx(path: Path, raw: Any) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependencyError(
            "to run ONNX needs onnxruntime, not installed", hint='pip install "cloud-nas[onnx]"'
        ) from error
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    given = raw if isinstance(raw, dict) else {names[0]: raw}
    return session.run(None, {name: np.asarray(given[name]) for name in names})[0]


_RUNNERS: dict[Format, Callable[[Path, Any], Any]] = {
    "keras": _keras,
    "savedmodel": _saved_model,
    "tflite": _tflite,
    "onnx": _onnx,
}
