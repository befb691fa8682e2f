"""A parcel: files in a folder that travel together, known by the sha256 of all that is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local_engine.files import sha256_of


@dataclass(frozen=True)
class ParcelFile:
    """A file: its path inside the parcel (POSIX), its sha256 and its size.

    `wheel` is `NAME==VERSION` for a wheel that is fetched from the user's package index when the parcel is sent; the lock knows
    its hash and size before.
    """

    path: str
    sha256: str
    bytes: int
    wheel: str | None = None


@dataclass(frozen=True)
class Parcel:
    """Files in `folder`, ascending by path."""

    folder: Path
    files: tuple[ParcelFile, ...]

    @property
    def sha256(self) -> str:
        """Over names and contents, as hexadecimal: what the parcel is called in a bucket."""
        text = "".join(f"{one.sha256}  {one.path}\n" for one in self.files)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(one.bytes for one in self.files)


def parcel(folder: Path, names: Iterable[str] | None = None) -> Parcel:
    """The parcel of the files in `folder`: those of these names, or all of them."""
    found = names if names is not None else (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = (ParcelFile(name, sha256_of(folder / name), (folder / name).stat().st_size) for name in sorted(found))
    return Parcel(folder, tuple(files))
