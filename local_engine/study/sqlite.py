"""SQLite as a study's storage: readers never wait, a killed process loses nothing, and a path may hold any character."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy

TIMEOUT = 60.0
"""Seconds that a writer waits for another."""

WRITES = "local_engine_writes"
"""The execution option of a connection that begins by taking the write lock."""


def connector(path: str) -> Callable[[], sqlite3.Connection]:
    """A function that opens `path`.

    Write-ahead log: readers and the writer do not wait for one another. `synchronous=NORMAL`: a commit survives the death of the
    process at once, that of the machine from the log's next checkpoint on; the file is whole in either case.
    """

    def connect() -> sqlite3.Connection:
        # Without an isolation level sqlite3 leaves BEGIN to us, which savepoints need.
        connection = sqlite3.connect(path, timeout=TIMEOUT, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    return connect


def begin_explicitly(engine: sqlalchemy.Engine) -> None:
    """Makes every transaction of `engine` begin with BEGIN, one that writes with the lock taken first.

    A transaction that reads first and asks for the lock later is refused at once when another wrote in between; one that takes
    the lock first waits its turn.
    """
    import sqlalchemy

    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    sqlalchemy.event.listen(engine, "begin", begin)
