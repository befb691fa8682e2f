"""Where CUDA's libraries lie: packages from pip, folders named in the environment, the system's own.

TensorFlow finds only some of those that pip installs by itself; the loader finds all of them where LD_LIBRARY_PATH names
their folders before the process starts, so a parent has to set it for its workers.
"""

from __future__ import annotations

import ctypes.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_PROOF = "libcudnn.so*"
"""The library that a machine has least often: a driver brings none, nor does a bare CUDA."""


def folders(kind: str) -> tuple[Path, ...]:
    """The folders `site-packages/nvidia/*/KIND` of this interpreter, of the packages that pip installs.

    Args:
        kind: `lib` or `bin`.
    """
    places = dict.fromkeys(Path(entry) for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"})
    return tuple(sorted(folder for place in places for folder in place.glob(f"nvidia/*/{kind}") if folder.is_dir()))


def search_paths(environment: Mapping[str, str]) -> dict[str, str]:
    """LD_LIBRARY_PATH and PATH with those folders; nothing where there are none.

    Libraries stand first, so that they are of the version that was installed for this interpreter; programs (`ptxas`) last.
    """
    libraries = [str(folder) for folder in folders("lib")]
    if not libraries:
        return {}
    programs = [str(folder) for folder in folders("bin")]
    return {
        "LD_LIBRARY_PATH": _joined([*libraries, *_entries(environment, "LD_LIBRARY_PATH")]),
        "PATH": _joined([*_entries(environment, "PATH"), *programs]),
    }


def libraries_there(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the libraries seem to be installed, from pip or otherwise; whether they work is for TensorFlow to say."""
    places = [*folders("lib"), *map(Path, _entries(environment, "LD_LIBRARY_PATH")), Path(sys.prefix, "lib")]
    return any(any(place.glob(_PROOF)) for place in places) or ctypes.util.find_library("cudnn") is not None


def _entries(environment: Mapping[str, str], name: str) -> list[str]:
    return [entry for entry in environment.get(name, "").split(os.pathsep) if entry]


def _joined(entries: list[str]) -> str:
    return os.pathsep.join(dict.fromkeys(entries))
