"""A home folder as version 0.1.0 left it, for tests of what this version makes of it."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "schema-1"


@dataclass(frozen=True)
class Old:
    """The home, the project that its runs are of, and the ids of the finished run and of the killed one."""

    home: Path
    project: Path
    finished: str
    killed: str

    def schema(self, name: str = "registry.sqlite3") -> int:
        """The number that a registry's file holds."""
        with closing(sqlite3.connect(self.home / name)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture
def old(home: Path, tmp_path: Path) -> Old:
    """A copy to be changed at will; the home is `$CLOUD_NAS_HOME`."""
    with tarfile.open(FIXTURE / "home.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    shutil.copytree(tmp_path / "home", home, dirs_exist_ok=True)
    project = Path(shutil.copytree(FIXTURE / "project", tmp_path / "project"))
    with closing(sqlite3.connect(home / "registry.sqlite3")) as connection, connection:
        # It was made in /data/home, and a registry keeps absolute paths.
        connection.execute("UPDATE runs SET model = replace(model, '/data/home', ?)", (str(home),))
        ids = dict(connection.execute("SELECT name, run_id FROM runs").fetchall())
    return Old(home, project, ids["digits"], ids["halved"])
