"""What a model sees of a row, and how the inputs it declares decide it.

A form is one of:

    image, array   as stored or scaled, float32; an image has a channel axis where the model declares one
    matrix         a table as one float32 row, encoded and scaled
    columns        a table as a dict, for models that name their inputs after columns
    tokens         a text as token numbers (0 is padding, 1 a word not known)
    strings        a text as it is, for models that hold their own text layers
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from local_engine.data.inputs import Column, Inputs
from local_engine.errors import DataError

Dims = tuple[int | None, ...]


@dataclass(frozen=True)
class ColumnForm:
    """One input of a model that names its inputs.

    Attributes:
        input: the model's name of it.
        column: the key of the column it takes.
        how: `encoded` (as in the matrix), `value` (the scaled number alone), `codes` (numbers of categories, 0 for
            others), `number` (as stored, whole) or `string`.
        width: values a row.
        dtype: of the values.
    """

    input: str
    column: str
    how: Literal["encoded", "value", "codes", "number", "string"]
    width: int
    dtype: str


@dataclass(frozen=True)
class Form:
    """What a model sees: `shape` is of one row, without the batch axis (empty for columns, which have their own widths)."""

    kind: Literal["image", "array", "matrix", "columns", "tokens", "strings"]
    shape: tuple[int, ...] = ()
    columns: tuple[ColumnForm, ...] = ()


def default_form(inputs: Inputs, width: int) -> Form:
    """The form for a model that does not declare its inputs. `width` is of the encoded table, or of the token sequence."""
    if inputs.kind == "table":
        return Form("matrix", (width,))
    if inputs.kind == "text":
        return Form("tokens", (width,))
    return Form("image" if inputs.kind == "image" else "array", inputs.shape)


def declared_form(inputs: Inputs, widths: dict[str, int], declared: Sequence[Any]) -> Form:
    """The form for a model that declares `declared` (its KerasTensors).

    `widths` has the encoded width of each column by key; of a text, its length under its key.

    Raises:
        DataError: (field `space.model`) the data cannot be given that shape.
    """
    if inputs.kind == "table":
        return _table_form(inputs, widths, declared)
    tensor = _only(declared, inputs)
    if inputs.kind == "text":
        return _text_form(tensor, next(iter(widths.values())))
    shape = dims(tensor)
    if fits(shape, inputs.shape):
        return Form("image" if inputs.kind == "image" else "array", inputs.shape)
    if inputs.kind == "image" and len(inputs.shape) == 2 and fits(shape, (*inputs.shape, 1)):
        return Form("image", (*inputs.shape, 1))
    raise mismatch(shape, inputs.shape, hint=_image_hint(shape, inputs))


def dims(tensor: Any) -> Dims:
    """The shape of one row of a KerasTensor."""
    return tuple(tensor.shape)[1:]


def fits(declared: Dims, shape: tuple[int, ...]) -> bool:
    """Whether rows of `shape` can be given to an input of the declared shape (None: any size)."""
    return len(declared) == len(shape) and all(want in (None, size) for want, size in zip(declared, shape, strict=True))


def mismatch(declared: Dims, shape: tuple[int, ...], *, hint: str | None = None, choices: tuple[str, ...] = ()) -> DataError:
    """The error of a model that declares an input the data are not."""
    return DataError(
        f"the model declares an input of the shape {declared}; a row of the data is {shape}",
        hint=hint,
        field="space.model",
        choices=choices,
    )


def _only(declared: Sequence[Any], inputs: Inputs) -> Any:
    if len(declared) != 1:
        raise DataError(
            f"the model declares {len(declared)} inputs; a row of the data is one {inputs.kind}",
            hint="only a table's columns can go to several inputs",
            field="space.model",
        )
    return declared[0]


def _image_hint(declared: Dims, inputs: Inputs) -> str:
    size = 1
    for length in inputs.shape:
        size *= length
    if declared == (size,):
        return f"keep the data's shape and begin the model with Input({inputs.shape}) and Flatten()"
    if len(inputs.shape) == 2 and len(declared) == 3 and declared[-1] == 3:
        return f"the images are grey: Input({(*inputs.shape, 1)})"
    return f"Input({inputs.shape})"


def _text_form(tensor: Any, length: int) -> Form:
    shape = dims(tensor)
    if tensor.dtype == "string":
        if shape in ((), (1,), (None,)):
            return Form("strings", () if shape == () else (1,))
        raise mismatch(shape, (1,), hint='a text is keras.Input((1,), dtype="string")')
    if len(shape) != 1:
        raise mismatch(shape, (length,), hint=f"a text is a row of token numbers: Input(({length},)) or Input((None,))")
    return Form("tokens", (length if shape[0] is None else shape[0],))


def _table_form(inputs: Inputs, widths: dict[str, int], declared: Sequence[Any]) -> Form:
    by_name = {column.key: column for column in inputs.columns} | {column.name: column for column in inputs.columns}
    known = [by_name.get(_name(tensor)) for tensor in declared]
    total = sum(widths.values())
    if len(declared) == 1:
        shape, column = dims(declared[0]), known[0]
        if column is None or (fits(shape, (total,)) and not fits(shape, (widths[column.key],)) and declared[0].dtype != "string"):
            if not fits(shape, (total,)):
                raise mismatch(
                    shape,
                    (total,),
                    hint=f"the columns are {total} numbers, encoded: Input(({total},)); or name inputs after columns",
                )
            return Form("matrix", (total,))
    names = tuple(column.name for column in inputs.columns)
    strange = [_name(tensor) for tensor, column in zip(declared, known, strict=True) if column is None]
    if strange:
        raise DataError(
            f"the model has an input {strange[0]!r}, and the table no such column",
            hint=f"one input of {total} numbers, or inputs named after columns",
            field="space.model",
            choices=names,
        )
    return Form("columns", columns=tuple(_column_form(t, c, widths[c.key]) for t, c in zip(declared, known, strict=True) if c))


def _name(tensor: Any) -> str:
    """The name of a model's input; Keras 2 wrote it with an output number."""
    return str(tensor.name).removesuffix(":0")


def _column_form(tensor: Any, column: Column, width: int) -> ColumnForm:
    """How a column is given to the input that has its name."""
    name, shape, dtype = _name(tensor), dims(tensor), str(tensor.dtype)
    if len(shape) > 1:
        raise mismatch(shape, (width,), hint=f"column {column.name!r} is Input(({width},), name={column.name!r})")
    wanted = shape[0] if shape else 1
    if dtype == "string" and column.is_string and wanted in (1, None):
        return ColumnForm(name, column.key, "string", 1, dtype)
    if "int" in dtype and wanted in (1, None):
        return ColumnForm(name, column.key, "codes" if column.is_string else "number", 1, dtype)
    if dtype.startswith(("float", "bfloat")) and wanted in (width, None):
        return ColumnForm(name, column.key, "encoded", width, "float32")
    if dtype.startswith(("float", "bfloat")) and wanted == 1 and not column.is_string:
        return ColumnForm(name, column.key, "value", 1, "float32")
    raise DataError(
        f"the model's input {name!r} is {dtype} {shape}; column {column.name!r} is a {column.kind}, encoded as {width} numbers",
        hint=f"Input(({width},), name={name!r})" + (", or dtype='string' or 'int32' with one value" if column.is_string else ""),
        field="space.model",
    )
