"""TensorFlow Lite files with metadata such as a service's edge models carry, made of a few operations."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def content(*, whole: bool, size: int = 8, classes: int = 10, shift: float = 0.0) -> bytes:
    """A classifier of images of `size`: the chance of class k grows with the brightness of the k-th row.

    Args:
        whole: whether it takes and gives numbers of 8 bits, as a service's do; else real numbers, from 0 to 1.
        size: height and width.
        classes: how many.
        shift: what real numbers are lessened by before they are used.
    """
    import numpy as np
    import tensorflow as tf

    class Model(tf.Module):  # type: ignore[misc]  # TensorFlow has no types
        @tf.function(input_signature=[tf.TensorSpec([1, size, size, 3], tf.float32)])  # type: ignore[untyped-decorator]
        def __call__(self, image: Any) -> Any:
            rows = tf.reduce_mean(image + shift, axis=[2, 3])
            return tf.nn.softmax(8.0 * tf.image.resize(rows[:, :, None, None], [classes, 1])[:, :, 0, 0])

    model = Model()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([model.__call__.get_concrete_function()], model)
    if whole:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        images = np.random.default_rng(1).random((20, 1, size, size, 3)).astype(np.float32)
        images[0], images[1] = 0, 1
        converter.representative_dataset = lambda: ([one] for one in images)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    made: bytes = converter.convert()
    return made


def with_labels(path: Path, model: bytes, labels: Sequence[str], name: str = "labels.txt") -> Path:
    """Writes the model with the list of its classes in a zip at its end."""
    path.write_bytes(model)
    with zipfile.ZipFile(path, "a") as found:
        found.writestr(name, "\n".join(labels) + "\n")
    return path


def metadata(mean: float, deviation: float) -> bytes:
    """A ModelMetadata that says how the input is scaled, built from its end to its beginning as FlatBuffers are."""
    import flatbuffers

    builder = flatbuffers.Builder(0)

    def floats(value: float) -> int:
        builder.StartVector(4, 1, 4)
        builder.PrependFloat32(value)
        return int(builder.EndVector())

    def vector(table: int) -> int:
        builder.StartVector(4, 1, 4)
        builder.PrependUOffsetTRelative(table)
        return int(builder.EndVector())

    def table(fields: dict[int, tuple[str, int]]) -> int:
        builder.StartObject(8)
        for place, (kind, value) in fields.items():
            if kind == "byte":
                builder.PrependUint8Slot(place, value, 0)
            else:
                builder.PrependUOffsetTRelativeSlot(place, value, 0)
        return int(builder.EndObject())

    means, deviations = floats(mean), floats(deviation)
    options = table({0: ("offset", means), 1: ("offset", deviations)})
    unit = table({0: ("byte", 1), 1: ("offset", options)})
    tensor = table({4: ("offset", vector(unit))})
    graph = table({2: ("offset", vector(tensor))})
    builder.Finish(table({3: ("offset", vector(graph))}))
    return bytes(builder.Output())


def with_metadata(model: bytes, told: bytes) -> bytes:
    """The model with those metadata among its buffers."""
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    found = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))
    entry, buffer = schema.MetadataT(), schema.BufferT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(found.buffers)
    buffer.data = list(told)
    found.buffers.append(buffer)
    found.metadata = [*(found.metadata or []), entry]
    builder = flatbuffers.Builder(1024)
    builder.Finish(found.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def broken(model: bytes) -> bytes:
    """The model with a place in it that leads beyond its end."""
    return struct.pack("<I", len(model) * 2) + model[4:]
