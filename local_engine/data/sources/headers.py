"""The headers of png and jpg files: size, channels and depth, without decoding a pixel."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

MOST_VALUES = 1 << 28
"""Pixels times channels; a header that claims more is not believed."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 1, 6: 3}  # grey, colour, palette, grey and alpha, colour and alpha
_JPG_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


@dataclass(frozen=True)
class Header:
    """What an image is: 1 channel for grey, 3 for colour (transparency is dropped); `bits` 8 or 16 a channel."""

    height: int
    width: int
    channels: int
    bits: int


def read_header(file: IO[bytes]) -> Header | None:
    """The header of an image file that stands at its start, or None where it is neither a png nor a jpg that can be believed."""
    start = file.read(26)
    header = None
    if start.startswith(_PNG) and start[12:16] == b"IHDR" and len(start) == 26:
        width, height, bits, colour = struct.unpack(">IIBB", start[16:26])
        if colour in _PNG_CHANNELS and bits in (1, 2, 4, 8, 16):
            header = Header(height, width, _PNG_CHANNELS[colour], 16 if bits == 16 else 8)
    elif start.startswith(b"\xff\xd8"):
        file.seek(2)
        header = _jpg(file)
    if header is None or not 0 < header.height * header.width * header.channels <= MOST_VALUES:
        return None
    return header


def _jpg(file: IO[bytes]) -> Header | None:
    """The frame header of a jpg, behind any number of other segments."""
    while True:
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:
            return None
        if mark[1] == 0xFF:  # a fill byte before a marker
            file.seek(-1, 1)
            continue
        if mark[1] in (0x01, *range(0xD0, 0xD8)):  # markers without a length
            continue
        size = file.read(2)
        if len(size) < 2 or mark[1] in (0xD9, 0xDA):
            return None
        if mark[1] in _JPG_FRAMES:
            frame = file.read(6)
            if len(frame) < 6:
                return None
            bits, height, width, channels = struct.unpack(">BHHB", frame)
            return Header(height, width, 1 if channels == 1 else 3, 8) if bits == 8 and channels in (1, 3, 4) else None
        file.seek(max(0, struct.unpack(">H", size)[0] - 2), 1)
