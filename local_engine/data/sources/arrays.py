"""Arrays as sources: images, tables without column names, texts, or arrays as they are; the task decides."""

from __future__ import annotations

import numpy as np

from local_engine.data.columns import to_strings
from local_engine.data.inputs import Array, Column, Inputs, name_columns
from local_engine.data.sources.base import MemorySource, Request
from local_engine.data.target import Target, TargetCollector
from local_engine.events import Note


def array_source(x: Array, y: Array | None, request: Request, *, names: tuple[str, ...] | None = None) -> MemorySource:
    """A source in memory of rows `x` `(n, ...)` and targets `y` `(n,)`, `(n, 1)` or one-hot `(n, classes)`.

    Args:
        x: images `(n, h, w)` or `(n, h, w, 1 or 3)`; a table `(n, k)`; texts `(n,)`; or any array.
        y: the targets, or None.
        request: what is asked for.
        names: of a table's columns; x0, x1, ... by default.

    Raises:
        DataError: the shapes do not fit each other, the task, or the inputs that are asked for.
    """
    if x.ndim < 1 or not len(x):
        raise request.error("it has no rows")
    kind = request.inputs.kind if request.inputs else None
    target = array_target(y, len(x), request)
    if kind == "text" or (kind is None and request.task == "text-classification"):
        return _texts(x, target, request)
    if x.dtype.kind not in "bfiu":
        raise request.error(f"its rows hold {x.dtype}, not numbers")
    if kind == "table" or (kind is None and request.task in ("tabular-classification", "tabular-regression") and x.ndim <= 2):
        return _table(x, target, request, names)
    if (
        request.task == "image-classification"
        or kind == "image"
        or (kind == "array" and request.inputs and request.inputs.dtype != "float32")
    ):
        return _images(x, target, request)
    values = x.astype(np.float32)
    inputs = Inputs("array", shape=values.shape[1:], dtype="float32")
    check_inputs(inputs, request)
    source = MemorySource(request.inputs or inputs, values, target)
    source.row_bytes = values[:1].nbytes
    return source


def array_target(y: Array | None, n: int, request: Request) -> Target | None:
    """Targets out of an array; one-hot rows are turned into class numbers.

    Raises:
        DataError: there are not as many as rows, or they are not one a row.
    """
    if y is None:
        return None
    if y.ndim < 1 or len(y) != n:
        raise request.error(f"x has {n} rows and y has {len(y) if y.ndim else 'none'}")
    if y.ndim == 2 and y.shape[1] > 1 and bool(np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1)):
        y = y.argmax(axis=1)
    if y.size != n:
        raise request.error(f"y has the shape {y.shape}: not one value a row")
    collector = TargetCollector("y", str(request.path))
    collector.add(y.reshape(n))
    return collector.finish()


def check_inputs(found: Inputs, request: Request) -> None:
    """Raises DataError where rows are not what the request says they must be."""
    wanted = request.inputs
    if wanted is None or (found.shape, found.dtype) == (wanted.shape, wanted.dtype):
        return
    raise request.error(
        f"a row here is {describe(found)}; it must be {describe(wanted)}",
        hint="rows to predict or test on have the shape and the type of the training rows",
    )


def describe(inputs: Inputs) -> str:
    """`uint8 (28, 28)`, for messages."""
    return f"{inputs.dtype} {tuple(inputs.shape)}" if inputs.shape else inputs.kind


def _texts(x: Array, target: Target | None, request: Request) -> MemorySource:
    import pandas as pd

    if x.dtype.kind not in "UO" or x.size != len(x):
        raise request.error(f"a text task needs one string a row; x holds {x.dtype} of shape {x.shape}")
    inputs = request.inputs or Inputs("text", columns=(Column("text", "text", "text"),))
    return MemorySource(inputs, to_strings(pd.Series(x.reshape(-1).astype(object))), target)


def _table(x: Array, target: Target | None, request: Request, names: tuple[str, ...] | None) -> MemorySource:
    if x.ndim > 2:
        raise request.error(f"its rows have the shape {x.shape[1:]}, not one row of columns")
    matrix = x.reshape(len(x), -1).astype(np.float64)
    matrix[~np.isfinite(matrix)] = np.nan
    titles = names or tuple(f"x{position}" for position in range(matrix.shape[1]))
    kind = "boolean" if x.dtype.kind == "b" else "number"
    inputs = request.inputs or Inputs("table", columns=name_columns((title, kind) for title in titles))  # type: ignore[misc]
    if len(inputs.columns) != matrix.shape[1]:
        raise request.error(f"its rows have {matrix.shape[1]} columns; they must have {len(inputs.columns)}")
    if not matrix.shape[1]:
        raise request.error("the table has no column to learn from")
    stored = {column.key: np.ascontiguousarray(matrix[:, position]) for position, column in enumerate(inputs.columns)}
    source = MemorySource(inputs, stored, target)
    source.row_bytes = 8 * matrix.shape[1]
    return source


def _images(x: Array, target: Target | None, request: Request) -> MemorySource:
    if x.ndim == 4 and x.shape[-1] == 1:
        x = x[..., 0]
    wanted = request.inputs.dtype if request.inputs else None
    values = _pixels(x, wanted, request)
    is_image = values.ndim == 3 or (values.ndim == 4 and values.shape[-1] == 3)
    if request.inputs is None and not is_image and values.ndim != 2:
        raise request.error(
            f"its rows have the shape {x.shape[1:]}, which is no image",
            hint="images are (height, width), (height, width, 1) or (height, width, 3)",
        )
    found = Inputs("image" if is_image else "array", shape=values.shape[1:], dtype=values.dtype.name)
    check_inputs(found, request)
    source = MemorySource(request.inputs or found, values, target)
    source.row_bytes = values[:1].nbytes
    return source


def _pixels(x: Array, wanted: str | None, request: Request) -> Array:
    """Pixels as uint8, uint16 or float32; wider integers take the smallest of these that holds them."""
    if x.dtype.kind == "f":
        if not np.isfinite(x).all():
            count = int(np.count_nonzero(~np.isfinite(x.reshape(len(x), -1)).all(axis=1)))
            raise request.error(f"{count} of {len(x)} images hold NaN or infinite values", hint="leave those images out")
        return x.astype(np.float32)
    if x.dtype.kind == "b":
        return x.astype(np.float32)
    if x.dtype in (np.uint8, np.uint16):
        return x.astype(x.dtype.newbyteorder("="))
    low, high = (int(x.min()), int(x.max())) if x.size else (0, 0)
    if wanted in ("uint8", "uint16") and low >= 0 and high <= np.iinfo(wanted).max:
        return x.astype(wanted)
    fits = next((kind for kind in (np.uint8, np.uint16) if low >= 0 and high <= np.iinfo(kind).max), None)
    if fits is None:
        request.note(Note(f"pixels are {x.dtype.name} from {low} to {high}; they are taken as they are, not scaled"))
        return x.astype(np.float32)
    request.note(Note(f"pixels are {x.dtype.name} from {low} to {high}; they are taken as {np.dtype(fits).name}"))
    return x.astype(fits)
