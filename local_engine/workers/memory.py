"""What a process holds in memory of its own, and giving back what it no longer needs."""

from __future__ import annotations

import gc
from pathlib import Path

from local_engine.data.memory import give_back

_OOM_SCORE = "500"
"""How much sooner than others the kernel takes a worker when memory runs out: before the parent, which keeps the study."""


def own_bytes() -> int:
    """Resident bytes that are this process's alone: not the rows it maps, nor its libraries. 0 where that cannot be told."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


def tidy() -> None:
    """Collects garbage and returns free memory to the system where the C library can."""
    gc.collect()
    give_back()


def offer_first() -> None:
    """Tells the kernel to take this process first when memory runs out; where there is no such kernel, nothing."""
    try:
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
    except OSError:
        return


def kills() -> int:
    """How many processes the kernel has ended for want of memory since it started; 0 where that cannot be told."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
