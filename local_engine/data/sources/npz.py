"""NumPy's npz: `x` and `y`, or `x_train, y_train, x_test, y_test` as Keras' own data sets have them. Never pickled objects."""

from __future__ import annotations

import zipfile
import zlib

import numpy as np

from local_engine.data.inputs import Array
from local_engine.data.sources.arrays import array_source
from local_engine.data.sources.base import Opened, Request, one_line

WHOLE = ("x", "y")
PARTS = ("x_train", "y_train", "x_test", "y_test")


def open_npz(request: Request) -> Opened:
    """An npz file; `y` may be missing from rows to predict.

    Raises:
        DataError: it is damaged, holds pickled objects, or other arrays.
    """
    arrays = _read(request)
    names = set(arrays)
    if set(PARTS) <= names:
        train = array_source(arrays["x_train"], arrays["y_train"], request)
        return Opened(train, array_source(arrays["x_test"], arrays["y_test"], request))
    if "x" in names and ("y" in names or not request.needs_target):
        return Opened(array_source(arrays["x"], arrays.get("y"), request))
    raise request.error(
        f"it holds {', '.join(sorted(names)) or 'no arrays'}",
        hint="name the arrays x and y, or x_train, y_train, x_test and y_test",
        choices=(*WHOLE, *PARTS),
    )


def _read(request: Request) -> dict[str, Array]:
    try:
        with request.path.open("rb") as opened:
            file = np.load(opened, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise request.error("it holds one array without a name", hint="save it with numpy.savez(file, x=x, y=y)")
            # Arrays of other names are not read: only their names, for the message.
            return {name: file[name] if name in (*WHOLE, *PARTS) else np.zeros(0) for name in file.files}
    except ValueError as error:
        if "pickle" in str(error):
            raise request.error(
                "it holds Python objects, which only running code could read",
                hint="save plain arrays: numbers, or strings by x.astype('U')",
            ) from error
        raise request.error(f"it is not an npz file: {one_line(error)}") from error
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, SyntaxError) as error:
        raise request.error(f"it is damaged or not an npz file: {one_line(error)}") from error
