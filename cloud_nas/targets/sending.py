"""Files on their way into a bucket, whichever it is: many at once, large ones in pieces, none but what a plan lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from cloud_nas.errors import RefusedError
from cloud_nas.targets.plan import Upload

LARGE = 64 * 2**20
"""Bytes above which a file is sent in parts, and gone on with where it broke off."""

PART = 16 * 2**20
"""Bytes of a part."""

AT_ONCE = 8

Done = TypeVar("Done")


def each(do: Callable[[Upload], Done], files: Sequence[Upload]) -> list[Done]:
    """Does it for every file, some at once where they are many."""
    if len(files) <= AT_ONCE:
        return [do(one) for one in files]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(do, files))


def folder_of(uri: str) -> str:
    """The parcel's folder of a file, with a slash at its end: all of it is one list, however many files it has."""
    parts = uri.split("/")
    named = next((place for place, part in enumerate(parts) if len(part) == 64), len(parts) - 2)
    return "/".join(parts[: named + 1]) + "/"


def pieces(path: Path, size: int) -> Iterator[bytes]:
    """The file, `size` bytes at a time."""
    with path.open("rb") as file:
        while content := file.read(size):
            yield content


def require_same(one: Upload, sha256: str) -> None:
    """Ends here where a file is not the one that the plan lists.

    Raises:
        RefusedError: it is not.
    """
    if sha256 != one.sha256:
        raise RefusedError(
            f"{one.source} is not the file that the plan lists", hint="plan again: it changed meanwhile", code="CN508"
        )
