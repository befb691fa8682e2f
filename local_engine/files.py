"""Files that survive a crash: written aside, synced, renamed; appended records whose torn tail is dropped, never fatal."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def replacing(path: Path, *, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """A binary file that becomes `path` when the block ends without an exception, and leaves no trace otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Writes `content` to `path`, whole or not at all."""
    with replacing(path, mode=mode) as file:
        file.write(content)


def write_json(path: Path, value: Any, *, mode: int = 0o644) -> None:
    """Writes `value` as indented JSON, whole or not at all."""
    write_bytes(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode(), mode=mode)


def read_json(path: Path) -> Any:
    """Reads JSON from `path`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON.
    """
    return json.loads(path.read_bytes())


def append_json_line(path: Path, value: Any) -> None:
    """Appends one record to a file of JSON lines and syncs it.

    A torn last line, left by a crash in an earlier append, is cut off first, so that it cannot swallow this record.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        _cut_torn_line(file)
        file.write((json.dumps(value, ensure_ascii=False) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())


def cut_torn_line(path: Path) -> None:
    """Cuts off a last line without an end, which a crash left, so that the next one does not grow together with it."""
    if path.exists():
        with path.open("rb+") as file:
            _cut_torn_line(file)


def read_json_lines(path: Path) -> list[Any]:
    """The whole records of a file of JSON lines; a torn last one is left out; no file: no records."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1] if line]


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` durable; on platforms where a folder cannot be opened, does nothing."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


FULL = "no room is left on the disk, or it has become read-only"

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_FULL_WORDS = (
    "No space left on device",
    "database or disk is full",
    "attempt to write a readonly database",
    "Disk quota exceeded",
)


def says_disk_is_full(error: BaseException) -> bool:
    """Whether an exception, or one that caused it, comes of a disk that is full or read-only.

    Libraries pass such an error on in words of their own (HDF5, SQLite), so that its text counts too.
    """
    seen: BaseException | None = error
    for _ in range(20):
        if seen is None:
            return False
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return True
        if any(words in str(seen) for words in _FULL_WORDS):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _cut_torn_line(file: IO[bytes]) -> None:
    end = _end_of_last_line(file)
    if end != file.seek(0, os.SEEK_END):
        file.truncate(end)


def _end_of_last_line(file: IO[bytes]) -> int:
    """The offset behind the last newline of `file`, 0 if it has none; reads backwards in blocks."""
    position = file.seek(0, os.SEEK_END)
    while position > 0:
        start = max(0, position - 4096)
        file.seek(start)
        found = file.read(position - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0
