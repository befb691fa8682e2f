"""Images of a data set as PNG files.

The format is a header and a zlib stream (ISO/IEC 15948), which is less than a library to depend on.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part

_BATCH = 256


def images_of(part: Part) -> Iterator[np.ndarray]:
    """The images of a part as they are stored, in its order: `(height, width)` or `(height, width, 3)`."""
    for stored in part.stored_batches(_BATCH):
        yield from stored  # type: ignore[misc]  # images are one array


def write_png(path: Path, pixels: np.ndarray) -> Path:
    """Writes one image."""
    path.write_bytes(png(pixels))
    return path


def png(pixels: np.ndarray) -> bytes:
    """One image, 8 or 16 bits a channel; floats from 0 to 1 are made 8 bits."""
    if pixels.dtype.kind == "f":
        pixels = (pixels.clip(0, 1) * 255).round().astype("uint8")
    height, width = pixels.shape[:2]
    depth, colour = 8 * pixels.dtype.itemsize, 2 if pixels.ndim == 3 else 0
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)
    stream = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(stream, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
