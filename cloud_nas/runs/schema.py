"""The tables of the registry, and how an older registry becomes one of this version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cloud_nas.errors import RefusedError
from local_engine.upgrading import keep_copy

SCHEMA = 3
"""Grows when an older version would misread the file; a newer one is refused."""

_TABLES = (
    """CREATE TABLE runs (
        run_id TEXT PRIMARY KEY, name TEXT NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL, spec_sha256 TEXT NOT NULL,
        identity TEXT NOT NULL, parts TEXT NOT NULL, budget TEXT NOT NULL, trials TEXT NOT NULL, best TEXT,
        seconds REAL NOT NULL, model TEXT, reason TEXT, note TEXT, attempt INTEGER NOT NULL, remote TEXT,
        created_at TEXT NOT NULL, seen_at TEXT NOT NULL, spec_path TEXT,
        nonce TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '{}', cost TEXT, rehearsed INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX runs_by_identity ON runs (identity)",
    "CREATE TABLE trusted_code (sha256 TEXT PRIMARY KEY, run_id TEXT NOT NULL, at TEXT NOT NULL)",
)

_UPGRADES = {
    1: ("ALTER TABLE runs ADD COLUMN spec_path TEXT",),
    2: (
        "ALTER TABLE runs ADD COLUMN nonce TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN place TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE runs ADD COLUMN cost TEXT",
        "ALTER TABLE runs ADD COLUMN rehearsed INTEGER NOT NULL DEFAULT 0",
    ),
}
"""What brings a registry to the next schema, by the one that it has."""


def bring_up(connection: sqlite3.Connection, path: Path, *, alone: bool) -> None:
    """Makes the tables where the file is new; copies and upgrades an older one. Any number of processes may do so at once.

    Args:
        connection: to the registry, in no transaction.
        path: its file; the copy is `registry.sqlite3.schema-N` beside it.
        alone: the connection lets no other one in.

    Raises:
        RefusedError: a newer version wrote it.
        sqlite3.Error, OSError: it cannot be read or written; it is then as it was.
    """
    version = _version(connection)
    if version == SCHEMA:
        return
    if version > SCHEMA:
        raise RefusedError(
            f"the registry {path} has schema {version}; this version reads up to {SCHEMA}",
            hint="use the version of cloud-nas that wrote it, or a newer one",
        )
    if version == 0:
        connection.execute("PRAGMA journal_mode = WAL")
    elif alone:
        keep_copy(path, version, connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        _step_up(connection, path, alone)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _step_up(connection: sqlite3.Connection, path: Path, alone: bool) -> None:
    """All that a registry needs to be one of this schema; nothing, where another process was quicker."""
    version = _version(connection)
    if version == 0:
        for table in _TABLES:
            connection.execute(table)
    elif version < SCHEMA:
        if not alone:
            keep_copy(path, version)
        for schema in range(version, SCHEMA):
            for statement in _UPGRADES[schema]:
                connection.execute(statement)
    if version < SCHEMA:
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
