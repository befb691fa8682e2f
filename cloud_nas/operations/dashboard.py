"""`dashboard`: Optuna's dashboard on a run's study, for looking only."""

from __future__ import annotations

import importlib
import importlib.util
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cloud_nas.errors import FailedError, MissingExtraError, NotFoundError
from cloud_nas.operations._engine import require_engine
from cloud_nas.operations._loopback import LoopbackServer
from cloud_nas.operations._runs import folder_of, rows
from cloud_nas.operations.trials import STUDY
from cloud_nas.runs.row import RunRow

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

INSTALL = 'pip install "cloud-nas[dashboard]"'
_BUSY_SECONDS = 30.0


class Dashboard:
    """A server that listens already and answers while `serve` runs.

    Attributes:
        run_id: the run that is shown.
        url: the page of its study.
    """

    def __init__(self, row: RunRow, storage: RDBStorage, port: int) -> None:
        """Used by `dashboard`."""
        wsgi = importlib.import_module("optuna_dashboard").wsgi
        self.run_id = row.run_id
        self._storage = storage
        self._server = LoopbackServer(wsgi(storage), port)
        studies = storage.get_all_studies()
        self.url = f"{self._server.url}/dashboard/studies/{studies[0]._study_id}" if studies else f"{self._server.url}/dashboard"

    def serve(self) -> None:
        """Answers until `close` is called from another thread, or an exception, such as Ctrl-C, ends it."""
        self._server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Ends `serve`, and gives port and study back."""
        self._server.shutdown()
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._release()

    def _release(self) -> None:
        self._server.server_close()
        self._storage.scoped_session.remove()
        self._storage.engine.dispose()


def dashboard(run_id: str | None = None, *, port: int = 0) -> Dashboard:
    """Opens Optuna's dashboard on a run's study, at work or over.

    Whoever visits it changes nothing: the server answers GET alone, and the study is opened in a way in which SQLite itself
    refuses to write. It listens on loopback; other users of this machine can read it there.

    Args:
        run_id: the run; the newest when None.
        port: where to listen; 0: any that is free.

    Raises:
        NotFoundError: there is no such run, or it has not begun.
        FailedError: the study cannot be read.
        MissingExtraError: the extra `dashboard` is not installed.
        UsageError: the port cannot be had.
    """
    row = _chosen(run_id)
    if importlib.util.find_spec("optuna_dashboard") is None:
        raise MissingExtraError("the dashboard needs optuna-dashboard, not installed", hint=INSTALL)
    require_engine()
    return Dashboard(row, storage_of(folder_of(row) / STUDY), port)


def _chosen(run_id: str | None) -> RunRow:
    found = rows() if run_id is None else rows(run_id)
    if not found:
        raise NotFoundError("no runs yet", hint="cloud-nas run spec.yaml")
    row = found[0]
    if not (folder_of(row) / STUDY).is_file():
        raise NotFoundError(f"{row.run_id} has no trials yet", hint=f"cloud-nas status {row.run_id}")
    return row


def storage_of(path: Path) -> RDBStorage:
    """The study as Optuna reads it, opened with SQLite's `mode=ro`.

    Not a copy: one would have to be made again for each look at a run that is at work. `mode=ro` sees what the search commits,
    makes nobody wait, and does not depend on the dashboard keeping its hands off.
    """
    import sqlalchemy
    from optuna.exceptions import OptunaError
    from optuna.storages import RDBStorage

    from local_engine.study.sqlite import begin_explicitly

    def connect() -> sqlite3.Connection:
        uri = f"{path.as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)

    try:
        storage = RDBStorage("sqlite:///study", engine_kwargs={"creator": connect}, skip_table_creation=True)
    except (OptunaError, sqlalchemy.exc.SQLAlchemyError, RuntimeError) as error:
        reason = str(getattr(error.__cause__ or error, "orig", None) or error).splitlines()[0]
        raise FailedError(f"the study {path} cannot be read: {reason}", hint="cloud-nas doctor") from error
    begin_explicitly(storage.engine)
    return storage
