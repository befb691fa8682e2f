"""From Keras to ONNX by tf2onnx, which needs to know which tensors are inputs: Keras' own way to it takes constants for some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tf2onnx


def convert(model: Any, path: Path) -> None:
    """Writes a functional model; its inputs keep their names, its output is called `output_0`.

    Args:
        model: of one output, whose inputs are one tensor or a dict of them.
        path: the file.
    """
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    if not hasattr(np, "object"):
        np.object = object  # type: ignore[attr-defined]  # tf2onnx asks for a name that NumPy 2 has no more
    asked = keras.tree.map_structure(lambda one: tf.TensorSpec(one.shape, one.dtype, one.name), model.input)
    traced = tf.function(lambda raw: model(raw, training=False)).get_concrete_function(asked)
    known = {id(one) for one in traced.graph.internal_captures}
    inputs = [one.name for one in traced.inputs if id(one) not in known]
    names = [one.name for one in tf.nest.flatten(asked)]
    (output,) = (one.name for one in traced.outputs)
    frozen = convert_variables_to_constants_v2(traced)
    tf2onnx.convert.from_graph_def(
        frozen.graph.as_graph_def(),
        input_names=inputs,
        output_names=[output],
        tensors_to_rename={**dict(zip(inputs, names, strict=True)), output: "output_0"},
        output_path=str(path),
    )
