"""A table's encoder, of Keras' own layers and operations.

Numbers: scaled to mean 0 and variance 1, a missing one is the mean. Booleans: 0 and 1, a missing one 0.5. Dates (days since
1970-01-01): scaled, and sine and cosine of the day in the year and in the week. Each of these has a further column, 1 where the
value is missing, if that happened in training. Categories: one-hot over the 100 most frequent, and a first column for all others.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from local_engine.data.inputs import Column, Inputs
from local_engine.data.preprocessing.forms import ColumnForm, Form
from local_engine.data.preprocessing.statistics import TableStatistics

YEAR, WEEK = 365.2425, 7.0


def widths(inputs: Inputs, statistics: TableStatistics) -> dict[str, int]:
    """How many numbers each column becomes, by key."""
    out = {}
    for column in inputs.columns:
        if column.is_string:
            out[column.key] = 1 + len(statistics.categories[column.key])
        else:
            out[column.key] = (5 if column.kind == "date" else 1) + (statistics.moments[column.key].missing > 0)
    return out


def raw_table(inputs: Inputs) -> dict[str, Any]:
    """The inputs of raw rows, by key, each `(1,)`."""
    return {
        column.key: keras.Input((1,), dtype="string" if column.is_string else "float32", name=column.key)
        for column in inputs.columns
    }


def table_encoder(inputs: Inputs, statistics: TableStatistics, form: Form) -> Any:
    """A model from raw rows to the matrix, or to the columns a model asks for.

    The work is in a model of its own inside, whose inputs have names that no column has: a column may be called as Keras
    would call one of the operations (`concatenate`), and names must not meet.
    """
    outside = raw_table(inputs)
    inside = {
        column.key: keras.Input((1,), dtype=outside[column.key].dtype, name=f"column.{position}")
        for position, column in enumerate(inputs.columns)
    }
    if form.kind == "matrix":
        result = _matrix(list(inputs.columns), inside, statistics)
    else:
        columns = {column.key: column for column in inputs.columns}
        result = {item.input: _column(item, columns[item.column], inside, statistics) for item in form.columns}
    model = keras.Model(list(inside.values()), result, name="encode.table")
    return keras.Model(outside, model(list(outside.values())), name="preprocessing")


def _matrix(columns: list[Column], tensors: dict[str, Any], statistics: TableStatistics) -> Any:
    """All columns side by side: numbers, booleans, dates, what was missing, categories; each kind in one go."""

    def of(*kinds: str) -> list[Column]:
        return [column for column in columns if column.kind in kinds]

    pieces = []
    for group, encode in ((of("number"), _numbers), (of("boolean"), _booleans), (of("date"), _dates)):
        if group:
            pieces.append(encode(group, tensors, statistics))
    gaps = [column for column in of("number", "boolean", "date") if statistics.moments[column.key].missing]
    if gaps:
        pieces.append(_is_missing(_side_by_side([tensors[column.key] for column in gaps])))
    pieces += [_category(column, tensors, statistics, "one_hot") for column in of("category", "text")]
    return _side_by_side(pieces)


def _column(form: ColumnForm, column: Column, tensors: dict[str, Any], statistics: TableStatistics) -> Any:
    """One column as a model's input wants it."""
    tensor = tensors[column.key]
    if form.how == "string":
        return keras.layers.Identity(dtype="string")(tensor)
    if form.how == "codes":
        return keras.ops.cast(_category(column, tensors, statistics, "int"), form.dtype)
    if form.how == "number":
        mean = statistics.moments[column.key].mean
        return keras.ops.cast(keras.ops.nan_to_num(tensor, nan=round(mean), posinf=round(mean), neginf=round(mean)), form.dtype)
    if form.how == "encoded" or column.kind == "boolean":
        encoded = _matrix([column], tensors, statistics)
        return encoded if form.how == "encoded" or form.width == encoded.shape[-1] else _booleans([column], tensors, statistics)
    return _numbers([column], tensors, statistics)


def _numbers(columns: list[Column], tensors: dict[str, Any], statistics: TableStatistics) -> Any:
    """Scaled; missing ones become 0 after scaling, which is the mean before it."""
    moments = [statistics.moments[column.key] for column in columns]
    scale = keras.layers.Normalization(
        axis=-1, mean=[item.mean for item in moments], variance=[item.variance for item in moments], dtype="float32"
    )
    return _fill(scale(_side_by_side([tensors[column.key] for column in columns])), 0.0)


def _booleans(columns: list[Column], tensors: dict[str, Any], statistics: TableStatistics) -> Any:
    return _fill(_side_by_side([tensors[column.key] for column in columns]), 0.5)


def _dates(columns: list[Column], tensors: dict[str, Any], statistics: TableStatistics) -> Any:
    days = _side_by_side([tensors[column.key] for column in columns])
    turns = [_numbers(columns, tensors, statistics)]
    for period in (YEAR, WEEK):
        angle = keras.ops.multiply(keras.ops.mod(days, period), 2 * math.pi / period)
        turns += [_fill(keras.ops.sin(angle), 0.0), _fill(keras.ops.cos(angle), 0.0)]
    return _side_by_side(turns)


def _category(column: Column, tensors: dict[str, Any], statistics: TableStatistics, mode: str) -> Any:
    lookup = keras.layers.StringLookup(vocabulary=list(statistics.categories[column.key]), num_oov_indices=1, output_mode=mode)
    return lookup(tensors[column.key])


def _is_missing(tensor: Any) -> Any:
    return keras.ops.cast(keras.ops.logical_not(keras.ops.isfinite(tensor)), "float32")


def _fill(tensor: Any, value: float) -> Any:
    return keras.ops.nan_to_num(tensor, nan=value, posinf=value, neginf=value)


def _side_by_side(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else keras.layers.Concatenate(axis=-1, dtype="float32")(tensors)
