"""The rows of a search as they travel: training and validation rows in one folder, never the held-out ones.

What `read` gives is what `load` gave, less the held-out part: the same fingerprint, ids, labels, classes and preprocessing, the
same rows in the same order, held in memory where they were and streamed where they were. The same data set gives the same bytes.
Images travel decoded, since they are decoded already and a container need not have what decoded them.

    bundle.json     what the rows are, what was learnt of them, and size and sha256 of each file; written last
    rows.npy        images or arrays as stored; of a table its numbers, float64, a row after the other
    texts.*         of a table its categories and texts; of texts these (see `data.strings`)
    positions.npy   of the rows in the source, ascending
    validation.npy  which of them are for validation
    labels.npy      codes of classes (int64) or numbers (float32)
    ids.npy, ids.*  names of the rows, where the data have such
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np

from local_engine import files
from local_engine.data import memory
from local_engine.data.dataset import Dataset, HeldOut
from local_engine.data.inputs import Array, Inputs, Raw
from local_engine.data.part import Part
from local_engine.data.preprocessing import Preprocessing
from local_engine.data.sources.base import Source
from local_engine.data.sources.bundled import ROWS, TEXTS, BundledSource
from local_engine.data.sources.grouped import Group
from local_engine.data.sources.tables import row_bytes
from local_engine.data.strings import Strings, StringsWriter
from local_engine.errors import DataError

SCHEMA = 1
NAME = "bundle.json"


def write(dataset: Dataset, folder: Path) -> None:
    """Writes the training and the validation rows of `dataset` into `folder`, which is made; in constant memory.

    Raises:
        OSError: there is no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    joined = dataset.joined()
    assert joined.labels is not None, "a part to train or validate on has labels"
    _save(folder / "positions.npy", joined.positions.astype("<i8"))
    _save(folder / "validation.npy", np.isin(joined.positions, dataset.validation.positions))
    _save(folder / "labels.npy", joined.labels)
    _write_ids(joined, folder)
    _write_rows(joined, folder)
    test = dataset.test
    about = {
        "schema": SCHEMA,
        "task": dataset.task,
        "inputs": dataset.inputs.to_json(),
        "classes": None if dataset.classes is None else list(dataset.classes),
        "rows": joined.n,
        "row_bytes": joined.row_bytes if joined.streamed else max(joined.row_bytes, row_bytes(dataset.inputs)),
        "streamed": joined.streamed,
        "groups": [[group.start, group.rows, group.bytes] for group in joined.groups],
        "fingerprint": dataset.fingerprint,
        "preprocessing": dataset.preprocessing.to_json(),
        "overlap": dataset.overlap,
        "held_out": None if test is None else {"rows": test.n, "sha256": test.sha256()},
        "files": {
            path.name: {"sha256": files.sha256_of(path), "bytes": path.stat().st_size}
            for path in sorted(folder.iterdir())
            if path.name != NAME
        },
    }
    files.write_bytes(folder / NAME, (json.dumps(about, indent=1) + "\n").encode())


def read(folder: Path) -> Dataset:
    """The data set that `write` wrote. Rows that were in memory are streamed here where there is too little memory for them.

    Raises:
        DataError: it is not whole, or of a newer schema.
    """
    folder = folder.resolve()
    about = _about(folder)
    inputs = Inputs.from_json(about["inputs"])
    labels, positions = _load(folder / "labels.npy"), _load(folder / "positions.npy")
    ids = _read_ids(folder)
    groups = tuple(Group(*group) for group in about["groups"])
    on_disk = BundledSource(folder, inputs, positions if ids is None else ids, about["row_bytes"], groups, positions)
    streamed = about["streamed"] or about["rows"] * about["row_bytes"] > memory.stream_over()
    source: Source = on_disk if streamed else on_disk.held()
    validation = _load(folder / "validation.npy")

    def part(index: Array) -> Part:
        return Part(source, index, labels[index])

    held_out = about["held_out"]
    return Dataset(
        about["task"],
        inputs,
        None if about["classes"] is None else tuple(about["classes"]),
        part(np.flatnonzero(~validation)),
        part(np.flatnonzero(validation)),
        None,
        about["fingerprint"],
        Preprocessing.from_json(inputs, about["preprocessing"]),
        about["overlap"],
        elsewhere=None if held_out is None else HeldOut(held_out["rows"], held_out["sha256"]),
    )


def _about(folder: Path) -> dict[str, Any]:
    """What `bundle.json` says, where all files are there and as long as it says."""
    try:
        about: dict[str, Any] = files.read_json(folder / NAME)
        schema, listed = about["schema"], about["files"]
    except FileNotFoundError:
        raise DataError(f"the rows are not there: no {NAME}", where=str(folder)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{NAME} cannot be read: {error}", where=str(folder)) from error
    if schema != SCHEMA:
        raise DataError(f"these rows have schema {schema!r}; this version reads {SCHEMA}", where=str(folder))
    for name, one in listed.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != one["bytes"]:
            raise DataError(f"the rows are not whole: {name} is {'cut off' if path.is_file() else 'missing'}", where=str(folder))
    return about


def _write_rows(part: Part, folder: Path) -> None:
    inputs = part.inputs
    strings = [column.key for column in inputs.columns if column.is_string]
    numbers = [column.key for column in inputs.columns if not column.is_string]
    with ExitStack() as stack:
        rows: IO[bytes] | None = None
        texts = stack.enter_context(StringsWriter(folder / TEXTS)) if strings or inputs.kind == "text" else None
        if inputs.kind == "table" and numbers:
            rows = stack.enter_context(_numbers(folder / ROWS, (part.n, len(numbers)), "<f8"))
        elif inputs.kind in ("image", "array"):
            rows = stack.enter_context(
                _numbers(folder / ROWS, (part.n, *inputs.shape), np.dtype(inputs.dtype).newbyteorder("<").str)
            )
        for stored in part.stored_batches(max(1, min(65536, memory.WINDOW // 16 // max(1, part.row_bytes)))):
            if rows is not None:
                rows.write(_matrix(stored, numbers))
            if texts is not None:
                texts.add(_text_matrix(stored, strings))


def _matrix(stored: Raw, keys: list[str]) -> bytes:
    values = np.stack([stored[key] for key in keys], axis=1).astype("<f8") if isinstance(stored, dict) else stored
    return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()


def _text_matrix(stored: Raw, keys: list[str]) -> Array:
    return np.stack([stored[key] for key in keys], axis=1) if isinstance(stored, dict) else stored


def _write_ids(part: Part, folder: Path) -> None:
    """The rows' names, where they are not their positions."""
    ids = part.ids
    if ids.dtype == object:
        with StringsWriter(folder / "ids") as writer:
            writer.add(ids)
    elif not np.array_equal(ids, part.positions):
        _save(folder / "ids.npy", ids)


def _read_ids(folder: Path) -> Array | None:
    if (folder / "ids.ends").exists():
        strings = Strings(folder / "ids")
        return strings.take(np.arange(strings.n))[:, 0]
    return _load(folder / "ids.npy") if (folder / "ids.npy").exists() else None


def _numbers(path: Path, shape: tuple[int, ...], descr: str) -> IO[bytes]:
    """A `.npy` file of that shape, whose numbers are yet to be written."""
    file = path.open("wb")
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file


def _save(path: Path, values: Array) -> None:
    np.save(path, values, allow_pickle=False)


def _load(path: Path) -> Array:
    values: Array = np.load(path, allow_pickle=False)
    return values
