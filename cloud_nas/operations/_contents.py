"""What in a run's folder is ours, known by name, and what belongs to somebody else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_LOCKS = ("workers.lock", "writer.lock")  # they go last: who deletes a run holds them

_STUDY = r"study\.sqlite3(-wal|-shm|-journal)?"
_RECORDS = r"spec\.yaml|definition\.json|spent\.json|events\.jsonl|workers\.lock|writer\.lock"
_RUN_FILES = rf"{_RECORDS}|{_STUDY}|study\.sqlite3\.schema-\d+|output\.txt|cancel\.json|final\.log|fetched\.json"
_ARTIFACT_FILES = (
    r"model\.keras|model\.skops|preprocessing\.keras|metrics\.json|manifest\.json|predictions\.parquet"
    r"|checkpoint\.npz|curve\.jsonl|log\.txt"
)
_TEMPORARY_FILES = r"\..+\.tmp"
_TEMPORARY_FOLDERS = r"\.saving-.+|\.model\.making|\.fetching-.+"

_FILES = rf"({_RUN_FILES}|(model|trials/\d+)/({_ARTIFACT_FILES})|((model|trials/\d+)/)?({_TEMPORARY_FILES}))"
_WHOLE_FOLDERS = rf"(shared|cloud|intents|sent|candidate|candidates|((model|trials/\d+)/)?(code|{_TEMPORARY_FOLDERS}))(/.*)?"
_OURS = re.compile(rf"{_FILES}|{_WHOLE_FOLDERS}")
_OUR_FOLDERS = re.compile(rf"trials|model|trials/\d+|{_WHOLE_FOLDERS}")

_LEAN = rf"{_RECORDS}|{_STUDY}|fetched\.json|(cloud|intents|sent|candidates?)/.*|code/.*|trials/\d+/(curve\.jsonl|metrics\.json)"


@dataclass(frozen=True)
class Contents:
    """What a folder holds.

    `doomed` are the files of ours that are to go, the locks last, and `bytes` their size; `folders` those of ours, the deepest
    first; `foreign` what is not ours: files and folders with other names, and links whatever their name.
    """

    folder: Path
    doomed: tuple[Path, ...]
    folders: tuple[Path, ...]
    foreign: tuple[Path, ...]
    bytes: int


def contents_of(folder: Path, *, keep: Literal["nothing", "best"], best: int | None = None) -> Contents:
    """Looks through a run's folder; no link is followed.

    Args:
        folder: the run's.
        keep: `best`: the final model with its predictions, the study, the curves and what the run was made from stay.
        best: the best trial, whose model stays where there is no final one.
    """
    stays = None if keep == "nothing" else _staying(folder, best)
    doomed: list[Path] = []
    folders, foreign, size = [folder], [], 0
    for path, kind in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if kind == "folder":
            folders.append(path)
        elif kind == "foreign":
            foreign.append(path)
        elif stays is None or not stays.fullmatch(name):
            doomed.append(path)
            size += path.lstat().st_size
    doomed.sort(key=lambda path: path.name in _LOCKS)
    return Contents(folder, tuple(doomed), tuple(reversed(folders)), tuple(foreign), size)


def delete(contents: Contents) -> None:
    """Deletes what is ours to delete, and each of our folders that is empty then."""
    for path in contents.doomed:
        path.unlink(missing_ok=True)
    for folder in contents.folders:
        if not any(folder.iterdir()):
            folder.rmdir()


def _staying(folder: Path, best: int | None) -> re.Pattern[str]:
    """The names of what stays when only the best is kept."""
    final = (folder / "model" / "manifest.json").is_file()
    model = "model/.+" if final or best is None else rf"trials/{best}/.+"
    return re.compile(rf"{_LEAN}|{model}")


def _walk(folder: Path, inside: str = "") -> Iterator[tuple[Path, Literal["file", "folder", "foreign"]]]:
    """All that is in a folder of ours, each folder before what it holds; nothing of a foreign one but itself."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name, path = f"{inside}{entry.name}", Path(entry.path)
        if entry.is_file(follow_symlinks=False) and _OURS.fullmatch(name):
            yield path, "file"
        elif entry.is_dir(follow_symlinks=False) and _OUR_FOLDERS.fullmatch(name):
            yield path, "folder"
            yield from _walk(path, f"{name}/")
        else:
            yield path, "foreign"
