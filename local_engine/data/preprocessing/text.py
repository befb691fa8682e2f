"""Texts: Keras' own TextVectorization over the words of the training rows, or the strings as they are."""

from __future__ import annotations

from typing import Any

import keras

from local_engine.data.preprocessing.forms import Form
from local_engine.data.preprocessing.statistics import TextStatistics


def raw_text() -> Any:
    """The input of raw rows: one string a row."""
    return keras.Input((1,), dtype="string", name="text")


def text_encoder(statistics: TextStatistics, form: Form) -> Any:
    """A model from strings to `form.shape[0]` token numbers a row (int64), or to the strings themselves."""
    raw = raw_text()
    if form.kind == "strings":
        result = keras.layers.Identity(dtype="string", name="as_it_is")(raw)
        if form.shape == ():
            result = keras.ops.squeeze(result, axis=-1)
        return keras.Model(raw, result, name="preprocessing")
    vectorize = keras.layers.TextVectorization(
        vocabulary=list(statistics.tokens), output_sequence_length=form.shape[0], name="tokens"
    )
    return keras.Model(raw, vectorize(raw), name="preprocessing")
