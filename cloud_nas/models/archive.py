"""Zip files of strangers: looked through before anything is taken out of them."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from cloud_nas.errors import RefusedError

MOST_MEMBERS = 10_000
MOST_BYTES = 64 * 2**30
MOST_RATIO = 100
"""How often larger a member of more than a MiB may be than it is in the file; model files are stored, not compressed."""

_SAFE_NAME = re.compile(r"[^\\:\x00-\x1f]+")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def check_archive(path: Path, belongs: Callable[[str], bool]) -> list[str]:
    """Looks through the directory of a zip file; reads no member.

    Args:
        path: the file.
        belongs: whether a member of this name belongs into such a file.

    Returns:
        The names of the members.

    Raises:
        RefusedError: it is no zip file, or a member has a name, a kind or a size that an honest one has not.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise RefusedError(f"{path.name} is not a model file: {error}", where=str(path)) from error
    for problem in _problems(members, belongs):
        raise RefusedError(f"{path.name} is refused: {problem}", hint="get the model again from whoever made it", where=str(path))
    return [member.filename for member in members]


def read_member(path: Path, name: str, *, most: int) -> bytes:
    """The bytes of one member of a file that `check_archive` has passed.

    Raises:
        RefusedError: it is damaged, or larger than `most` bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(name).file_size > most:
                raise RefusedError(f"{path.name} is refused: {name} is larger than {most} bytes", where=str(path))
            return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise RefusedError(f"{path.name} is damaged: {error}", where=str(path)) from error


def _problems(members: list[zipfile.ZipInfo], belongs: Callable[[str], bool]) -> list[str]:
    """What is wrong with the directory, the first thing a member."""
    if len(members) > MOST_MEMBERS:
        return [f"it has {len(members)} members"]
    if sum(member.file_size for member in members) > MOST_BYTES:
        return [f"unpacked it is larger than {MOST_BYTES} bytes"]
    names = [member.filename for member in members]
    found = [f"two members are called {name!r}" for name in {name for name in names if names.count(name) > 1}]
    return found + [problem for member in members if (problem := _problem(member, belongs)) is not None]


def _problem(member: zipfile.ZipInfo, belongs: Callable[[str], bool]) -> str | None:
    name = member.filename
    parts = name.split("/")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if not _SAFE_NAME.fullmatch(name) or name.startswith("/") or ".." in parts or name != member.orig_filename:
        return f"a member is called {name!r}, which leads out of the folder"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"{name!r} is a link or a device"
    if member.flag_bits & 0x1 or member.compress_type not in _METHODS:
        return f"{name!r} is encrypted or packed in an unusual way"
    if member.file_size > 2**20 and member.file_size > MOST_RATIO * max(1, member.compress_size):
        return f"{name!r} unpacks to {member.file_size} bytes from {member.compress_size}"
    return None if belongs(name) else f"{name!r} does not belong into a model file"
