"""Whether this machine can search: Python, the engine's packages, processor and memory, the folder with all runs."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from cloud_nas.doctor import engine
from cloud_nas.doctor.finding import Finding
from cloud_nas.errors import CloudNasError
from cloud_nas.files import in_words, size_of
from cloud_nas.home import runs_folder
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow

_ENOUGH = 1 << 30
"""Bytes of free disk below which a search is likely to stop for want of them."""

_SHOWN = 20
"""Runs whose size is told one by one."""

_HOME = "set CLOUD_NAS_HOME to a folder that you can write to"


def look() -> tuple[Finding, ...]:
    """All there is to say of this machine. Nothing is made that is not there."""
    return (*_python(), *engine.look(), *_machine(), *_home(), *_runs())


def _python() -> Iterator[Finding]:
    if sys.platform == "win32":
        yield Finding("platform", False, "Windows: specs can be checked, nothing is searched", "use WSL2")
    yield Finding("python", True, f"{platform.python_version()}, {platform.platform()}")


def _machine() -> Iterator[Finding]:
    """Cores and memory as far as this process may use them, and what they are good for."""
    from local_engine.workers.fitting import Machine, workers_that_fit

    machine = Machine.here()
    there = os.cpu_count() or machine.cores
    bound = f" of {there}: affinity or the container's quota allows no more" if machine.cores < there else ""
    yield Finding("cores", None, f"{machine.cores}{bound}")
    yield Finding("memory", None, f"{in_words(machine.memory_bytes)} free")
    fit = workers_that_fit(machine, 0)
    yield Finding("workers", None, f"{fit} at a time, for small data; cloud-nas run --parallel N asks for another number")
    if machine.gpus:
        names = ", ".join(gpu.name for gpu in machine.gpus)
        yield Finding("gpus", None, f"{names}; cloud-nas doctor gpu tells whether TensorFlow sees them")


def _home() -> Iterator[Finding]:
    """The folder: there or yet to be made, ours to write to, nobody else's to read."""
    home = runs_folder().parent
    there = home
    while not there.exists():
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK) or not there.is_dir():
        yield Finding("home", False, f"{home} cannot be written", _HOME)
        return
    if there != home:
        yield Finding("home", True, f"{home}, made with the first run")
    else:
        yield _privacy(home)
    free = shutil.disk_usage(there).free
    if free < _ENOUGH:
        yield Finding("disk", False, f"{in_words(free)} free", "cloud-nas clean --keep-best, or make room elsewhere")
    else:
        yield Finding("disk", True, f"{in_words(free)} free")


def _privacy(home: Path) -> Finding:
    """Who else may do what in the folder. Code that ran here is trusted, so that nobody else may write it."""
    mode, mend = home.stat().st_mode, f"chmod 700 {shlex.quote(str(home))}"
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return Finding("home", False, f"{home} can be written by other users", mend)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding("home", None, f"{home}, which other users can look into", mend)
    return Finding("home", True, str(home))


def _runs() -> Iterator[Finding]:
    """The registry, and what each run takes."""
    path = runs_folder().parent / "registry.sqlite3"
    if not path.is_file():
        yield Finding("registry", True, "no runs yet")
        return
    try:
        with Registry(path) as registry:
            rows = registry.rows()
        damage = _damage(path)
    except CloudNasError as error:
        yield Finding("registry", False, error.message, error.hint)
        return
    if damage is not None:
        yield Finding("registry", False, f"{path} is damaged: {damage}", f"move {path} away: runs keep their folders")
        return
    yield Finding("registry", True, f"{len(rows)} {'run' if len(rows) == 1 else 'runs'} in {path}")
    yield from _sizes(rows)


def _damage(path: Path) -> str | None:
    """What SQLite's own check finds wrong with a database; None: nothing."""
    connection = sqlite3.connect(path, timeout=5)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    finally:
        connection.close()
    return None if found == "ok" else str(found)


def _sizes(rows: list[RunRow]) -> Iterator[Finding]:
    """The largest runs one by one, then all of them together, those without a row too."""
    names = {row.run_id: row.name for row in rows}
    folders = list(runs_folder().iterdir()) if runs_folder().is_dir() else []
    sizes = sorted(((size_of(folder), folder.name) for folder in folders), reverse=True)
    for size, run_id in sizes[:_SHOWN]:
        yield Finding(f"run {run_id}", None, f"{in_words(size)}, {names.get(run_id, 'not in the registry')}")
    total = in_words(sum(size for size, _ in sizes))
    yield Finding("runs", None, f"{total} in all; cloud-nas clean lists them and makes room")
