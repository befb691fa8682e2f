"""Packages that the image lacks: they travel as wheels and are unpacked, which needs neither pip nor a network."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import shutil
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path


def add(wheels: Iterable[Path], folder: Path) -> list[str]:
    """Makes the packages that are not installed importable, in this process and in those that it starts.

    Args:
        wheels: files whose names begin with a package's name and version, as all wheels' do.
        folder: what is unpacked goes there; made afresh.

    Returns:
        Names and versions of what was added.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    added = []
    for wheel in sorted(wheels):
        name, version = wheel.name.split("-")[:2]
        if not _is_installed(name):
            _unpack(wheel, folder)
            added.append(f"{name} {version}")
    if added:
        sys.path.append(str(folder))  # behind the image's own packages
        known = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = str(folder) if not known else f"{known}{os.pathsep}{folder}"
        importlib.invalidate_caches()
    return added


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _unpack(wheel: Path, folder: Path) -> None:
    """A wheel's files, those under `.data/purelib` and `.data/platlib` at the top, as the format has it (PEP 427)."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for data in folder.glob("*.data"):
        for part in ("purelib", "platlib"):
            if (data / part).is_dir():
                shutil.copytree(data / part, folder, dirs_exist_ok=True)
        shutil.rmtree(data)
