"""What this process may use of the machine: cores and memory, as affinity and the container (control groups 1 and 2) allow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")


def cores(root: Path = ROOT) -> int:
    """How many processor cores this process may keep busy, at least 1; of a fraction of a core, the whole ones below it.

    Args:
        root: where `proc` and `sys` are.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [quota for folder in _groups("cpu", root) if (quota := _quota(folder)) is not None]
    return max(1, int(min([there, *quotas])))


def memory_bytes(root: Path = ROOT) -> int:
    """How many bytes this process and those that it starts can still get without swapping.

    Args:
        root: where `proc` and `sys` are.
    """
    room = [left for folder in _groups("memory", root) if (left := _room(folder)) is not None]
    return max(0, min([_available(root), *room]))


def _groups(controller: str, root: Path) -> Iterator[Path]:
    """The folders of this process's control groups for `controller`, the innermost first: a limit of any of them holds.

    Inside a container the path may be the one outside, and only the root of the mount be there: what is missing is passed over.
    """
    mounts = root / "sys" / "fs" / "cgroup"
    for line in _text(root / "proc" / "self" / "cgroup").splitlines():
        names, _, path = line.partition(":")[2].partition(":")
        if names and controller not in names.split(","):
            continue
        candidates = (mounts / names, mounts / controller) if names else (mounts / "unified", mounts)
        base = next((folder for folder in candidates if folder.is_dir()), None)
        if base is None:
            continue
        parts = [part for part in path.split("/") if part]
        group = base if ".." in parts else base.joinpath(*parts)
        yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(base))


def _quota(folder: Path) -> float | None:
    """The cores that a group may use; None where it has no limit."""
    quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = _text(folder / "cpu.cfs_quota_us").strip(), _text(folder / "cpu.cfs_period_us").strip()
    if not quota.isdigit() or not period.isdigit() or not int(period):  # "max", "-1", or no such file
        return None
    return int(quota) / int(period)


def _room(folder: Path) -> int | None:
    """The bytes that a group can still get; None where it has no limit. Cached files that nobody reads count as free.

    Version 1 has a number for no limit, so large that the machine's own memory is less.
    """
    for limit, usage, inactive in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        most, used = _text(folder / limit).strip(), _text(folder / usage).strip()
        if most.isdigit() and used.isdigit():
            cached = _field(_text(folder / "memory.stat"), inactive) or 0
            return int(most) - max(0, int(used) - cached)
    return None


def _available(root: Path) -> int:
    """The machine's own free memory in bytes, that of caches with it; all there is where the system does not say what is free."""
    kilobytes = _field(_text(root / "proc" / "meminfo"), "MemAvailable:")
    if kilobytes is not None:
        return kilobytes * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _field(text: str, name: str) -> int | None:
    """The number that follows `name` on its line."""
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == name and words[1].isdigit():
            return int(words[1])
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
