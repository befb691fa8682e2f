"""Rows as a service's own AutoML takes them: tables and texts as CSV with a header, images as PNG in a folder a class.

    train/         the rows that train
    validation/    the rows that choose
    names.json     what columns and classes are called in them, where that differs from the data

The held-out rows are not among them. They are written apart, without their labels, when a service is to score them.
"""

from __future__ import annotations

import csv
import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.package.automl_names import Names, columns, folders
from local_engine.errors import DataError
from local_engine.files import replacing, write_json

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Dataset, Part

NAMES = "names.json"
TABLE = "rows.csv"
_BATCH = 4096


def write(dataset: Dataset, folder: Path, target: str | None) -> None:
    """Writes training and validation rows into `folder`.

    Args:
        dataset: images, a table or texts.
        folder: made where it is not there.
        target: the target's column, where the data have one.

    Raises:
        DataError: rows of this kind are nothing that AutoML takes.
    """
    names = names_of(dataset, target)
    kinds = folders(dataset.classes or ())
    for part, name in ((dataset.train, "train"), (dataset.validation, "validation")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        if dataset.inputs.kind == "image":
            _write_images(part, folder / name, [kinds[one] for one in dataset.classes or ()])
        else:
            _write_table(part, folder / name / TABLE, names, dataset.classes)
    write_json(folder / NAMES, {"columns": names.columns, "target": names.target, "classes": kinds})


def write_unlabelled(part: Part, folder: Path) -> tuple[Path, ...]:
    """Writes rows as a service is to score them: no header, no target, in the part's order. Gives the files, in that order."""
    folder.mkdir(parents=True, exist_ok=True)
    if part.inputs.kind == "image":
        return tuple(_write_png(folder / f"{number:08}.png", pixels) for number, pixels in enumerate(_images(part)))
    with _csv(folder / TABLE) as writer:
        writer.writerows(_cells(part))
    return (folder / TABLE,)


def names_of(dataset: Dataset, target: str | None) -> Names:
    """What the columns are called.

    Raises:
        DataError: rows of this kind are nothing that AutoML takes.
    """
    if dataset.inputs.kind == "array":
        raise DataError(
            "rows that are arrays are neither images, tables nor texts, so a service's AutoML cannot take them",
            field="data.source",
        )
    return columns([column.name for column in dataset.inputs.columns], target)


def _write_table(part: Part, path: Path, names: Names, classes: tuple[str, ...] | None) -> None:
    assert part.labels is not None
    labels: Iterable[Any] = part.labels.tolist() if classes is None else (classes[code] for code in part.labels)
    with _csv(path) as writer:
        writer.writerow([*names.columns.values(), names.target])
        writer.writerows([*cells, label] for cells, label in zip(_cells(part), labels, strict=True))


@contextmanager
def _csv(path: Path) -> Iterator[Any]:
    """What writes rows into the file `path`, which is there once the block has ended."""
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield csv.writer(text, lineterminator="\n")
        text.detach()


def _cells(part: Part) -> Iterator[list[Any]]:
    """Each row's cells: numbers as short as they can be read back, nothing where a value is missing."""
    keys = [column.key for column in part.inputs.columns]
    for stored in part.stored_batches(_BATCH):
        found = [stored[key] for key in keys] if isinstance(stored, dict) else [stored.reshape(-1)]
        yield from (list(row) for row in zip(*(_texts(values) for values in found), strict=True))


def _texts(values: np.ndarray) -> list[str]:
    if values.dtype == object:
        return [str(value) for value in values]
    return ["" if value != value else repr(int(value) if value.is_integer() else value) for value in values.tolist()]


def _write_images(part: Part, folder: Path, kinds: list[str]) -> None:
    assert part.labels is not None
    for kind in kinds:
        (folder / kind).mkdir(exist_ok=True)
    for number, (pixels, code) in enumerate(zip(_images(part), part.labels, strict=True)):
        _write_png(folder / kinds[code] / f"{number:08}.png", pixels)


def _images(part: Part) -> Iterator[np.ndarray]:
    for stored in part.stored_batches(256):
        yield from stored  # type: ignore[misc]  # images are one array


def _write_png(path: Path, pixels: np.ndarray) -> Path:
    """One image, 8 or 16 bits a channel; floats from 0 to 1 are made 8 bits.

    The format is a header and a zlib stream (ISO/IEC 15948), which is less than a library to depend on.
    """
    if pixels.dtype.kind == "f":
        pixels = (pixels.clip(0, 1) * 255).round().astype("uint8")
    height, width = pixels.shape[:2]
    depth, colour = 8 * pixels.dtype.itemsize, 2 if pixels.ndim == 3 else 0
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)
    stream = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(stream, 6)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks))
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
