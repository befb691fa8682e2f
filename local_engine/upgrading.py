"""Before a newer version changes a database, a copy of it stays beside it; the older version can still read that."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from local_engine.files import sync_folder


def copy_name(path: Path, schema: int) -> Path:
    """Where the copy of a database lies that was made when it had this schema."""
    return path.with_name(f"{path.name}.schema-{schema}")


def keep_copy(path: Path, schema: int, source: sqlite3.Connection | None = None) -> Path:
    """Copies an SQLite file as all finished transactions left it, log included; whole or not at all, for its owner's eyes only.

    An older copy of the same name makes room: it comes of an upgrade that did not get to its end.

    Args:
        path: the database. Who calls keeps others from writing meanwhile.
        schema: the one that it has.
        source: a connection to it that may read, where no other can be opened; it is in no transaction.

    Returns:
        The copy's path.

    Raises:
        OSError: the copy cannot be made.
        sqlite3.Error: the database cannot be read, or there is no room.
    """
    copy = copy_name(path, schema)
    making = copy.with_name(f".{copy.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(making, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        reader = sqlite3.connect(path, timeout=30.0) if source is None else source
        try:
            with closing(sqlite3.connect(making)) as target:
                reader.backup(target)
        finally:
            if source is None:
                reader.close()
        with making.open("rb+") as file:
            os.fsync(file.fileno())
        making.replace(copy)
    finally:
        making.unlink(missing_ok=True)
    sync_folder(copy.parent)
    return copy
