"""Sources by format: what a path is, and the reader for it. Heavy readers are imported when one is needed."""

from __future__ import annotations

from pathlib import Path

from local_engine.data.sources.base import MemorySource, Opened, Request, Source
from local_engine.data.sources.builtin import PREFIX, open_builtin
from local_engine.data.sources.idx import find_idx, open_idx

__all__ = ["MemorySource", "Opened", "Request", "Source", "open_source"]

KNOWN = "csv, parquet, npz, idx, a folder of image classes (png, jpg), TFRecord, or builtin:NAME"

_SUFFIXES = {
    "csv": (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz"),
    "parquet": (".parquet", ".pq"),
    "npz": (".npz", ".npy"),
    "tfrecord": (".tfrecord", ".tfrecords", ".tfrec"),
    "image": (".png", ".jpg", ".jpeg"),
}


def open_source(request: Request, name: str) -> Opened:
    """Opens what `name` (a path or `builtin:NAME`) stands for.

    Raises:
        DataError: there is no such thing, or it is none of the formats that are read.
    """
    if name.startswith(PREFIX):
        return open_builtin(name.removeprefix(PREFIX), request)
    if "://" in name:
        raise request.error("it is an address, not a path", hint="copy it to this machine first")
    try:
        kind = _folder_kind(request) if request.path.is_dir() else _file_kind(request)
        return _open(kind, request)
    except PermissionError as error:
        raise request.error("it may not be read", hint="check its permissions") from error
    except FileNotFoundError as error:
        raise request.error(f"there is no such file: {error.filename or request.path}") from error


def _open(kind: str, request: Request) -> Opened:
    if kind == "csv":
        from local_engine.data.sources.csv import open_csv

        return open_csv(request)
    if kind == "parquet":
        from local_engine.data.sources.parquet import open_parquet

        return open_parquet(request)
    if kind == "npz":
        from local_engine.data.sources.npz import open_npz

        return open_npz(request)
    if kind == "tfrecord":
        from local_engine.data.sources.tfrecord import open_tfrecord

        return open_tfrecord(request)
    if kind == "idx":
        return open_idx(request)
    from local_engine.data.sources.images import open_images

    return open_images(request)


def _file_kind(request: Request) -> str:
    path = request.path
    if not path.exists():
        raise request.error("there is no such file or folder", choices=_neighbours(path))
    kind = _suffix_kind(path)
    if kind is not None:
        return kind
    with path.open("rb") as file:
        head = file.read(4)
    if "idx" in path.name or (head[:2] == b"\0\0" and path.suffix == ""):
        return "idx"
    if head == b"PAR1":
        return "parquet"
    if head == b"PK\x03\x04":
        return "npz"
    raise request.error(f"its kind is not known: {path.suffix or 'no suffix'}", hint=f"what is read: {KNOWN}")


def _suffix_kind(path: Path) -> str | None:
    name = path.name.lower()
    return next((kind for kind, suffixes in _SUFFIXES.items() if name.endswith(suffixes)), None)


def _folder_kind(request: Request) -> str:
    """By its first file that tells: idx by name, then parquet or TFRecord (also one level down), then images."""
    if find_idx(request.path):
        return "idx"
    folders = [request.path]
    for folder in folders:
        entries = sorted(folder.iterdir())
        for entry in entries:
            kind = _suffix_kind(entry)
            if kind in ("parquet", "tfrecord", "image") and entry.is_file():
                return kind
        if folder is request.path:
            folders += [entry for entry in entries if entry.is_dir()]
            folders += [
                inner
                for entry in entries
                if entry.is_dir() and entry.name in ("train", "test")
                for inner in entry.iterdir()
                if inner.is_dir()
            ]
    raise request.error("the folder holds nothing that is read", hint=f"what is read: {KNOWN}")


def _neighbours(path: Path) -> tuple[str, ...]:
    """The files beside a missing one, for a did-you-mean."""
    try:
        return tuple(str(entry) for entry in sorted(path.parent.iterdir())[:200])
    except OSError:
        return ()
