"""Paths as a spec has them: `~` is the home folder, relative ones are relative to the spec's file."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.spec.suggest import nearest

BUILTIN = "builtin:"
BUCKETS = ("s3://", "gs://")
"""How addresses begin of what is copied to this machine before it is read."""


def resolve(text: str, folder: Path) -> Path:
    """The absolute path; does not follow links, does not look whether anything is there.

    Raises:
        ValueError: it cannot be a path (a NUL character, a `~name` that is nobody's).
    """
    if "\0" in text:
        raise ValueError("a path holds no NUL character")
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from None
    return Path(*folder.parts, *path.parts) if not path.is_absolute() else path


def is_elsewhere(text: str) -> bool:
    """Whether a source is no path: a data set that comes with a library, or something in a bucket."""
    return text.startswith((BUILTIN, *BUCKETS))


def exists(path: Path) -> bool:
    """Whether something is there; a name too long for the file system is not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def nearest_file(path: Path, suffix: str = "") -> str | None:
    """The file or folder that `path` was probably meant to be: its name alone, or None."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.name.endswith(suffix))
    except (OSError, ValueError):
        return None
    # Suffixes alone make short names look alike.
    return nearest(path.name, names[:1000], cutoff=0.75)
