"""Inside the confined process: a TensorFlow Lite file on images, one after the other, as the service's own samples run it."""

from __future__ import annotations

import importlib
import struct
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import FailedError, MissingExtraError
from cloud_nas.models.flat_table import FlatTable

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part

_BATCH = 256
_NAMED = b"TFLITE_METADATA"
_BUFFERS, _METADATA = 4, 6
"""Fields of TensorFlow Lite's Model."""

_SUBGRAPHS, _INPUTS, _UNITS, _KIND, _OPTIONS, _NORMALISES = 3, 2, 4, 0, 1, 1
"""Fields of the tables in its metadata, and what a NormalizationOptions is told by."""


def run(path: Path, parts: Sequence[Part]) -> tuple[list[np.ndarray], list[str]]:
    """What the model gives for the images of each part, float64 (n, outputs), and what had to be assumed.

    Raises:
        FailedError: it is no model that takes one image.
    """
    import numpy as np

    interpreter = _interpreter(path)
    interpreter.allocate_tensors()
    (taken,), given = interpreter.get_input_details(), interpreter.get_output_details()
    if len(given) != 1 or len(taken["shape"]) != 4 or taken["shape"][0] != 1 or taken["shape"][3] not in (1, 3):
        raise FailedError(f"the edge model takes {[int(size) for size in taken['shape']]} rather than one image")
    prepare, notes = _preparing(taken, path)
    outputs = []
    for part in parts:
        rows = []
        for pixels in _images(part):
            interpreter.set_tensor(taken["index"], prepare(pixels))
            interpreter.invoke()
            rows.append(_real(interpreter.get_tensor(given[0]["index"]), given[0]).reshape(-1))
        outputs.append(np.stack(rows) if rows else np.zeros((0, 1)))
    return outputs, notes


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """An image (h, w, channels) at another size, bilinearly between the centres of its pixels; float32."""
    import numpy as np

    def places(size: int, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        centres = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
        below = np.floor(centres).astype(int)
        return below, np.minimum(below + 1, size - 1), (centres - below).astype(np.float32)

    image = pixels.astype(np.float32)
    (top, bottom, down), (left, right, across) = places(image.shape[0], height), places(image.shape[1], width)
    rows = image[top] + (image[bottom] - image[top]) * down[:, None, None]
    return np.asarray(rows[:, left] + (rows[:, right] - rows[:, left]) * across[None, :, None])


def _interpreter(path: Path) -> Any:
    """Google's interpreter, from the small package where it is there, else TensorFlow's own."""
    try:
        Interpreter = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError:
        try:
            import tensorflow as tf
        except ImportError as error:
            raise MissingExtraError(
                "an edge model needs TensorFlow, not installed", hint='pip install "cloud-nas[local]"'
            ) from error
        Interpreter = tf.lite.Interpreter
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow would have it run by the small package, which runs the same code
        return Interpreter(model_path=str(path), num_threads=1)


def _preparing(taken: dict[str, Any], path: Path) -> tuple[Any, list[str]]:
    """What makes an image the model's input: bytes as they are, real numbers as its metadata say."""
    import numpy as np

    _, height, width, channels = (int(size) for size in taken["shape"])
    kind, notes = np.dtype(taken["dtype"]), list[str]()
    mean, std = 0.0, 1.0
    if kind.kind == "f":
        told = _normalisation(path)
        mean, std = told or (0.0, 255.0)
        if told is None:
            notes.append("the edge model does not say how its numbers are scaled; pixels from 0 to 1 are assumed")
    elif kind not in (np.dtype(np.uint8), np.dtype(np.int8)):
        raise FailedError(f"the edge model takes {kind}, not images")
    shift = 128 if kind == np.dtype(np.int8) else 0

    def prepare(pixels: np.ndarray) -> np.ndarray:
        image = resized(_channels(pixels, channels), height, width)
        if kind.kind == "f":
            return np.asarray(((image - mean) / std)[None].astype(kind))
        return np.asarray((image.round() - shift)[None].astype(kind))

    return prepare, notes


def _channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """An image as (h, w, channels), grey repeated or colours averaged."""
    image = pixels if pixels.ndim == 3 else pixels[:, :, None]
    if image.shape[2] == channels:
        return image
    return image.repeat(channels, axis=2) if image.shape[2] == 1 else image.mean(axis=2, keepdims=True)


def _images(part: Part) -> Iterator[np.ndarray]:
    """The images of a part, 0 to 255, as the service got them."""
    import numpy as np

    for stored in part.stored_batches(_BATCH):
        found = np.asarray(stored)
        if found.dtype.kind == "f":
            found = (found.clip(0, 1) * 255).round()
        elif found.dtype == np.uint16:
            found = found / 257
        yield from found


def _real(values: np.ndarray, about: dict[str, Any]) -> np.ndarray:
    """Outputs as real numbers, by the model's own scale where they are whole."""
    import numpy as np

    scale, zero = about["quantization"]
    found = values.astype(np.float64)
    return found if values.dtype.kind == "f" or not scale else (found - zero) * scale


def _normalisation(path: Path) -> tuple[float, float] | None:
    """Mean and deviation that the model's metadata name for its input; None: they name none, or cannot be read."""
    try:
        model = FlatTable.root(path.read_bytes())
        buffers = model.tables(_BUFFERS)
        for entry in model.tables(_METADATA):
            if entry.data(0) == _NAMED:
                return _of_metadata(buffers[entry.number(1) or 0].data(0))
    except (struct.error, IndexError, MemoryError):
        return None
    return None


def _of_metadata(content: bytes) -> tuple[float, float] | None:
    """The first NormalizationOptions of the first input, by the published schema of TensorFlow Lite's metadata."""
    given = FlatTable.root(content).tables(_SUBGRAPHS)[0].tables(_INPUTS)[0]
    for unit in given.tables(_UNITS):
        options = unit.table(_OPTIONS)
        if options is not None and unit.byte(_KIND) == _NORMALISES:
            means, deviations = options.floats(0), options.floats(1)
            if means and deviations and deviations[0]:
                return means[0], deviations[0]
    return None
