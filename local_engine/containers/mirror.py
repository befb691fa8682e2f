"""A search's folder copied to where a container's checkpoints are kept, and back: nothing that is copied can be torn.

The study's database is copied by SQLite's own backup; every file is written aside and renamed. Files of trials are copied before
the study that speaks of them, and what the search has removed goes one copy later, so that a study is never without the files it
needs, but for what the service itself copies out of order.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from local_engine import files
from local_engine.search.crews import TRIALS
from local_engine.search.loop import STUDY
from local_engine.search.spending import NAME as SPENT

_COPY = ".study.copy"


class Mirror:
    """The copy of the folder `run` in `copy`."""

    def __init__(self, run: Path, copy: Path) -> None:
        self._run = run
        self._copy = copy
        self._copied: dict[Path, tuple[int, int]] = {}
        self._gone: set[Path] = set()

    def bring_back(self) -> bool:
        """Fills `run` from the copy; whether there was one. A study that cannot be read is left where it is, and begun anew."""
        self._run.mkdir(parents=True, exist_ok=True)
        if not is_whole(self._copy / STUDY):
            return False
        shutil.copyfile(self._copy / STUDY, self._run / STUDY)
        try:
            files.write_json(self._run / SPENT, {"seconds": float(files.read_json(self._copy / SPENT)["seconds"])})
        except (OSError, ValueError, KeyError, TypeError):
            (self._run / SPENT).unlink(missing_ok=True)
        shutil.rmtree(self._run / TRIALS, ignore_errors=True)
        if (self._copy / TRIALS).is_dir():
            shutil.copytree(self._copy / TRIALS, self._run / TRIALS, ignore=shutil.ignore_patterns(".*"))
        return True

    def study(self) -> Path | None:
        """A copy of the study as it is now, in `run`; None where it has not begun."""
        if not (self._run / STUDY).exists():
            return None
        path = self._run / _COPY
        path.unlink(missing_ok=True)
        back_up(self._run / STUDY, path)
        return path

    def trials(self) -> None:
        """Copies the files of trials that have changed, and removes what the search had removed before the copy before."""
        trials = self._run / TRIALS
        found = {path.relative_to(trials) for path in trials.rglob("*") if path.is_file() and not _is_passing(path, trials)}
        for inside in sorted(found):
            self._copy_changed(trials, inside)
        gone = set(self._copied) - found
        for inside in gone & self._gone:
            (self._copy / TRIALS / inside).unlink(missing_ok=True)
            del self._copied[inside]
        self._gone = gone

    def finish(self, study: Path) -> None:
        """Copies the study (a copy already) and what the search has spent."""
        put(study, self._copy / STUDY)
        if (self._run / SPENT).exists():
            put(self._run / SPENT, self._copy / SPENT)

    def _copy_changed(self, trials: Path, inside: Path) -> None:
        try:
            about = (trials / inside).stat()
            if self._copied.get(inside) != (about.st_mtime_ns, about.st_size):
                put(trials / inside, self._copy / TRIALS / inside)
                self._copied[inside] = (about.st_mtime_ns, about.st_size)
        except FileNotFoundError:
            return  # a worker has replaced or removed it since it was listed


def put(source: Path, target: Path) -> None:
    """Copies a file, whole or not at all."""
    with source.open("rb") as content, files.replacing(target) as file:
        shutil.copyfileobj(content, file)


def back_up(database: Path, target: Path) -> None:
    """Copies an SQLite database that others may be writing to."""
    source, copy = sqlite3.connect(database), sqlite3.connect(target)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
    finally:
        copy.close()
        source.close()


def is_whole(database: Path) -> bool:
    """Whether a file is an SQLite database that can be read from end to end."""
    if not database.is_file() or not database.stat().st_size:  # an empty file is an empty database
        return False
    try:
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            return bool(connection.execute("PRAGMA quick_check").fetchone() == ("ok",))
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def _is_passing(path: Path, top: Path) -> bool:
    """Whether a file is one that is being written, and will have another name."""
    return any(part.startswith(".") for part in path.relative_to(top).parts)
