"""What hostile archives are made with, and a watch over all that is written."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_WATCHES: list[list[str]] = []
_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link", "os.chmod", "os.truncate", "os.utime", "shutil.move"}


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    """Notes every path that this process opens for writing, or changes."""
    if not _WATCHES or not (event == "open" or event in _CHANGES):
        return
    if event == "open":
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC):
            return
    for watch in _WATCHES:
        watch.extend(os.fsdecode(path) for path in arguments[:2] if isinstance(path, str | bytes | os.PathLike))


sys.addaudithook(_hear)


@pytest.fixture
def written() -> Iterator[list[str]]:
    """The paths that are written while the test runs; tests say where they may be."""
    found: list[str] = []
    _WATCHES.append(found)
    yield found
    _WATCHES.remove(found)


def member(name: str, content: bytes = b"x", **changes: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A member; `changes` are of its header."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in changes.items():
        setattr(info, key, value)
    return info, content


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes], format: int = tarfile.PAX_FORMAT) -> Path:
    """A `.tar.gz` of these members, whatever they are."""
    with tarfile.open(path, "w:gz", format=format) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return path


def raw(path: Path, change: Callable[[bytearray], Any], *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """A `.tar.gz` whose bytes were changed before they were packed, the first header's sum made right again."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for info, content in members or (member("model.keras"),):
            tar.addfile(info, io.BytesIO(content))
    content = bytearray(buffer.getvalue())
    change(content)
    content[148:156] = b"%06o\0 " % (sum(content[:148]) + 256 + sum(content[156:512]))
    path.write_bytes(gzip.compress(bytes(content)))
    return path
