"""NumPy's files inside an estimator's archive, their headers read before anything is loaded."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable
from pathlib import Path

from cloud_nas.errors import RefusedError


def check_arrays(path: Path, names: Iterable[str]) -> None:
    """Looks at the header of each `.npy` in a zip file that `check_archive` has passed.

    Raises:
        RefusedError: one holds objects, which are pickled (CVE-2020-13092 and its kin), or claims more numbers than it has bytes.
    """
    from numpy.lib import format as npy

    for name in names:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(name) as file:
                version = npy.read_magic(file)
                read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                shape, _, dtype = read(file)
                size = archive.getinfo(name).file_size
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, SyntaxError, RecursionError, RuntimeError) as error:
            raise RefusedError(f"{path.name} is refused: {name} is no array", where=str(path)) from error
        if dtype.hasobject:
            raise RefusedError(f"{path.name} is refused: {name} holds objects, which are pickled: that is a program")
        if math.prod(shape) * dtype.itemsize > size:
            raise RefusedError(f"{path.name} is refused: {name} claims {math.prod(shape)} numbers and has {size} bytes")
