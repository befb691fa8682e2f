"""Archives of strangers, unpacked into a new folder of the user's alone: whole or not at all, and never a byte beside it."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import RefusedError
from cloud_nas.models.tar import Member, Tar
from local_engine.files import says_disk_is_full, sync_folder

_PLAIN = re.compile(r'[^\\:*?"<>|\x00-\x1f\x7f]+')
"""Letters that every file system takes as they are."""
_MOST_NAME, _MOST_PATH, _DEEPEST = 200, 1000, 32


@dataclass(frozen=True)
class Limits:
    """What an archive may hold: members, bytes in all, and how often larger than the file (beyond 64 MiB) these may be."""

    members: int = 10_000
    bytes: int = 64 * 2**30
    ratio: int = 100
    bytes_before_ratio: int = 64 * 2**20


def unpack(archive: Path, folder: Path, *, limits: Limits | None = None) -> tuple[str, ...]:
    """Unpacks a `.tar.gz` into `folder`, which is made for its owner's eyes only (0700; files 0600).

    Args:
        archive: a file from anywhere.
        folder: must not be there. Its parent is made where it is missing.
        limits: what is the most; generous by default.

    Returns:
        The paths of the files inside the folder, POSIX, in the archive's order.

    Raises:
        RefusedError: the archive holds what an honest one does not, is damaged, or is too large; or the folder is there
            already, or cannot be written. Nothing is left then.
    """
    with emerging(folder) as making:
        return _unpack(archive, making, limits or Limits())


@contextmanager
def emerging(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its name when the block ends without an exception, and is gone otherwise."""
    making = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    if os.path.lexists(folder):
        raise RefusedError(f"{folder} is there already")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        making.mkdir(mode=0o700)
        yield making
        making.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(making, ignore_errors=True)
        if says_disk_is_full(error):
            raise
        raise RefusedError(f"{folder} cannot be written: {error.strerror}") from error
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _unpack(archive: Path, folder: Path, limits: Limits) -> tuple[str, ...]:
    tar = Tar(archive, most=limits.bytes, ratio=limits.ratio, most_before_ratio=limits.bytes_before_ratio)
    try:
        taken = _Names(tar, limits)
        files = [name for member in tar.members() if (name := _take(tar, member, taken, folder)) is not None]
    finally:
        tar.close()
    for made in {folder, *(path for path in folder.rglob("*") if path.is_dir())}:
        sync_folder(made)
    return tuple(files)


def _take(tar: Tar, member: Member, taken: _Names, folder: Path) -> str | None:
    """Writes one member; None for a folder."""
    name = taken.inside(member)
    if name is None:
        return None
    path = folder / name
    if member.is_folder:
        _make_folders(path, folder)
        return None
    _make_folders(path.parent, folder)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in tar.content():
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return name


def _make_folders(path: Path, folder: Path) -> None:
    """Makes `path` and what lies between it and `folder`, each for its owner alone."""
    for each in reversed([path, *path.parents]):
        if each.is_relative_to(folder) and each != folder:
            each.mkdir(mode=0o700, exist_ok=True)


class _Names:
    """The names that an archive has had so far, so that no two of them are one file anywhere."""

    def __init__(self, tar: Tar, limits: Limits) -> None:
        self._tar, self._limits = tar, limits
        self._members = 0
        self._files: set[str] = set()
        self._kinds: dict[str, tuple[str, bool]] = {}  # as no file system can tell them apart -> path, whether it is a folder

    def inside(self, member: Member) -> str | None:
        """The path inside the folder; None for the folder itself (`./`).

        Raises:
            RefusedError: it leads out of the folder, is not plain, or was there before.
        """
        self._members += 1
        if self._members > self._limits.members:
            raise self._tar.refused(f"it has more than {self._limits.members} members")
        if member.size > self._limits.bytes:
            raise self._tar.refused(f"unpacked it is larger than {self._limits.bytes} bytes")
        shown = member.name if len(member.name) < 80 else f"{member.name[:80]}..."
        if member.name.startswith("/") or ".." in member.name.split("/"):
            raise self._tar.refused(f"a member is called {shown!r}, which leads out of the folder")
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if not parts:
            if member.is_folder:
                return None
            raise self._tar.refused("a member has no name")
        if any(not _PLAIN.fullmatch(part) or part[-1] in " ." for part in parts):
            raise self._tar.refused(f"a member is called {shown!r}, which is not a plain name")
        name = "/".join(parts)
        if len(parts) > _DEEPEST or len(name.encode()) > _MOST_PATH or any(len(part.encode()) > _MOST_NAME for part in parts):
            raise self._tar.refused(f"the name {shown!r} is too long")
        for depth in range(1, len(parts)):
            self._note("/".join(parts[:depth]), is_folder=True)
        if not member.is_folder and name in self._files:
            raise self._tar.refused(f"two members are called {name!r}")
        self._note(name, is_folder=member.is_folder)
        self._files.update(() if member.is_folder else (name,))
        return name

    def _note(self, name: str, *, is_folder: bool) -> None:
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
        before = self._kinds.setdefault(key, (name, is_folder))
        if before[0] != name:
            raise self._tar.refused(f"{before[0]!r} and {name!r} are one name on some disks")
        if before[1] != is_folder:
            raise self._tar.refused(f"{name!r} is a file and a folder")
