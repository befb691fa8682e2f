"""What an engine's job leaves of its search, put where a search here keeps it, so that `trials`, `show` and `report` read it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from cloud_nas.errors import RefusedError
from cloud_nas.models.unpacking import unpack
from local_engine.files import sync_folder

_STUDY = "study.sqlite3"
_OURS = re.compile(r"study\.sqlite3|spent\.json|trials/\d{1,9}/(curve\.jsonl|metrics\.json)")


def bring_study_home(archive: Path, work: Path, run: Path) -> None:
    """Unpacks a search's files into a run's folder; what else the archive holds is left out.

    Args:
        archive: a `.tar.gz` of study, curves and metrics.
        work: a folder to unpack below, on the same disk.
        run: the run's folder.

    Raises:
        RefusedError: the archive is not safe, or the study is no plain database.
    """
    unpacked = work / "output"
    names = [name for name in unpack(archive, unpacked) if _OURS.fullmatch(name)]
    if _STUDY in names:
        _require_plain(unpacked / _STUDY)
        for left in ("-wal", "-shm", "-journal"):  # of an older copy; they would be taken for this one's
            (run / f"{_STUDY}{left}").unlink(missing_ok=True)
    for name in names:
        target = run / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).replace(target)
        sync_folder(target.parent)


def _require_plain(path: Path) -> None:
    """Ends here where a database is damaged or would do something when it is read.

    Raises:
        RefusedError: it is.
    """
    try:
        with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            odd = connection.execute("SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index')").fetchall()
            virtual = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall()
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise RefusedError(f"the study that came back is refused: it is no database, or damaged ({error})") from error
    if odd or virtual:
        raise RefusedError(f"the study that came back is refused: it holds {(odd + virtual)[0][0]!r}, which is no table")
    if whole != ("ok",):
        raise RefusedError("the study that came back is refused: it is damaged")
