"""What a raw row is, before any preprocessing: an image, a table's columns, a text, or an array. Small enough for a manifest.

Raw rows come in two shapes. Images and arrays are one array `(n, ...)` in their stored type. Tables are a dict of arrays
`(n, 1)`, one a column, float32 for numbers, booleans and dates, str objects for categories; a text is one array `(n, 1)` of str
objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from local_engine.errors import DataError

Array = npt.NDArray[Any]
Raw = Array | dict[str, Array]
"""Rows as a model with its preprocessing inside takes them."""

ColumnKind = Literal["number", "category", "boolean", "date", "text"]
InputsKind = Literal["image", "table", "text", "array"]

SCHEMA = 1


@dataclass(frozen=True)
class Column:
    """A feature column. `name` is its name in the file, `key` the name of the model's input: `name` less what Keras refuses."""

    name: str
    key: str
    kind: ColumnKind

    @property
    def is_string(self) -> bool:
        """Whether its values are strings (missing: the empty one), not floats (missing: NaN)."""
        return self.kind in ("category", "text")


@dataclass(frozen=True)
class Inputs:
    """The features of a row.

    Attributes:
        kind: image, table, text or array.
        shape: of one row, for images `(height, width)` or `(height, width, 3)`; empty for tables and texts.
        dtype: of images and arrays as stored (uint8, uint16, float32); empty for tables and texts.
        columns: of a table, in order; the one column of a text, where it has a name.
    """

    kind: InputsKind
    shape: tuple[int, ...] = ()
    dtype: str = ""
    columns: tuple[Column, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data for a manifest."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "columns": [{"name": column.name, "key": column.key, "kind": column.kind} for column in self.columns],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Inputs:
        """The inputs that `to_json` wrote.

        Raises:
            DataError: it is of a newer schema, or not a description of inputs.
        """
        try:
            if value["schema"] > SCHEMA or value["kind"] not in get_args(InputsKind):
                raise DataError(f"these inputs have schema {value['schema']!r}; this version reads up to {SCHEMA}")
            columns = tuple(Column(str(item["name"]), str(item["key"]), item["kind"]) for item in value["columns"])
            return cls(value["kind"], tuple(int(size) for size in value["shape"]), str(value["dtype"]), columns)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"not a description of a model's inputs: {error}") from error


def name_columns(columns: Iterable[tuple[str, ColumnKind]]) -> tuple[Column, ...]:
    """Columns with keys that Keras takes as input names: letters, digits, `_` and `-`, unique without regard to case."""
    taken: set[str] = set()
    named = []
    for name, kind in columns:
        stem = re.sub(r"[^A-Za-z0-9_-]", "_", name)
        stem = stem if re.match(r"[A-Za-z]", stem) else f"c_{stem}"
        key, count = stem, 2
        while key.lower() in taken:
            key, count = f"{stem}_{count}", count + 1
        taken.add(key.lower())
        named.append(Column(name, key, kind))
    return tuple(named)


def count_rows(raw: Raw) -> int:
    """How many rows there are."""
    return len(next(iter(raw.values()))) if isinstance(raw, dict) else len(raw)


def take(raw: Raw, index: Array | slice) -> Raw:
    """The rows at `index`, in its order."""
    return {key: values[index] for key, values in raw.items()} if isinstance(raw, dict) else raw[index]


def join(parts: list[Raw]) -> Raw:
    """The rows of all `parts`, one after the other; at least one part."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    if isinstance(first, dict):
        return {key: np.concatenate([part[key] for part in parts if isinstance(part, dict)]) for key in first}
    return np.concatenate([part for part in parts if not isinstance(part, dict)])


def present(stored: Raw, inputs: Inputs) -> Raw:
    """Rows as stored (columns of shape `(n,)`, numbers in float64) as a model takes them: `(n, 1)`, numbers in float32."""
    if isinstance(stored, dict):
        return {key: _column(values) for key, values in stored.items()}
    return stored.reshape(-1, 1) if inputs.kind == "text" else stored


def as_tensors(raw: Raw) -> Any:
    """Rows as tensors. `Model.fit` and `Model.predict` need it of rows with strings; calling a model does not."""
    import tensorflow as tf

    if isinstance(raw, dict):
        return {key: tf.constant(values) for key, values in raw.items()}
    return tf.constant(raw)


def _column(values: Array) -> Array:
    if values.dtype == object:
        return values.reshape(-1, 1)
    with np.errstate(over="ignore"):  # beyond float32 is infinite, which the encoder treats as missing
        return values.astype(np.float32).reshape(-1, 1)
