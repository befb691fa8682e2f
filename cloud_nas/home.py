"""Where everything of one user lives: the registry, the runs, the caches; `$CLOUD_NAS_HOME` or the platform's data folder."""

from __future__ import annotations

import os
from pathlib import Path

from cloud_nas.errors import RefusedError


def home() -> Path:
    """The folder, made if need be for its owner's eyes only (0700).

    Raises:
        RefusedError: it is not there and cannot be made.
    """
    folder = _chosen()
    if not folder.is_dir():
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise RefusedError(
                f"cannot make the folder for runs, {folder}: {error.strerror}",
                hint="set CLOUD_NAS_HOME to a folder that you can write to",
            ) from error
    return folder


def runs_folder() -> Path:
    """The folder that holds a folder a run; it may not be there yet."""
    return _chosen() / "runs"


def run_folder(run_id: str) -> Path:
    """The folder of one run; it may not be there yet."""
    return runs_folder() / run_id


def _chosen() -> Path:
    """The folder's path, absolute, without touching the disk."""
    chosen = os.environ.get("CLOUD_NAS_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("cloud-nas", appauthor=False))
