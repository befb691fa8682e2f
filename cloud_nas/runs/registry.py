"""The registry of runs: one SQLite file, readable by its owner alone, that many processes read while one writes."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cloud_nas.errors import NotFoundError, RefusedError
from cloud_nas.home import home
from cloud_nas.runs.row import COLUMNS, RunRow, now
from cloud_nas.runs.schema import bring_up

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0 o 1 i l: an id is read aloud and typed
_BUSY_SECONDS = 30.0


class Registry:
    """Rows of runs, and the hashes of code that ran here.

    Any number of processes may have one open. A change is one transaction: it is there whole or not at all, also after a
    crash. Methods may be called from any thread.

    Args:
        path: the file; `registry.sqlite3` in the user's home folder when None. It is made with mode 0600.
        alone: let no other process in meanwhile; SQLite then needs no room on the disk to read, which a full one does not have.

    Raises:
        RefusedError: the file is damaged, of a newer version, or cannot be opened.
    """

    def __init__(self, path: Path | None = None, *, alone: bool = False) -> None:
        self.path = home() / "registry.sqlite3" if path is None else path
        self._guard = threading.RLock()
        with _explained(self.path):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = _connect(self.path, alone)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the registry cannot be used afterwards."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Makes all that the block reads and writes one step; other writers, of any process, wait meanwhile. Keep it short."""
        with self._guard:
            with _explained(self.path):
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                with _explained(self.path):
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def mint(self) -> str:
        """A run id that no row has: `r-` and five characters that cannot be mistaken for one another."""
        while True:
            run_id = "r-" + "".join(secrets.choice(_ALPHABET) for _ in range(5))
            if self.find(run_id) is None:
                return run_id

    def create(self, row: RunRow) -> RunRow:
        """Writes a new row, durably, before anything is done for the run.

        Raises:
            RefusedError: the run id is taken.
        """
        names, marks = ", ".join(COLUMNS), ", ".join(f":{column}" for column in COLUMNS)
        try:
            self._write(f"INSERT INTO runs ({names}) VALUES ({marks})", row.to_record())
        except sqlite3.IntegrityError as error:
            raise RefusedError(f"the run {row.run_id} is already in the registry") from error
        return row

    def update(self, row: RunRow) -> RunRow:
        """Replaces the row with the same run id, and stamps `seen_at` with this moment."""
        record = row.to_record() | {"seen_at": now()}
        changes = ", ".join(f"{column} = :{column}" for column in COLUMNS if column != "run_id")
        self._write(f"UPDATE runs SET {changes} WHERE run_id = :run_id", record)
        return RunRow.from_record({key: value for key, value in record.items() if key != "identity"})

    def delete(self, run_id: str) -> None:
        """Forgets a run; nothing happens where there is no such row. What ran here stays trusted."""
        self._write("DELETE FROM runs WHERE run_id = :run_id", {"run_id": run_id})

    def find(self, run_id: str) -> RunRow | None:
        """The row of a run, or None."""
        rows = self._read("WHERE run_id = ?", (run_id,))
        return rows[0] if rows else None

    def get(self, run_id: str) -> RunRow:
        """The row of a run.

        Raises:
            NotFoundError: there is none; the hint names one with a similar id.
        """
        row = self.find(run_id)
        if row is None:
            raise NotFoundError(f"no run {run_id}", hint=_similar(run_id, [other.run_id for other in self.rows()]))
        return row

    def rows(self, *, name: str | None = None, identity: str | None = None) -> list[RunRow]:
        """All rows, the newest first; those with this name or this identity's hash, where asked for."""
        asked = [(column, value) for column, value in (("name", name), ("identity", identity)) if value is not None]
        where = "WHERE " + " AND ".join(f"{column} = ?" for column, _ in asked) if asked else ""
        return self._read(f"{where} ORDER BY created_at DESC, rowid DESC", tuple(value for _, value in asked))

    def trust(self, sha256: str, run_id: str) -> None:
        """Remembers that this code ran here, so that a model which needs it may be loaded without asking."""
        self._write(
            "INSERT OR IGNORE INTO trusted_code (sha256, run_id, at) VALUES (:sha256, :run_id, :at)",
            {"sha256": sha256, "run_id": run_id, "at": now()},
        )

    def trusts(self, sha256: str) -> bool:
        """Whether code with this hash ran here."""
        with self._guard, _explained(self.path):
            found = self._connection.execute("SELECT 1 FROM trusted_code WHERE sha256 = ?", (sha256,)).fetchone()
        return found is not None

    def _read(self, rest: str, values: tuple[Any, ...]) -> list[RunRow]:
        columns = [column for column in COLUMNS if column != "identity"]  # the hash is of `parts`, which comes along
        with self._guard, _explained(self.path):
            records = self._connection.execute(f"SELECT {', '.join(columns)} FROM runs {rest}", values).fetchall()
        return [RunRow.from_record(dict(zip(columns, record, strict=True))) for record in records]

    def _write(self, statement: str, values: dict[str, Any]) -> None:
        with self._guard, _explained(self.path):
            self._connection.execute(statement, values)


def _connect(path: Path, alone: bool = False) -> sqlite3.Connection:
    """Opens the file and makes it one of this version's schema; refuses a newer one."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        bring_up(connection, path, alone=alone)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what SQLite and the disk say into words; a broken constraint is the caller's to explain."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        hint = "check that the disk has room and that you can write to the folder; CLOUD_NAS_HOME names another one"
        raise RefusedError(f"the registry {path} cannot be used: {error}", hint=hint) from error
    except sqlite3.DatabaseError as error:
        hint = f"move {path} away: runs keep their folders, and a new registry is made"
        raise RefusedError(f"the registry {path} is damaged: {error}", hint=hint) from error
    except OSError as error:
        hint = "set CLOUD_NAS_HOME to a folder that you can write to"
        raise RefusedError(f"the registry {path} cannot be opened: {error.strerror}", hint=hint) from error


def _similar(run_id: str, known: list[str]) -> str:
    """The hint for a run id that is not there."""
    import difflib

    close = difflib.get_close_matches(run_id, known, n=1)
    return f"did you mean {close[0]}?" if close else "cloud-nas status lists all runs"
