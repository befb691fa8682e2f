"""Texts in two files, one after the other and where each ends, so that any of them is read without reading the others."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from local_engine.data.inputs import Array

_ENCODING, _ERRORS = "utf-8", "surrogatepass"


class StringsWriter:
    """Writes texts as they come.

    Args:
        stem: the files are `<stem>.utf8` and `<stem>.ends`.
    """

    def __init__(self, stem: Path) -> None:
        self._texts = stem.with_name(f"{stem.name}.utf8").open("wb")
        self._ends = stem.with_name(f"{stem.name}.ends").open("wb")
        self._end = 0

    def add(self, values: Array) -> None:
        """Adds str objects, in order (of a table, row by row)."""
        encoded = [str(value).encode(_ENCODING, _ERRORS) for value in values.ravel().tolist()]
        ends = np.cumsum([len(one) for one in encoded], dtype="<i8") + self._end
        self._texts.write(b"".join(encoded))
        self._ends.write(ends.astype("<i8").tobytes())
        self._end = int(ends[-1]) if len(ends) else self._end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._texts.close()
        self._ends.close()


class Strings:
    """Texts that `StringsWriter` wrote; they stay on the disk.

    Args:
        stem: as the writer's.
        width: how many texts a row has.
    """

    def __init__(self, stem: Path, width: int = 1) -> None:
        self._stem, self._width = stem, width
        self._ends = np.asarray(_mapped(stem.with_name(f"{stem.name}.ends"), "<i8"))
        self._texts = _mapped(stem.with_name(f"{stem.name}.utf8"), "u1").data
        self.n = len(self._ends) // width

    def take(self, rows: Array) -> Array:
        """The texts of `rows`, str objects `(len(rows), width)`; equal ones are one object."""
        places = (np.asarray(rows, np.int64)[:, None] * self._width + np.arange(self._width)).ravel()
        ends = self._ends[places].tolist()
        starts = np.where(places > 0, self._ends[np.maximum(places - 1, 0)], 0).tolist() if len(places) else []
        known: dict[bytes, str] = {}
        out = np.empty(len(places), object)
        for position, (start, end) in enumerate(zip(starts, ends, strict=True)):
            content = bytes(self._texts[start:end])
            text = known.get(content)
            if text is None:
                text = content.decode(_ENCODING, _ERRORS)
                if len(known) < 100_000:  # a column of sentences must not be held twice
                    known[content] = text
            out[position] = text
        return out.reshape(len(rows), self._width)

    def __reduce__(self) -> tuple[type[Strings], tuple[Path, int]]:
        return Strings, (self._stem, self._width)


def _mapped(path: Path, dtype: str) -> Array:
    """A file's numbers, mapped; of an empty one, none."""
    if not path.stat().st_size:
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype, mode="r"))
