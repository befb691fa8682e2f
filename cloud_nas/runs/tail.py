"""Following a file that another process appends to, a whole line at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class Tail:
    """The lines of `path` that have come since the last look; the file need not be there yet.

    A line without its end is kept back until the end is there: it is being written, or was torn and will be cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def lines(self) -> Iterator[bytes]:
        """New whole lines, without their ends."""
        found = self._read()
        whole, newline, _ = found.rpartition(b"\n")
        if newline:
            self._offset += len(whole) + 1
            yield from whole.split(b"\n")

    def rest(self) -> bytes:
        """What stands behind the last whole line, when nobody will write its end any more."""
        found = self._read()
        self._offset += len(found)
        return found

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                return file.read()
        except FileNotFoundError:
            return b""
