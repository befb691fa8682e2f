"""Pixels of a PNG file (ISO/IEC 15948) of 8 or 16 bits a channel, not interlaced; the stand-in needs no more."""

from __future__ import annotations

import struct
import zlib
from typing import Any

_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def pixels(content: bytes) -> Any:
    """An array (height, width, channels), 0 to 255.

    Raises:
        ValueError: it is not such a file.
    """
    import numpy as np

    if content[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("an image is not a PNG file")
    at, stream, header = 8, b"", b""
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + size]
        header, stream = (body, stream) if kind == b"IHDR" else (header, stream + body if kind == b"IDAT" else stream)
        at += 12 + size
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth not in (8, 16) or colour not in _CHANNELS or interlaced:
        raise ValueError("an image is a PNG file of a kind that the stand-in does not read")
    step = _CHANNELS[colour] * depth // 8
    raw, line = zlib.decompress(stream), width * step
    before, lines = bytearray(line), []
    for row in range(height):
        start = row * (line + 1)
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + line]), before, step)
        lines.append(bytes(before))
    found = np.frombuffer(b"".join(lines), dtype=">u2" if depth == 16 else "u1").reshape(height, width, -1)
    return (found // 257).astype("uint8") if depth == 16 else found


def _unfiltered(kind: int, line: bytearray, above: bytearray, step: int) -> bytearray:
    if kind == 0:
        return line
    for at in range(len(line)):
        left = line[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        line[at] = (line[at] + (left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind - 1]) & 255
    return line


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    distances = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return (left, above, corner)[distances.index(min(distances))]
