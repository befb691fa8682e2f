"""What a process that loads a stranger's model may do: compute, read, and write into one folder. It has no way back.

The environment is made by the parent; the rest (`confine`) the process does to itself, before it looks at anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.models import syscalls

_KEPT = frozenset({"PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONHASHSEED", "XLA_FLAGS"})
_KEPT_BEGINNINGS = ("LC_", "TF_", "KERAS_", "OMP_", "MKL_", "OPENBLAS_")


@dataclass(frozen=True)
class Room:
    """How much a process may take: bytes of memory, and bytes of any one file that it writes."""

    memory: int
    file: int


def environment(given: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The variables for the process: what numbers depend on, and nothing that could be a credential.

    Args:
        given: the parent's own.
        folder: the process's folder, which is also its home.
    """
    kept = {name: value for name, value in given.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)}
    keras = Path(given.get("KERAS_HOME") or Path(given.get("HOME", "/")) / ".keras")
    own = {"HOME": str(folder), "TMPDIR": str(folder), "CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | own | ({"KERAS_HOME": str(keras)} if keras.is_dir() else {})


def confine(folder: Path, room: Room) -> tuple[str, ...]:
    """Confines this process for good.

    Args:
        folder: where it may write.
        room: how much it may take.

    Returns:
        What this machine has no means to take away: `network`, `writing`, `memory`. Empty on Linux.
    """
    import resource

    syscalls.die_with_parent()
    for kind, most in ((resource.RLIMIT_FSIZE, room.file), (resource.RLIMIT_CORE, 0)):
        _limit(kind, most)
    done = {
        "memory": _limit(resource.RLIMIT_AS, room.memory),
        "writing": syscalls.forbid_writing([folder, Path(os.devnull)]),
        "network": syscalls.forbid_network(),
    }
    return tuple(name for name, is_done in done.items() if not is_done)


def _limit(kind: int, most: int) -> bool:
    import resource

    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(kind, (most, most))
    except (ValueError, OSError):
        return False
    return True
