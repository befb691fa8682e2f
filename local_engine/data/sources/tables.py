"""Tables, whatever file they are in: the first look at all rows, and pieces of a frame as stored columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from local_engine.data.columns import ColumnProbe, dtype_kind, to_floats, to_strings
from local_engine.data.inputs import Array, Column, ColumnKind, Inputs, Raw, name_columns
from local_engine.data.sources.base import MemorySource, Request, one_line
from local_engine.data.target import Target, TargetCollector
from local_engine.events import Note


@dataclass(frozen=True)
class Look:
    """What one pass over a table found."""

    inputs: Inputs
    n: int
    target: Target | None
    ids: Array | None


def look(frames: Iterable[Any], names: list[str], request: Request) -> Look:
    """Looks once at all rows of a table that comes as pandas frames with the columns `names`.

    Raises:
        DataError: a column is not there, ids are not unique, or there is nothing to learn from.
    """
    check_names(names, request)
    features = [name for name in names if name not in (request.target, request.id)]
    probes = [ColumnProbe(name) for name in features] if request.inputs is None else []
    target = (
        TargetCollector(request.target, str(request.path)) if request.target in names and request.target is not None else None
    )
    ids: list[Array] = []
    n = 0
    for frame in frames:
        n += len(frame)
        for probe in probes:
            probe.add(frame[probe.name])
        if target is not None:
            target.add(frame[request.target])
        if request.id in names:
            ids.append(_id_values(frame[request.id]))
    if not n:
        raise request.error("it has no rows")
    inputs = request.inputs or _choose(probes, request)
    return Look(inputs, n, target.finish() if target else None, _check_ids(ids, request) if ids else None)


def stored_columns(frame: Any, inputs: Inputs, request: Request) -> Raw:
    """The feature columns of a frame as stored.

    Raises:
        DataError: a value is not of its column's kind.
    """
    stored: dict[str, Array] = {}
    for column in inputs.columns:
        try:
            series = frame[column.name]
            stored[column.key] = to_strings(series) if column.is_string else to_floats(series, column.kind)
        except (ValueError, TypeError, OverflowError) as error:
            raise request.error(f"column {column.name!r}: {one_line(error)}") from error
    return stored["text"] if inputs.kind == "text" else stored


def memory_table(frame: Any, request: Request) -> MemorySource:
    """A whole frame as a source in memory."""
    found = look([frame], [str(name) for name in frame.columns], request)
    return MemorySource(found.inputs, stored_columns(frame, found.inputs, request), found.target, found.ids)


def row_bytes(inputs: Inputs) -> int:
    """About how much memory a row takes as stored: 8 bytes a number, 80 a short string, 500 a text."""
    return sum({"category": 80, "text": 500}.get(column.kind, 8) for column in inputs.columns)


def check_names(names: list[str], request: Request) -> None:
    """Raises DataError where a column the request names is not among `names`."""
    present = tuple(names)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise request.error(f"two columns are named {twice!r}", choices=present)
    if request.needs_target:
        if request.target is None:
            raise request.error(
                "a table needs the column to predict", hint="data: {target: COLUMN}", choices=present, field="data.target"
            )
        if request.target not in names:
            raise request.error(f"there is no column {request.target!r}", choices=present, field=_field(request, "data.target"))
    if request.id is not None and request.id not in names:
        raise request.error(
            f"there is no column {request.id!r} to name rows by", choices=present, field=_field(request, "data.id")
        )
    if request.inputs is not None:
        missing = [column.name for column in request.inputs.columns if column.name not in names]
        if missing:
            listed = ", ".join(repr(name) for name in missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            raise request.error(
                f"column{'s' * (len(missing) > 1)} {listed} {'are' if len(missing) > 1 else 'is'} missing", choices=present
            )


def _field(request: Request, field: str) -> str:
    return field if request.field == "data.source" else request.field


def _choose(probes: list[ColumnProbe], request: Request) -> Inputs:
    """The inputs: for a table every column that is a value, for a text task its one text column; the rest with a note."""
    kinds: list[tuple[str, ColumnKind]] = []
    for probe in probes:
        if probe.nested:
            request.note(Note(f"column {probe.name!r} holds lists, bytes or other nested values and is left out"))
        else:
            kinds.append((probe.name, probe.kind()))
    if request.task == "text-classification":
        return _choose_text(kinds, request)
    if request.task == "image-classification":
        raise request.error(
            "it holds a table, and the task is image-classification",
            hint="images come as a folder of classes, npz, idx or TFRecord; for a table task: tabular-classification",
            field="task",
        )
    texts = [name for name, kind in kinds if kind == "text"]
    for name in texts:
        request.note(Note(f"column {name!r} holds text, nearly every row another, and is left out of the table"))
    columns = name_columns((name, kind) for name, kind in kinds if kind != "text")
    if not columns:
        raise request.error(
            "the table has no column to learn from", hint="it needs numbers, categories, booleans or dates beside the target"
        )
    return Inputs("table", columns=columns)


def _choose_text(kinds: list[tuple[str, ColumnKind]], request: Request) -> Inputs:
    strings = [name for name, kind in kinds if kind in ("text", "category")]
    long = [name for name, kind in kinds if kind == "text"]
    for candidates in (strings, [name for name in strings if name == "text"], long):
        if len(candidates) == 1:
            chosen = candidates[0]
            break
    else:
        raise request.error(
            f"a text task needs one column of text; there are {len(strings)}",
            hint="name the column `text`" if strings else "the text must be a column of strings",
            choices=tuple(strings),
        )
    others = [name for name, _ in kinds if name != chosen]
    if others:
        request.note(Note(f"the text is column {chosen!r}; left out: {', '.join(others)}"))
    return Inputs("text", columns=(Column(chosen, "text", "text"),))


def _id_values(series: Any) -> Array:
    """Ids of a piece: int64 where they are whole numbers, else strings (missing: None)."""
    if dtype_kind(series) == "number" and not series.isna().any() and bool((series % 1 == 0).all()):
        return np.asarray(series.to_numpy(dtype=np.int64))
    out = np.empty(len(series), object)
    out[:] = [None if missing else str(value) for value, missing in zip(series.tolist(), series.isna().tolist(), strict=True)]
    return out


def _check_ids(pieces: list[Array], request: Request) -> Array:
    import pandas as pd

    if any(piece.dtype == object for piece in pieces):
        pieces = [piece if piece.dtype == object else piece.astype(str).astype(object) for piece in pieces]
    ids = pd.Series(np.concatenate(pieces))
    missing = int(ids.isna().sum())
    if missing:
        raise request.error(f"id column {request.id!r} has no value in {missing} rows", field=_field(request, "data.id"))
    if not ids.is_unique:
        repeated = ids[ids.duplicated()].tolist()
        raise request.error(
            f"id column {request.id!r} names rows twice: {repeated[0]!r} and {len(repeated) - 1} more",
            hint="leave `id` out to name rows by their position",
            field=_field(request, "data.id"),
        )
    return np.asarray(ids.to_numpy())
