"""From raw rows to what a model sees: learnt on the training rows only, made of plain Keras layers, saved inside the model.

The same encoder makes the rows a candidate is trained on and stands in front of it in the saved model, so that training and
prediction cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from local_engine.data.inputs import Array, Inputs, Raw, count_rows, take
from local_engine.data.memory import WINDOW
from local_engine.data.preprocessing.forms import ColumnForm, Form, declared_form, default_form
from local_engine.data.preprocessing.statistics import (
    Moments,
    TableStatistics,
    TextStatistics,
    batch_rows,
    learn_table,
    learn_text,
)
from local_engine.definition import Scale

if TYPE_CHECKING:
    from local_engine.data.part import Part

__all__ = ["ColumnForm", "Form", "Preprocessing", "encode", "learn"]


@dataclass(frozen=True)
class Preprocessing:
    """What was learnt, and the models that can be made of it."""

    inputs: Inputs
    scale: Scale
    statistics: TableStatistics | TextStatistics | None = None

    def form_for(self, model_inputs: Sequence[Any] | None = None) -> Form:
        """The form for a model that declares `model_inputs` (KerasTensors); None or none: the default form.

        Raises:
            DataError: (field `space.model`) the data cannot be given the shape or type that is declared.
        """
        widths = self._widths()
        return (
            declared_form(self.inputs, widths, model_inputs) if model_inputs else default_form(self.inputs, sum(widths.values()))
        )

    def candidate_forms(self) -> tuple[Form, ...]:
        """The forms to try, in order, on a model that declares nothing before its first batch.

        The default one, and for grey images the one with a channel axis, which convolutions want.
        """
        first = self.form_for()
        if self.inputs.kind == "image" and len(self.inputs.shape) == 2:
            return first, Form("image", (*self.inputs.shape, 1))
        return (first,)

    def raw_inputs(self) -> Any:
        """The `keras.Input` of a raw row: a dict by column key for tables; for images, arrays and texts one."""
        from local_engine.data.preprocessing.image import raw_array
        from local_engine.data.preprocessing.table import raw_table
        from local_engine.data.preprocessing.text import raw_text

        if self.inputs.kind == "table":
            return raw_table(self.inputs)
        return raw_text() if self.inputs.kind == "text" else raw_array(self.inputs)

    def encoder(self, form: Form | None = None) -> Any:
        """A `keras.Model` from raw rows to `form` (None: the default one); it loads wherever Keras is, in safe mode."""
        from local_engine.data.preprocessing.image import array_encoder
        from local_engine.data.preprocessing.table import table_encoder
        from local_engine.data.preprocessing.text import text_encoder

        form = form or self.form_for()
        if isinstance(self.statistics, TableStatistics):
            return table_encoder(self.inputs, self.statistics, form)
        if isinstance(self.statistics, TextStatistics):
            return text_encoder(self.statistics, form)
        return array_encoder(self.inputs, self.scale, form)

    def to_json(self) -> dict[str, Any]:
        """What was learnt, as plain data; floats keep every bit."""
        statistics = self.statistics
        if isinstance(statistics, TableStatistics):
            moments = {key: [one.mean, one.variance, one.missing] for key, one in statistics.moments.items()}
            categories = {key: list(names) for key, names in statistics.categories.items()}
            return {"scale": self.scale, "table": {"moments": moments, "categories": categories}}
        if isinstance(statistics, TextStatistics):
            return {"scale": self.scale, "text": {"tokens": list(statistics.tokens), "length": statistics.length}}
        return {"scale": self.scale}

    @classmethod
    def from_json(cls, inputs: Inputs, value: Mapping[str, Any]) -> Preprocessing:
        """The preprocessing of rows of `inputs` that `to_json` wrote."""
        statistics: TableStatistics | TextStatistics | None = None
        if "table" in value:
            moments = {key: Moments(*one) for key, one in value["table"]["moments"].items()}
            statistics = TableStatistics(moments, {key: tuple(names) for key, names in value["table"]["categories"].items()})
        elif "text" in value:
            statistics = TextStatistics(tuple(value["text"]["tokens"]), value["text"]["length"])
        return cls(inputs, value["scale"], statistics)

    def _widths(self) -> dict[str, int]:
        if isinstance(self.statistics, TableStatistics):
            from local_engine.data.preprocessing.table import widths

            return widths(self.inputs, self.statistics)
        return {"text": self.statistics.length} if isinstance(self.statistics, TextStatistics) else {}


def learn(train: Part, scale: Scale) -> Preprocessing:
    """Learns from the training rows, in one pass.

    Raises:
        DataError: the texts hold no word.
    """
    inputs = train.inputs
    if inputs.kind == "table":
        return Preprocessing(inputs, scale, learn_table(train.stored_batches(batch_rows(inputs)), inputs))
    if inputs.kind == "text":
        return Preprocessing(inputs, scale, learn_text(train.stored_batches(batch_rows(inputs))))
    return Preprocessing(inputs, scale)


def encode(encoder: Any, raw: Raw) -> Array | dict[str, Array]:
    """What a model sees of `raw`, as NumPy arrays, computed some rows at a time: at most 4096, fewer of large images."""
    wide = 1 if isinstance(raw, dict) else max(1, raw[:1].size)
    size = max(1, min(4096, WINDOW // (4 * wide)))  # as float32
    pieces = [encoder(take(raw, slice(start, start + size))) for start in range(0, count_rows(raw), size)]
    if isinstance(pieces[0], dict):
        return {name: np.concatenate([np.asarray(piece[name]) for piece in pieces]) for name in pieces[0]}
    return np.concatenate([np.asarray(piece) for piece in pieces])
