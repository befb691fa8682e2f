"""An artifact that comes from elsewhere in an archive: unpacked, every file as its manifest says, and nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import FailedError, NotFoundError, RefusedError
from cloud_nas.models import kinds
from cloud_nas.models import manifest as manifests
from cloud_nas.models.manifest import Manifest
from cloud_nas.models.unpacking import Limits, unpack
from cloud_nas.models.verify import require_whole

_KEPT = {manifests.NAME, "curve.jsonl"}
"""Not listed in a manifest, and kept: the curve is plain lines of numbers, which the report draws."""


@dataclass(frozen=True)
class Arrived:
    """An artifact that is whole; `dropped` are files of the archive that its manifest does not list, which were not kept."""

    manifest: Manifest
    dropped: tuple[str, ...]


def arrive(archive: Path, folder: Path, *, limits: Limits | None = None) -> Arrived:
    """Unpacks an artifact into `folder`, which is made, and verifies it.

    Args:
        archive: a `.tar.gz` with an artifact folder's files at its root.
        folder: must not be there.
        limits: what the archive may hold.

    Raises:
        RefusedError: the archive is not safe, or damaged.
        FailedError: it holds no artifact, or a file is not what the manifest says.
    """
    names = unpack(archive, folder, limits=limits)
    try:
        found = manifests.read(folder)
    except NotFoundError as error:
        raise FailedError(f"{archive.name} holds no model: it has no {manifests.NAME}") from error
    for name in found.files:
        if problem := kinds.problem(name):
            raise RefusedError(f"{archive.name} is refused: {problem}", hint=kinds.HINT)
    require_whole(found)
    dropped = tuple(name for name in names if name not in found.files and name not in _KEPT)
    for name in dropped:
        (folder / name).unlink()
    for each in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(each.iterdir()):
            each.rmdir()
    return Arrived(found, dropped)
