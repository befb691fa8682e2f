"""An artifact put into the folder that the service packs when the job ends, at whatever moment that is."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from local_engine import files
from local_engine.training.manifest import NAME as MANIFEST

_OF_TRAINING = ("checkpoint.npz", "curve.jsonl", "log.txt")


def place(artifact: Path, folder: Path) -> None:
    """Moves the files of `artifact` into `folder`, over those that are there; the manifest last.

    The folder cannot be renamed as a whole, since it may be a mount. Each file is, one right after the other, so that what was
    there is whole until a moment in which nothing is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {path.relative_to(artifact) for path in artifact.rglob("*") if path.is_file() and path.name not in _OF_TRAINING}
    for inside in wanted:
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
    for inside in sorted(wanted, key=lambda one: (one.name == MANIFEST, one)):
        _move(artifact / inside, folder / inside)
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder) not in wanted:
            path.unlink()


def copy(artifact: Path, folder: Path, staging: Path) -> None:
    """As `place`, of an artifact that stays where it is."""
    shutil.rmtree(staging, ignore_errors=True)
    shutil.copytree(artifact, staging, ignore=shutil.ignore_patterns(*_OF_TRAINING))
    place(staging, folder)
    shutil.rmtree(staging, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with files.replacing(target) as file, source.open("rb") as content:
            shutil.copyfileobj(content, file)
