"""A copy of an artifact in a folder of its own: every file hashed on the way, and all of them there or none."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import FailedError, NotFoundError, RefusedError
from cloud_nas.models import manifest
from cloud_nas.models.manifest import NAME, Manifest
from cloud_nas.models.verify import verify
from local_engine.files import sha256_of, sync_folder

_BLOCK = 1 << 20
_HINT = "--to names another folder"


@dataclass(frozen=True)
class CopiedFile:
    """A file of the copy: its path inside the folder, its sha256 and its size."""

    path: str
    sha256: str
    bytes: int


def copy(source: Manifest, folder: Path) -> tuple[CopiedFile, ...]:
    """Makes `folder`, or finds this very artifact in it, whole.

    Args:
        source: the artifact. Its listed files and the manifest are copied; what training left beside them is not.
        folder: absolute. It may be an empty folder.

    Returns:
        The files of the copy, the manifest last.

    Raises:
        RefusedError: the folder holds something else, or cannot be written.
        FailedError: a file is not what the manifest says.
    """
    if os.path.lexists(folder) and _is_there(source, folder):
        return tuple(_file(folder, name) for name in (*source.files, NAME))
    return _made(source.folder, (*source.files, NAME), folder, lambda making, copied: _require_same(source, making, copied))


def copy_plain(source: Path, files: Mapping[str, str | None], folder: Path) -> tuple[CopiedFile, ...]:
    """Makes `folder` of files that no manifest lists, or finds these very files in it.

    Args:
        source: where they are.
        files: their names, and the sha256 of each; None: whatever it is.
        folder: absolute. It may be an empty folder.

    Raises:
        RefusedError: the folder holds something else, or cannot be written.
        FailedError: a file is not what it should be.
    """
    expected = {name: sha256 or sha256_of(source / name) for name, sha256 in files.items()}
    if os.path.lexists(folder):
        if folder.is_symlink() or not folder.is_dir():
            raise RefusedError(f"{folder} is there and is no folder", hint=_HINT)
        if any(folder.iterdir()):
            inside = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
            plain = [path for path in inside if path.is_file() and not path.is_symlink()]
            there = {path.relative_to(folder).as_posix(): sha256_of(path) for path in plain}
            if there != expected or len(inside) != len(expected):
                raise RefusedError(f"{folder} holds something else", hint=_HINT)
            return tuple(_file(folder, name) for name in files)

    def require_same(making: Path, copied: tuple[CopiedFile, ...]) -> None:
        for file in copied:
            if file.sha256 != expected[file.path]:
                raise FailedError(f"{source / file.path} is not what was fetched", hint="fetch it again")

    return _made(source, tuple(files), folder, require_same)


def _made(
    source: Path, names: tuple[str, ...], folder: Path, check: Callable[[Path, tuple[CopiedFile, ...]], None]
) -> tuple[CopiedFile, ...]:
    """Copies the files into a new folder, which takes its name when `check` has passed."""
    making = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        making.mkdir(parents=True)
        copied = tuple(_copied(source, making, name) for name in names)
        check(making, copied)
        making.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        _remove(making)
        raise RefusedError(
            f"{folder} cannot be written: {error.strerror}", hint=f"{_HINT}; cloud-nas clean makes room"
        ) from error
    except BaseException:
        _remove(making)
        raise
    return copied


def _is_there(source: Manifest, folder: Path) -> bool:
    """Whether `folder` holds this artifact already; an empty one does not.

    Raises:
        RefusedError: it holds something else.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise RefusedError(f"{folder} is there and is no folder", hint=_HINT)
    if not any(folder.iterdir()):
        return False
    try:
        found = manifest.read(folder)
    except (NotFoundError, FailedError):
        raise RefusedError(f"{folder} holds something else", hint=_HINT) from None
    if found.raw != source.raw:
        raise RefusedError(f"{folder} holds another model", hint=_HINT)
    checked = verify(found)
    if not checked.ok:
        changed = (checked.different + checked.missing)[0]
        raise RefusedError(f"{folder} holds this model, but not its {changed}", hint=f"remove it, or {_HINT}")
    return True


def _copied(source: Path, target: Path, name: str) -> CopiedFile:
    """Copies one file and hashes what is written."""
    path = source / name
    if path.is_symlink() or not path.is_file():
        raise FailedError(
            f"{path} is {'a link' if path.is_symlink() else 'missing'}", hint=f"cloud-nas verify {source} tells more"
        )
    digest, size = hashlib.sha256(), 0
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as read, (target / name).open("xb") as written:
        while block := read.read(_BLOCK):
            digest.update(block)
            size += written.write(block)
        written.flush()
        os.fsync(written.fileno())
    return CopiedFile(name, digest.hexdigest(), size)


def _require_same(source: Manifest, folder: Path, copied: tuple[CopiedFile, ...]) -> None:
    """Ends here where a copy is not what was to be copied: a file that was changed, or one that changes now."""
    hint = f"cloud-nas verify {source.folder} tells more; a trial that still trains writes its files anew"
    for file in copied:
        if file.sha256 != source.files.get(file.path, file.sha256):
            raise FailedError(f"{source.folder / file.path} is not the one that its manifest lists", hint=hint)
    if manifest.read(folder).raw != source.raw:
        raise FailedError(f"{source.folder} changed while it was copied", hint=hint)


def _file(folder: Path, name: str) -> CopiedFile:
    path = folder / name
    return CopiedFile(name, sha256_of(path), path.stat().st_size)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
