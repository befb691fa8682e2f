"""What an HDF5 file of weights holds, walked read-only before Keras reads it.

HDF5 can point into other files (external links, external storage, virtual data sets: CVE-2026-1669) and can claim shapes that no
disk holds (CVE-2026-0897). Weights need none of it: plain numbers, as many bytes as the file has.
"""

from __future__ import annotations

import io
from typing import Any

from cloud_nas.errors import RefusedError

_KINDS = "biufcV"
"""NumPy's kinds of numbers; V holds bfloat16, which NumPy has no kind for."""
_MOST_OBJECTS = 200_000


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
    except (OSError, KeyError, ValueError, RuntimeError, TypeError, MemoryError) as error:
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
            if isinstance(item, h5py.Dataset):
                claimed += _checked_bytes(item, key)
                if claimed > size:
                    raise RefusedError(f"it claims {claimed} bytes of numbers and has {size}")
            elif isinstance(item, h5py.Group):
                waiting.append(item)
            else:
                raise RefusedError(f"{key!r} is neither a group nor numbers")


def _checked_bytes(dataset: Any, key: str) -> int:
    """How many bytes a data set claims."""
    if dataset.external or dataset.is_virtual:
        raise RefusedError(f"{key!r} reads another file")
    if dataset.dtype.kind not in _KINDS or dataset.dtype.fields or dataset.dtype.hasobject:
        raise RefusedError(f"{key!r} holds {dataset.dtype}, not numbers")
    return int(dataset.size or 0) * int(dataset.dtype.itemsize)
