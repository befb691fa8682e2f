"""Values with large arrays that many processes read and none copies: written once to a file, which each maps into its memory.

A value is pickled with its arrays out of band (PEP 574): the numbers of every array go into one file as they are, the rest, with
texts, into another. A mapping is private and copied on write, so that a page that somebody changes is his alone; the pages nobody
changes are in memory once, for all. Only processes of one search read what it wrote, in its own folder.
"""

from __future__ import annotations

import mmap
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from local_engine import files

_OBJECTS = "objects.pickle"
_NUMBERS = "numbers"
_ALIGNMENT = 64
"""Bytes: TensorFlow uses memory as it is only where it begins at a multiple of this."""

Value = TypeVar("Value")


def share(value: Any, folder: Path) -> None:
    """Writes `value` for `take`.

    Raises:
        OSError: there is no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    buffers: list[pickle.PickleBuffer] = []
    objects = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    places = []
    with files.replacing(folder / _NUMBERS, mode=0o600) as file:
        for buffer in buffers:
            raw = buffer.raw()
            file.write(b"\0" * (-file.tell() % _ALIGNMENT))
            places.append((file.tell(), raw.nbytes))
            file.write(raw)
        if not file.tell():
            file.write(b"\0")  # an empty file cannot be mapped
    files.write_bytes(folder / _OBJECTS, pickle.dumps((places, objects), protocol=5), mode=0o600)


def take(folder: Path) -> Any:
    """The value that `share` wrote, its arrays mapped."""
    places, objects = pickle.loads((folder / _OBJECTS).read_bytes())
    mapped = memoryview(_map(folder / _NUMBERS))
    return pickle.loads(objects, buffers=[mapped[start : start + size] for start, size in places])


def made_once(folder: Path, make: Callable[[], Value]) -> Value:
    """The value in `folder`, made by whoever comes first; others wait for it."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / _OBJECTS).exists():
            share(make(), folder)
    value: Value = take(folder)
    return value


def _map(path: Path) -> Any:
    """The bytes of a file; what is written to them stays in this process."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
    finally:
        os.close(descriptor)
