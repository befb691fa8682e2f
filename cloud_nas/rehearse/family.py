"""All processes of a container, whatever session they put themselves into: they end with it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path


def kill_all(leader: int, name: str, value: str) -> None:
    """Kills the process group of `leader`, and every process that was given this variable, whose value only our container has.

    Where the system does not show the environment of processes, the group is all that can be killed.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for process in _given(f"{name}={value}".encode()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _given(setting: bytes) -> Iterator[int]:
    """Processes with this setting."""
    for told in Path("/proc").glob("[0-9]*/environ"):
        try:
            if setting in told.read_bytes().split(b"\0"):
                yield int(told.parent.name)
        except OSError:
            continue
