"""Images and arrays: float32, scaled as asked, with a channel axis where the model declares one."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from local_engine.data.inputs import Inputs
from local_engine.data.preprocessing.forms import Form
from local_engine.definition import Scale


def raw_array(inputs: Inputs) -> Any:
    """The input of raw rows, in their stored type."""
    return keras.Input(inputs.shape, dtype=inputs.dtype, name=inputs.kind)


def array_encoder(inputs: Inputs, scale: Scale, form: Form) -> Any:
    """A model from stored values to float32: integers over their type's maximum under `unit`, all else as it is."""
    raw = raw_array(inputs)
    integer = np.dtype(inputs.dtype).kind == "u"
    factor = 1.0 / np.iinfo(inputs.dtype).max if scale == "unit" and integer else 1.0
    result = keras.layers.Rescaling(factor, dtype="float32", name="scale")(raw)
    if form.shape != inputs.shape:
        result = keras.layers.Reshape(form.shape, name="channel")(result)
    return keras.Model(raw, result, name="preprocessing")
