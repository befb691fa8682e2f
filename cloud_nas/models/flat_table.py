"""Reading tables of a FlatBuffer by the places of their fields: enough to find what a TensorFlow Lite file says of itself.

Every place is checked by reading it: one beyond the end of the file raises `struct.error`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class FlatTable:
    """The table that begins at `position` of `content`; a field is its number in the schema."""

    content: bytes
    position: int

    @classmethod
    def root(cls, content: bytes) -> FlatTable:
        """The table that a buffer begins with."""
        return cls(content, _unsigned(content, 0))

    def number(self, field: int) -> int | None:
        """An unsigned number of 32 bits; None where the table has no such field."""
        place = self._place(field)
        return None if place is None else _unsigned(self.content, place)

    def byte(self, field: int) -> int:
        """A number of 8 bits; 0 where the table has no such field."""
        place = self._place(field)
        return 0 if place is None else self.content[place]

    def data(self, field: int) -> bytes:
        """A vector of bytes, or a text; empty where the table has no such field."""
        place, count = self._vector(field)
        return self.content[place : place + count]

    def floats(self, field: int) -> tuple[float, ...]:
        """A vector of numbers of 32 bits."""
        place, count = self._vector(field)
        return struct.unpack_from(f"<{count}f", self.content, place)

    def table(self, field: int) -> FlatTable | None:
        """A table inside this one."""
        place = self._place(field)
        return None if place is None else FlatTable(self.content, place + _unsigned(self.content, place))

    def tables(self, field: int) -> list[FlatTable]:
        """A vector of tables."""
        start, count = self._vector(field)
        places = range(start, start + 4 * min(count, len(self.content)), 4)
        return [FlatTable(self.content, place + _unsigned(self.content, place)) for place in places]

    def _place(self, field: int) -> int | None:
        (back,) = struct.unpack_from("<i", self.content, self.position)
        start, entry = self.position - back, 4 + 2 * field
        if start < 0:
            raise struct.error("a table's list of fields lies before the file")
        (size,) = struct.unpack_from("<H", self.content, start)
        (offset,) = struct.unpack_from("<H", self.content, start + entry) if entry < size else (0,)
        return self.position + offset if offset else None

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if place is None:
            return 0, 0
        start = place + _unsigned(self.content, place)
        return start + 4, _unsigned(self.content, start)


def _unsigned(content: bytes, place: int) -> int:
    (found,) = struct.unpack_from("<I", content, place)
    return int(found)
