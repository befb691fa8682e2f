"""Parcels on this machine, made once: a folder each below the home folder's `cache/`, called by what it was made from.

cache/KIND/KEY/           the parcel's files; wheels come when it is sent
cache/KIND/KEY.json       its files with size and sha256; written last, so that what has none is not whole
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.files import size_of
from cloud_nas.home import home
from cloud_nas.package.parcel import Parcel, ParcelFile, parcel
from local_engine.files import read_json, sync_folder, write_json

CACHE = "cache"
"""The folder, in the home folder."""

_SCHEMA = 1


@dataclass(frozen=True)
class Kept:
    """One thing in the cache: a parcel, wheels, a staged source. `paths` go together, `bytes` is what they take."""

    kind: str
    paths: tuple[Path, ...]
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"kind": self.kind, "path": str(self.paths[0]), "bytes": self.bytes}


def folder_of(kind: str) -> Path:
    """The folder of all things of a kind; it may not be there yet."""
    return home() / CACHE / kind


def key_of(value: Any) -> str:
    """What something made from the plain data `value` is called: their sha256, as hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def made(kind: str, key: str, write: Callable[[Path], None], *, later: Sequence[ParcelFile] = ()) -> Parcel:
    """The parcel of this key; made where it is not there, or not whole any more.

    Args:
        kind: `rows` or `code`.
        key: a function of all that the files are made from.
        write: writes the files into an empty folder.
        later: files that belong to the parcel and come when it is sent.
    """
    folder, index = folder_of(kind) / key, folder_of(kind) / f"{key}.json"
    found = _read(folder, index)
    if found is None:
        found = _make(folder, index, write)
    return Parcel(folder, tuple(sorted((*found.files, *later), key=lambda one: one.path)))


def contents() -> Iterator[Kept]:
    """All that the cache holds, by kind and name. What is there can always go: it is made or fetched again when it is needed."""
    base = home() / CACHE
    for kind in sorted(path for path in base.glob("*") if path.is_dir() and not path.is_symlink()):
        names = sorted({path.name.removesuffix(".json") for path in kind.iterdir()})
        for name in names:
            paths = tuple(path for path in (kind / name, kind / f"{name}.json") if path.exists() and not path.is_symlink())
            yield Kept(kind.name, paths, sum(map(size_of, paths)))


def remove(kept: Kept) -> None:
    """Deletes one thing; its index first, so that what is left of it after a crash does not count as whole."""
    for path in reversed(kept.paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _make(folder: Path, index: Path, write: Callable[[Path], None]) -> Parcel:
    making = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    try:
        write(making)
        whole = parcel(making)
        for path in making.rglob("*"):
            _sync(path)
        index.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    write_json(index, {"schema": _SCHEMA, "files": [dataclasses.asdict(one) for one in whole.files]}, mode=0o600)
    return Parcel(folder, whole.files)


def _read(folder: Path, index: Path) -> Parcel | None:
    """The parcel, where it is whole: hashes are of when it was made, sizes are compared with what is there."""
    try:
        about = read_json(index)
        if about["schema"] != _SCHEMA:
            return None
        files = tuple(ParcelFile(**one) for one in about["files"])
        whole = all((folder / one.path).stat().st_size == one.bytes for one in files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Parcel(folder, files) if whole else None


def _sync(path: Path) -> None:
    if path.is_dir():
        sync_folder(path)
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())
