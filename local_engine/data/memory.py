"""How much memory there is, and from which size on data are streamed rather than held."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from local_engine.errors import DataError

STREAM_OVER = "CLOUD_NAS_STREAM_OVER"
"""Environment variable: the decoded size in bytes over which a set is streamed, in place of a quarter of the available memory."""

WINDOW = 8 * 2**20
"""Bytes of rows that are held at once while streaming, for shuffling."""

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None


def available() -> int:
    """Bytes this process could still take: what the system has free, within the limit of its control group."""
    free = _system()
    group = Path("/sys/fs/cgroup")
    limit, used = _number(group / "memory.max"), _number(group / "memory.current")
    return free if limit is None else max(0, min(free, limit - (used or 0)))


def stream_over() -> int:
    """The decoded size in bytes over which a set is streamed.

    Raises:
        DataError: the environment variable is not a whole number of bytes.
    """
    text = os.environ.get(STREAM_OVER)
    if text is None:
        return available() // 4
    if not text.isdecimal():
        raise DataError(f"{STREAM_OVER} is {text!r}, not a number of bytes", hint=f"for example {STREAM_OVER}=1000000000")
    return int(text)


def give_back() -> None:
    """Returns what is freed to the system, where the C library can (glibc): threads that read keep their heaps otherwise."""
    if _TRIM is not None:
        _TRIM(0)


def show_bytes(count: int) -> str:
    """`1.5 GB`, for messages."""
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _system() -> int:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux: half of what is built in is a fair guess
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
