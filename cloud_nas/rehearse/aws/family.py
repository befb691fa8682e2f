"""All processes of a container, whatever session they put themselves into: they end with it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path


def kill_all(leader: int, base: Path) -> None:
    """Kills the process group of `leader`, and every process that was given this base folder in its environment.

    Where the system does not show the environment of processes, the group is all that can be killed.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for process in _given(f"SAGEMAKER_BASE_DIR={base}".encode()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _given(setting: bytes) -> Iterator[int]:
    """Processes with this setting; the path in it is one that only our container has."""
    for told in Path("/proc").glob("[0-9]*/environ"):
        try:
            if setting in told.read_bytes().split(b"\0"):
                yield int(told.parent.name)
        except OSError:
            continue
