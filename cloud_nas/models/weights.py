"""What an HDF5 file of weights holds, walked read-only before Keras reads it.

HDF5 can point into other files (external links, external storage, virtual data sets: CVE-2026-1669) and can claim shapes that no
disk holds (CVE-2026-0897, CVE-2026-12570); a filter can be a library that HDF5 loads. Weights need none of it: plain numbers, as
many bytes as the file has.
"""

from __future__ import annotations

import io
import math
from typing import Any

from cloud_nas.errors import RefusedError

_KINDS = "biufcV"
"""NumPy's kinds of numbers; V holds bfloat16, which NumPy has no kind for."""
_MOST_OBJECTS = 200_000
_MOST_ATTRIBUTE = 1 << 20
_WIDEST = 16
"""Bytes of the widest number."""
_FILTERS = {1, 2, 3}
"""HDF5's own: deflate, shuffle, checksum."""


def check_weights(content: bytes, name: str) -> None:
    """Looks at every group and data set of an HDF5 file.

    Raises:
        RefusedError: it is no HDF5 file, or holds a link, a kind or a shape that weights have not.
    """
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            _check_group(file, len(content), h5py)
    except RefusedError as error:
        raise RefusedError(f"{name} is refused: {error.message}", hint="get the model again from whoever made it") from error
    except (OSError, KeyError, ValueError, RuntimeError, TypeError, ArithmeticError, MemoryError) as error:
        raise RefusedError(f"{name} holds no weights: {error}") from error


def _check_group(root: Any, size: int, h5py: Any) -> None:
    """Walks without recursion; an object is visited once, however many links lead to it."""
    waiting, seen, claimed = [root], set(), 0
    while waiting:
        group = waiting.pop()
        for key in group:
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise RefusedError(f"{key!r} is a link to elsewhere")
            item = group[key]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > _MOST_OBJECTS:
                raise RefusedError("it has too many objects")
            _check_attributes(item, key, h5py)
            if isinstance(item, h5py.Dataset):
                claimed += _checked_bytes(item, key, size)
                if claimed > size:
                    raise RefusedError(f"it claims {claimed} bytes of numbers and has {size}")
            elif isinstance(item, h5py.Group):
                waiting.append(item)
            else:
                raise RefusedError(f"{key!r} is neither a group nor numbers")


def _check_attributes(item: Any, key: str, h5py: Any) -> None:
    """A note beside numbers is short."""
    for place in range(h5py.h5a.get_num_attrs(item.id)):
        if h5py.h5a.open(item.id, index=place).get_storage_size() > _MOST_ATTRIBUTE:
            raise RefusedError(f"{key!r} has a note of more than {_MOST_ATTRIBUTE} bytes")


def _checked_bytes(dataset: Any, key: str, size: int) -> int:
    """How many bytes a data set claims; the file has `size`."""
    if dataset.external or dataset.is_virtual:
        raise RefusedError(f"{key!r} reads another file")
    kind = dataset.dtype
    if kind.kind not in _KINDS or kind.fields or kind.subdtype or kind.hasobject or kind.itemsize > _WIDEST:
        raise RefusedError(f"{key!r} holds {kind}, not numbers")
    creation = dataset.id.get_create_plist()
    if any(creation.get_filter(place)[0] not in _FILTERS for place in range(creation.get_nfilters())):
        raise RefusedError(f"{key!r} is packed by a filter that is not HDF5's own")
    if dataset.chunks is not None and math.prod(dataset.chunks) * kind.itemsize > max(size, _MOST_ATTRIBUTE):
        raise RefusedError(f"{key!r} comes in pieces of {math.prod(dataset.chunks) * kind.itemsize} bytes")
    return int(dataset.size or 0) * int(dataset.dtype.itemsize)
