"""`clean`: what runs take on the disk, and its removal: only what is ours, and nothing of a run that somebody works at."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cloud_nas.errors import RefusedError
from cloud_nas.files import size_of
from cloud_nas.home import home, run_folder, runs_folder
from cloud_nas.operations._contents import Contents, contents_of, delete
from cloud_nas.operations._runs import settled
from cloud_nas.package.cache import Kept, contents, remove
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.runs.writer import holder, undisturbed
from cloud_nas.states import LIVE, RunState

_ENDED: frozenset[RunState] = frozenset({"succeeded", "failed", "cancelled"})
_RUN_ID = re.compile(r"r-[0-9a-z]{5}")
_CRASH = re.compile(r"crash-\d{8}T\d{6}Z-\d+\.txt")


@dataclass(frozen=True)
class Waste:
    """What of one run can go.

    `name` and `state` are None of a folder that the registry knows nothing of. `bytes` in `files` files are to go; `foreign` are
    files, folders and links in the run's folder that are not ours and stay.
    """

    run_id: str
    name: str | None
    state: RunState | None
    bytes: int
    files: int
    foreign: tuple[Path, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return vars(self) | {"foreign": [str(path) for path in self.foreign]}


@dataclass(frozen=True)
class CrashFile:
    """The report of a defect, kept to be sent."""

    path: Path
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"path": str(self.path), "bytes": self.bytes}


@dataclass(frozen=True)
class Cleaning:
    """What `carry_out` would delete. `keep`: of each run nothing, or the best. `notes` tell what was left out, and why.

    `cache` is what was made for jobs in a cloud, or fetched from a bucket; it is made or fetched again when it is needed.
    """

    keep: Literal["nothing", "best"]
    runs: tuple[Waste, ...]
    crashes: tuple[CrashFile, ...]
    notes: tuple[str, ...]
    cache: tuple[Kept, ...] = ()

    @property
    def bytes(self) -> int:
        """All that would go."""
        return sum(one.bytes for group in (self.runs, self.crashes, self.cache) for one in group)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "keep": self.keep,
            "runs": [one.to_json() for one in self.runs],
            "crashes": [one.to_json() for one in self.crashes],
            "cache": [one.to_json() for one in self.cache],
            "bytes": self.bytes,
            "notes": list(self.notes),
        }


def look(run_ids: Sequence[str] = (), *, keep_best: bool = False) -> Cleaning:
    """Lists what can go; deletes nothing.

    Args:
        run_ids: these runs, in whatever state they ended. None given: all that succeeded, failed or were cancelled; folders of
            runs that the registry does not know; crash files; and what is cached for jobs in a cloud.
        keep_best: all but the final model with its predictions, the study, the curves and what the run was made from.

    Raises:
        NotFoundError: there is no such run.
        RefusedError: somebody works at a run that is named, or its folder is a link.
    """
    keep: Literal["nothing", "best"] = "best" if keep_best else "nothing"
    with _registry() as registry:
        if run_ids:
            found = [_waste(registry, run_id, keep) for run_id in dict.fromkeys(run_ids)]
            return Cleaning(keep, tuple(found), (), ())
        rows = [settled(row, registry) for row in registry.rows()]
        runs = [_waste(registry, row.run_id, keep) for row in rows if row.state in _ENDED and _idle(run_folder(row.run_id))]
        runs += [] if keep_best else [_waste(registry, name, keep) for name in _unknown(rows)]
    crashes = () if keep_best else tuple(CrashFile(path, size_of(path)) for path in _crash_files())
    notes = tuple(_left_out(rows))
    cache = () if keep_best else tuple(contents())
    return Cleaning(keep, tuple(one for one in runs if one.files or not keep_best), crashes, notes, cache)


def carry_out(cleaning: Cleaning) -> None:
    """Deletes what was listed. A run whose folder is gone then leaves the registry too.

    Raises:
        RefusedError: a process began to write one of the runs, or a file cannot be deleted; what came before it is gone.
    """
    with _registry() as registry:
        for waste in cleaning.runs:
            _delete(registry, waste.run_id, cleaning.keep)
    for crash in cleaning.crashes:
        crash.path.unlink(missing_ok=True)
    for kept in cleaning.cache:
        remove(kept)


def _registry() -> Registry:
    """The registry, on a full disk too: that is when one cleans."""
    try:
        return Registry()
    except RefusedError:
        return Registry(alone=True)


def _waste(registry: Registry, run_id: str, keep: Literal["nothing", "best"]) -> Waste:
    """What of a run can go, where nobody works at it."""
    folder, row = run_folder(run_id), registry.find(run_id)
    if row is None and not (_RUN_ID.fullmatch(run_id) and folder.is_dir()):
        registry.get(run_id)  # which says what is near
    if folder.is_symlink():
        raise RefusedError(f"{folder} is a link, which is not ours", hint="delete what it points to by hand")
    at_work = holder(folder)
    if at_work is not None or (row is not None and settled(row, registry).state in LIVE):
        raise RefusedError(f"{run_id} is at work: {at_work or (row and row.target)}", hint=f"cloud-nas cancel {run_id}")
    contents = _contents(row, folder, keep)
    files, size, foreign = (0, 0, ()) if contents is None else (len(contents.doomed), contents.bytes, contents.foreign)
    if row is None:
        return Waste(run_id, None, None, size, files, foreign)
    return Waste(run_id, row.name, settled(row, registry).state, size, files, foreign)


def _contents(row: RunRow | None, folder: Path, keep: Literal["nothing", "best"]) -> Contents | None:
    """What the folder holds; None where it is gone."""
    best = None if row is None or row.best is None else row.best.trial
    return contents_of(folder, keep=keep, best=best) if folder.is_dir() else None


def _delete(registry: Registry, run_id: str, keep: Literal["nothing", "best"]) -> None:
    """Deletes what there is now, which may be more than was listed."""
    folder = run_folder(run_id)
    if folder.is_dir():
        with undisturbed(folder):
            row = registry.find(run_id)
            contents = _contents(row, folder, keep)
            assert contents is not None, "the folder holds the locks that are held"
            try:
                delete(contents)
            except OSError as error:
                raise RefusedError(f"{error.filename} cannot be deleted: {error.strerror}", hint="check who owns it") from error
            if keep == "nothing" and row is not None:
                _forget(registry, row, folder)
    elif keep == "nothing":
        registry.delete(run_id)


def _forget(registry: Registry, row: RunRow, folder: Path) -> None:
    """Takes a run that was deleted out of the registry; one in whose folder something stays is shown, without a model."""
    if folder.exists():
        registry.update(dataclasses.replace(row, model=None, note="cleaned; what is left in its folder is not ours"))
    else:
        registry.delete(row.run_id)


def _unknown(rows: Sequence[RunRow]) -> list[str]:
    """The folders of runs that have no row, and that nobody works at."""
    known = {row.run_id for row in rows}
    folders = sorted(runs_folder().glob("r-*")) if runs_folder().is_dir() else []
    return [
        folder.name
        for folder in folders
        if _RUN_ID.fullmatch(folder.name) and folder.name not in known and folder.is_dir() and _idle(folder)
    ]


def _idle(folder: Path) -> bool:
    """Whether the folder, or the place where it was, is ours to clean."""
    return not folder.is_symlink() and holder(folder) is None


def _crash_files() -> list[Path]:
    return sorted(path for path in home().glob("crash-*.txt") if _CRASH.fullmatch(path.name) and not path.is_symlink())


def _left_out(rows: Sequence[RunRow]) -> Iterator[str]:
    """What a listing of all runs leaves alone."""
    live = [row.run_id for row in rows if row.state in LIVE or holder(run_folder(row.run_id)) is not None]
    stopped = [row.run_id for row in rows if row.state == "interrupted"]
    linked = [row.run_id for row in rows if run_folder(row.run_id).is_symlink()]
    if live:
        yield f"at work, and left alone: {', '.join(live)}"
    if stopped:
        yield f"can go on, and left alone unless named: {', '.join(stopped)}"
    if linked:
        yield f"links, which are not ours: {', '.join(linked)}"
