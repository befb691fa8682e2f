"""From a definition's data to parts; and raw rows again, from what a model's manifest says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from local_engine.data import memory
from local_engine.data.dataset import Dataset
from local_engine.data.digests import Fingerprint, keys, row_digests
from local_engine.data.inputs import Array, Inputs
from local_engine.data.part import Part
from local_engine.data.preprocessing import learn
from local_engine.data.sources import Opened, Request, Source, open_source
from local_engine.data.splits import divide
from local_engine.data.target import Target, encode, find_classes
from local_engine.definition import Data, Task
from local_engine.errors import DataError
from local_engine.events import Note

DEFAULT_TEST = 0.1


@dataclass(frozen=True)
class _Rows:
    """A source read once: its labels, and a key a row to find the same row elsewhere."""

    source: Source
    labels: Array
    keys: Array


def load(data: Data, task: Task, *, note: Callable[[Note], None] | None = None) -> Dataset:
    """Opens, divides and looks at a definition's data, and learns the preprocessing.

    Args:
        data: where the rows are and how to divide them. A `split.test` of None takes the source's own test part, where it has
            one, and else a tenth of the rows.
        task: what is to be learnt.
        note: called with each thing the user should know, as it is found.

    Raises:
        DataError: the data cannot be used as asked; it names the key of the spec.
    """
    notes: list[Note] = []

    def tell(item: Note) -> None:
        notes.append(item)
        if note is not None:
            note(item)

    opened = open_source(Request(Path(data.source), task, data.target, data.id, note=tell), data.source)
    given = _given_test(data, task, opened, tell)
    classes = None if task == "tabular-regression" else find_classes(_target(opened.rows, data.source))
    fingerprint = Fingerprint()
    rows = _read(opened.rows, "rows", task, classes, fingerprint)
    tested = _read(given, "test", task, classes, fingerprint) if given is not None else None
    train, validation, test, overlap = _parts(data, rows, tested, classes)
    if overlap and test is not None:
        tell(Note(f"{overlap} of the {test.n} test rows are also in training or validation"))
    _check_scale(data, train, tell)
    preprocessing = learn(train, data.scale)
    return Dataset(
        task, rows.source.inputs, classes, train, validation, test, fingerprint.hexdigest(), preprocessing, overlap, tuple(notes)
    )


def read_rows(
    source: str,
    inputs: Inputs,
    *,
    classes: tuple[str, ...] | None = None,
    target: str | None = None,
    id: str | None = None,
    part: Literal["train", "test", "all"] | None = None,
    note: Callable[[Note], None] | None = None,
) -> Part:
    """Raw rows of a file, folder or `builtin:NAME` to predict or evaluate on, told by the model's inputs alone.

    Args:
        source: where they are.
        inputs: what a row must be.
        classes: names of the classes, for labels; None for a regression.
        target: the column with the labels; where the file has none, or it is empty, the part has no labels.
        id: the column that names rows; None: their position, for a folder of images without classes their file names.
        part: of a source with a test part of its own, which rows; None: that test part, and of other sources all.
        note: called with what the user should know.

    Raises:
        DataError: it cannot be read, or its rows are not what `inputs` says.
    """
    opened = open_source(Request(Path(source), None, target, id, inputs, note or (lambda _: None)), source)
    if part == "test" and opened.test is None:
        raise DataError("it has no test part of its own", hint="--part all", where=source)
    if part == "all" and opened.test is not None:
        raise DataError("its training and test parts are apart", hint="--part train or --part test", where=source)
    chosen = opened.test if opened.test is not None and part in (None, "test") else opened.rows
    if chosen.target is None or chosen.target.is_empty:
        return Part(chosen)
    return Part(
        chosen, None, encode(chosen.target, "tabular-regression" if classes is None else "tabular-classification", classes)
    )


def _given_test(data: Data, task: Task, opened: Opened, tell: Callable[[Note], None]) -> Source | None:
    """The test part that is a source: another file, or the source's own."""
    asked = data.split.test
    if opened.test is not None:
        if asked is not None:
            raise DataError(
                "the source has a test part of its own, and the split names one too",
                hint="leave `test` out of the split",
                where=data.source,
                field="data.split.test",
            )
        return opened.test
    if not isinstance(asked, str):
        return None
    request = Request(Path(asked), None, data.target, data.id, opened.rows.inputs, tell, "data.split.test")
    other = open_source(request, asked)
    return other.test if other.test is not None else other.rows


def _target(source: Source, where: str) -> Target:
    if source.target is None:
        raise DataError("its rows have no target", where=where, field="data.target")
    return source.target


def _read(source: Source, part: str, task: Task, classes: tuple[str, ...] | None, fingerprint: Fingerprint) -> _Rows:
    """One pass over a source, for its fingerprint and its rows' keys."""
    target = _target(source, "")
    labels = encode(target, task, classes, field="data.target" if part == "rows" else "data.split.test")
    fingerprint.begin(part, source.inputs)
    found, start = [np.zeros(0, np.uint64)], 0
    for stored in Part(source).stored_batches(_piece(source.row_bytes)):
        digests = row_digests(stored)
        fingerprint.rows(digests)
        found.append(keys(digests, labels[start : start + len(digests)]))
        start += len(digests)
    fingerprint.labels(labels, classes or ())
    source.target = None  # the labels say all of it; of many rows it takes much memory
    return _Rows(source, labels, np.concatenate(found))


def _piece(row_bytes: int) -> int:
    return max(1, min(65536, memory.WINDOW // 16 // max(1, row_bytes)))


def _parts(data: Data, rows: _Rows, tested: _Rows | None, classes: tuple[str, ...] | None) -> tuple[Part, Part, Part | None, int]:
    """Training, validation and test rows, and how many of the last are among the others."""
    split = data.split
    share = 0.0 if tested is not None else DEFAULT_TEST if split.test is None else float(split.test)
    division = divide(
        rows.source.n,
        split.validation,
        share,
        split.seed,
        labels=rows.labels if classes else None,
        classes=classes,
        stratify=split.stratify,
    )

    def part(index: Array) -> Part:
        return Part(rows.source, index, rows.labels[index])

    if tested is not None:
        test: Part | None = Part(tested.source, None, tested.labels)
        test_keys = tested.keys
    else:
        test = part(division.test) if len(division.test) else None
        test_keys = rows.keys[division.test]
    seen = rows.keys[np.concatenate([division.train, division.validation])]
    overlap = int(np.count_nonzero(np.isin(test_keys, seen)))
    return part(division.train), part(division.validation), test, overlap


def _check_scale(data: Data, train: Part, tell: Callable[[Note], None]) -> None:
    """Says where floats that are taken as they are do not look like scaled pixels."""
    if data.scale != "unit" or train.inputs.kind != "image" or train.inputs.dtype != "float32":
        return
    low, high = np.inf, -np.inf
    for stored in train.stored_batches(_piece(train.row_bytes)):
        assert not isinstance(stored, dict)
        low, high = min(low, float(stored.min())), max(high, float(stored.max()))
    if low < 0 or high > 1:
        tell(Note(f"pixels are floats from {low:g} to {high:g}; they are taken as they are, and models expect 0 to 1"))
