"""An Optuna storage in which several writes are one transaction. In memory, in SQLite, or in another database by its URL."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine.errors import MissingDependencyError, StorageError
from local_engine.study.sqlite import WRITES, begin_explicitly, connector
from local_engine.upgrading import keep_copy

if TYPE_CHECKING:
    from optuna.storages import BaseStorage, RDBStorage

_MEMORY = ("sqlite://", "sqlite:///:memory:")

_LOCK = 0x6C6F63616C  # any number of ours: PostgreSQL's name for the writers' lock


class Database:
    """Holds the storage, and one lock for all threads of this process.

    Attributes:
        storage: what Optuna reads and writes.

    Raises:
        StorageError: it cannot be opened, or a newer version wrote it.
        MissingDependencyError: the database's driver is not installed.
    """

    def __init__(self, location: str | Path | None, *, must_exist: bool = False) -> None:
        """Opens or makes a database.

        Args:
            location: None for memory, the path of an SQLite file, or a URL (`sqlite:///study.sqlite3`, `postgresql://...`).
            must_exist: refuse to make a new file.
        """
        logging.getLogger("optuna.storages").setLevel(logging.WARNING)
        self.storage: BaseStorage
        self._lock = threading.RLock()
        self._relational: RDBStorage | None = None
        self._file: Path | None = None
        self._depth = 0
        if location is None or location in _MEMORY:
            from optuna.storages import InMemoryStorage

            self.storage = InMemoryStorage()
        else:
            path = _sqlite_path(location)
            self._file = None if path is None else Path(path)
            self._relational = _open(location, must_exist)
            self.storage = _cached(self._relational)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside becomes visible at once at the end, and not at all where an exception leaves it.

        Other threads wait, other processes too. (Memory has no way back: there an exception leaves what was written.)
        """
        with self._lock:
            self._depth += 1
            try:
                if self._relational is None or self._depth > 1:
                    yield
                else:
                    with self._one_connection(self._relational):
                        yield
            finally:
                self._depth -= 1

    def keep_copy(self, schema: int) -> None:
        """Keeps what was there before this transaction beside it, as `NAME.schema-N`; where the database is no file, nothing.

        Raises:
            StorageError: that cannot be done.
        """
        if self._file is None:
            return
        try:
            keep_copy(self._file, schema)
        except (OSError, sqlite3.Error) as error:
            message = f"the study's database cannot be copied before it is brought to a newer schema: {error}"
            raise StorageError(message, where=str(self._file)) from error

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            if self._relational is not None:
                self._relational.scoped_session.remove()
                self._relational.engine.dispose()

    @contextmanager
    def _one_connection(self, relational: RDBStorage) -> Iterator[None]:
        """Sends all sessions to one connection, where what Optuna commits is a savepoint of our transaction."""
        sessions = relational.scoped_session
        try:
            with relational.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                if relational.engine.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                sessions.remove()
                sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
                yield
        except BaseException:
            # The cache may hold trials that were rolled back.
            self.storage = _cached(relational)
            raise
        finally:
            sessions.remove()
            sessions.configure(bind=relational.engine, join_transaction_mode="conditional_savepoint")


def _cached(relational: RDBStorage) -> BaseStorage:
    """Optuna's own cache: finished trials are read once."""
    from optuna.storages import _CachedStorage

    return _CachedStorage(relational)


def _open(location: str | Path, must_exist: bool) -> RDBStorage:
    import sqlalchemy
    from optuna.storages import RDBStorage

    path = _sqlite_path(location)
    shown = path or sqlalchemy.make_url(str(location)).render_as_string(hide_password=True)
    options: dict[str, Any] = {"pool_pre_ping": True} if path is None else {"creator": connector(path)}
    if path is not None and must_exist and not Path(path).is_file():
        raise StorageError("there is no study's database here", where=shown)
    if path is not None and not Path(path).parent.is_dir():
        raise StorageError("the study's database cannot be made: its folder is not there", where=shown)
    try:
        # SQLite's path goes to the connector alone: Optuna would take braces in a URL for a template.
        relational = RDBStorage(str(location) if path is None else "sqlite:///study", engine_kwargs=options)
    except ImportError as error:
        raise MissingDependencyError(
            f"no driver for the database: {error}", hint='for PostgreSQL: pip install "psycopg2-binary"', where=shown
        ) from error
    except RuntimeError as error:
        raise StorageError(
            "the study's database is of another version of Optuna", hint="optuna storage upgrade", where=shown
        ) from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StorageError(f"the study's database cannot be opened: {reason}", where=shown) from error
    if path is not None:
        begin_explicitly(relational.engine)
    return relational


def _sqlite_path(location: str | Path) -> str | None:
    """The file of an SQLite location, None for another database.

    Raises:
        StorageError: a text that is not a URL.
    """
    import sqlalchemy

    if isinstance(location, Path):
        return str(location)
    try:
        url = sqlalchemy.make_url(location)
    except sqlalchemy.exc.ArgumentError as error:
        raise StorageError(f"not the URL of a database: {location}", hint="sqlite:///path/of/file.sqlite3") from error
    return url.database if url.get_backend_name() == "sqlite" else None
