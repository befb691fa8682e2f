"""The cells of a table's or text's rows, as text that can be read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part

_BATCH = 4096


def cells_of(part: Part) -> Iterator[list[str]]:
    """Each row's cells: numbers as short as they can be read back, nothing where a value is missing."""
    keys = [column.key for column in part.inputs.columns]
    for stored in part.stored_batches(_BATCH):
        found = [stored[key] for key in keys] if isinstance(stored, dict) else [stored.reshape(-1)]
        yield from (list(row) for row in zip(*(_texts(values) for values in found), strict=True))


def _texts(values: np.ndarray) -> list[str]:
    if values.dtype == object:
        return [str(value) for value in values]
    return ["" if value != value else repr(int(value) if value.is_integer() else value) for value in values.tolist()]
