"""A `.tar.gz` whose bytes depend on names and contents alone: no times, owners or compressor, which differ between machines."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from local_engine.files import write_bytes

_BLOCK = 65535
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def write_archive(path: Path, contents: Mapping[str, bytes]) -> None:
    """Writes the files `contents`, by their path in the archive (POSIX), ascending."""
    write_bytes(path, _gzip(_tar(contents)))


def _tar(contents: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(contents):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(contents[name]), 0o644
            archive.addfile(member, io.BytesIO(contents[name]))
    return out.getvalue()


def _gzip(data: bytes) -> bytes:
    """The data in gzip's frame (RFC 1952), stored: what zlib makes of the same data differs between its versions."""
    blocks = [data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK)] or [b""]
    body = b"".join(
        struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
        for number, block in enumerate(blocks, 1)
    )
    return _HEADER + body + struct.pack("<II", zlib.crc32(data), len(data) % 2**32)
