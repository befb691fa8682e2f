"""Writing a starter: all of its files or none, and never over something that is there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from cloud_nas.errors import RefusedError, UsageError
from cloud_nas.operations.schema import schema_text
from local_engine.files import write_bytes

SCHEMA_FILE = "cloud-nas.schema.json"
EDITOR_LINE = f"# yaml-language-server: $schema=./{SCHEMA_FILE}"


def write_starter(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Writes `files` and the schema for editors into `folder`, which is made if need be.

    Returns:
        The paths of the starter's files, the schema last.

    Raises:
        UsageError: one of them is there already; nothing was written.
        RefusedError: the folder cannot be written to; nothing is left behind.
    """
    refuse_if_in_the_way(folder, files)
    wanted = {folder / name: content for name, content in files.items()} | {folder / SCHEMA_FILE: schema_text().encode()}
    written: list[Path] = []
    try:
        for path, content in wanted.items():
            if not path.exists():
                written.append(path)
                write_bytes(path, content)
    except OSError as error:
        _undo(written)
        raise RefusedError(f"cannot write {path}: {error.strerror}", hint="choose a folder that you can write to") from error
    return tuple(wanted)


def _undo(written: list[Path]) -> None:
    """Takes back what was written before a write failed."""
    for path in written:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def refuse_if_in_the_way(folder: Path, names: Iterable[str]) -> None:
    """Refuses where one of the files to be written is there already, or a schema for editors that is not this version's.

    Raises:
        UsageError: it names them all.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder: cloud-nas init DIR")
    taken = [name for name in names if (folder / name).exists()]
    schema_file = folder / SCHEMA_FILE
    if schema_file.exists() and not (schema_file.is_file() and schema_file.read_bytes() == schema_text().encode()):
        taken.append(SCHEMA_FILE)
    if taken:
        verb = "is" if len(taken) == 1 else "are"
        raise UsageError(
            f"{', '.join(taken)} {verb} already in {folder}; nothing was written", hint="name another folder: cloud-nas init DIR"
        )
