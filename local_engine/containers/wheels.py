"""Packages that the image lacks: they travel as wheels and are unpacked, which needs neither pip nor a network."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path

from local_engine.errors import EngineError

_FOR_PYTHON = re.compile(r"cp3(\d+)$")


def lacking(wheels: Iterable[str], *, ours: Collection[str] | None = None) -> list[str]:
    """Those of the wheels, by their files' names, that an installed package cannot stand in for.

    Args:
        wheels: names that begin with a package's name and version, as all wheels' do.
        ours: None: every installed version will do. Otherwise it has to be that of the wheel or newer; and that of the wheel for
            the packages that are named here.

    Raises:
        EngineError: the image lacks a package whose wheel is for another Python.
    """
    found = [wheel for wheel in sorted(wheels) if _is_lacking(wheel, ours)]
    for wheel in found:
        if not _fits(wheel):
            name, version = wheel.split("-")[:2]
            python = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise EngineError(
                f"the image has Python {python} and lacks {name} {version}, which travels for another Python",
                hint=f"install {name}=={version} in the image",
            )
    return found


def add(wheels: Iterable[Path], folder: Path, *, ours: Collection[str] | None = None) -> list[str]:
    """Makes the packages that are lacking importable, in this process and in those that it starts.

    Args:
        wheels: the files.
        folder: what is unpacked goes there; made afresh.
        ours: as for `lacking`; what is unpacked then comes before what the image has.

    Returns:
        Names and versions of what was added.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    paths = {wheel.name: wheel for wheel in wheels}
    added = []
    for name in lacking(paths, ours=ours):
        _unpack(paths[name], folder)
        added.append(" ".join(name.split("-")[:2]))
    if added:
        sys.path.insert(len(sys.path) if ours is None else 1, str(folder))  # first is the folder of the program
        known = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = str(folder) if not known else f"{known}{os.pathsep}{folder}"
        importlib.invalidate_caches()
    return added


def _is_lacking(wheel: str, ours: Collection[str] | None) -> bool:
    name, version = wheel.split("-")[:2]
    try:
        installed = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return True
    if ours is None:
        return False
    return installed != version if name in ours else _numbers(installed) < _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    """What is compared of a version: its release's numbers."""
    release = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(one) for one in release[0].split(".")) if release else ()


def _fits(wheel: str) -> bool:
    """Whether a wheel is for this Python, or for any."""
    python, abi = wheel.removesuffix(".whl").split("-")[-3:-1]
    needed = _FOR_PYTHON.match(python)
    if needed is None:
        return True
    return sys.version_info.minor >= int(needed[1]) if abi == "abi3" else sys.version_info.minor == int(needed[1])


def _unpack(wheel: Path, folder: Path) -> None:
    """A wheel's files, those under `.data/purelib` and `.data/platlib` at the top, as the format has it (PEP 427)."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for data in folder.glob("*.data"):
        for part in ("purelib", "platlib"):
            if (data / part).is_dir():
                shutil.copytree(data / part, folder, dirs_exist_ok=True)
        shutil.rmtree(data)
