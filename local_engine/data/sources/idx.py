"""MNIST's idx files, gzipped or not: a folder with `train-*` and `t10k-*`, the latter being its test part; or one file of images.

The format: two zero bytes, a type, the number of dimensions, each dimension as a big-endian 32-bit number, the values.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from local_engine.data.inputs import Array
from local_engine.data.sources.arrays import array_source
from local_engine.data.sources.base import MemorySource, Opened, Request, one_line
from local_engine.errors import DataError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def find_idx(folder: Path) -> dict[str, Path]:
    """The idx files of a folder by what they are: `train-images`, `train-labels`, `t10k-images`, `t10k-labels`.

    Where a file is there twice, the one that is not gzipped.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir(), reverse=True):
        for part in ("train", "t10k"):
            for what in ("images", "labels"):
                if path.name.startswith(f"{part}-{what}") and "idx" in path.name and path.is_file():
                    found[f"{part}-{what}"] = path
    return found


def open_idx(request: Request) -> Opened:
    """A folder of idx files, or one file of images without labels to predict on.

    Raises:
        DataError: a file is missing or damaged, or images and labels do not fit.
    """
    if request.path.is_file():
        if request.needs_target:
            raise request.error(
                "one idx file has no labels",
                hint="name the folder with train-images*, train-labels*, t10k-images* and t10k-labels*",
            )
        return Opened(array_source(read_idx(request.path), None, request))
    files = find_idx(request.path)
    parts = {part: _part(part, files, request) for part in ("train", "t10k")}
    rows, test = parts["train"], parts["t10k"]
    if rows is None and test is not None and not request.needs_target:
        rows = test
    if rows is None:
        raise request.error(
            "there are no training images",
            hint="the folder needs train-images-idx3-ubyte and train-labels-idx1-ubyte, .gz or not",
        )
    return Opened(rows, None if test is rows else test)


def read_idx(path: Path) -> Array:
    """The array in an idx file, in native byte order.

    Raises:
        DataError: its header is not one of idx, or its size is not what the header says.
    """
    compressed = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path, "rb") if compressed else path.open("rb") as file:
            return _read(file, path, compressed)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"it is damaged: {one_line(error)}", where=str(path), field="data.source") from error


def _read(file: IO[bytes] | gzip.GzipFile, path: Path, compressed: bool) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES or not 1 <= head[3] <= 8:
        raise DataError(f"it is not an idx file: it begins with {head.hex() or 'nothing'}", where=str(path), field="data.source")
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise DataError("its header is cut off", where=str(path), field="data.source")
    shape = struct.unpack(f">{head[3]}I", sizes)
    kind = np.dtype(_TYPES[head[2]])
    expected = math.prod(shape) * kind.itemsize
    # Before anything is read: deflate cannot shrink by more than 1:1032, so a header that says more is a lie, not a data set.
    if expected > path.stat().st_size * (1100 if compressed else 1):
        raise DataError(f"it is cut off: its header says {shape}, {expected} bytes", where=str(path), field="data.source")
    content = file.read(expected + 1)
    if len(content) != expected:
        more = "more" if len(content) > expected else f"{len(content)}"
        raise DataError(f"its header says {shape}, {expected} bytes; there are {more}", where=str(path), field="data.source")
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="))


def _part(part: str, files: dict[str, Path], request: Request) -> MemorySource | None:
    images, labels = files.get(f"{part}-images"), files.get(f"{part}-labels")
    if images is None:
        return None
    if labels is None and request.needs_target:
        raise request.error(
            f"{images.name} has no labels beside it", hint=f"{part}-labels-idx1-ubyte, .gz or not, belongs in the same folder"
        )
    return array_source(read_idx(images), read_idx(labels) if labels else None, request.at(images))
