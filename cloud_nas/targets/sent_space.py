"""The space of a tuning job, read back from the code that was sent: what turns a tuner's strings into a trial's values."""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.home import home
from local_engine.definition import Value
from local_engine.errors import EngineError
from local_engine.files import read_json, write_json

if TYPE_CHECKING:
    from local_engine.space.flat import Space

ARCHIVE = "sourcedir.tar.gz"
_MEMBER = "space.json"
_LARGEST = 8 * 1024 * 1024
_UNPACKED = 256 * 1024 * 1024


def values(space: Space | None, strings: Mapping[str, str]) -> dict[str, Value]:
    """What a tuner's strings mean; without the space, or where they are not of it, each by itself."""
    if space is not None:
        from local_engine.containers.parameters import decode

        try:
            return decode(space, strings)
        except EngineError:
            pass
    return {name: _plain(text) for name, text in strings.items()}


def space_of(folder: str, read: Callable[[str], bytes | None]) -> Space | None:
    """The space in the code's parcel; None where the parcel is gone, or is not of this version.

    A parcel is called by its content, so that its space is kept on this machine once it has been read.

    Args:
        folder: the URI of the parcel's folder.
        read: an object's content by its URI; None where there is none.
    """
    kept = home() / "cache" / "spaces" / f"{folder.rstrip('/').rpartition('/')[2]}.json"
    try:
        found = read_json(kept)
    except (OSError, ValueError):
        found = _sent(read(f"{folder.rstrip('/')}/{ARCHIVE}"))
        if found is None:
            return None
        write_json(kept, found, mode=0o600)
    return _space(found)


def _space(value: Any) -> Space | None:
    from local_engine.space.flat import Space

    try:
        return Space.from_json(value)
    except (EngineError, AttributeError, KeyError, TypeError, ValueError):
        return None


def _sent(content: bytes | None) -> Any:
    """The one file of the archive, read from memory; nothing is unpacked."""
    if content is None:
        return None
    plain = zlib.decompressobj(wbits=31)
    try:
        with tarfile.open(fileobj=io.BytesIO(plain.decompress(content, _UNPACKED))) as archive:
            member = next((one for one in archive if one.name == _MEMBER and one.isreg() and one.size <= _LARGEST), None)
            file = None if member is None else archive.extractfile(member)
            return None if file is None else json.loads(file.read())
    except (tarfile.TarError, zlib.error, ValueError, EOFError):
        return None


def _plain(text: str) -> Value:
    """A number, a truth value or a text, by how it is written."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, str | int | float | bool) else text
