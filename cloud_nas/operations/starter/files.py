"""What a file or folder is, seen from outside: which kind, and what its arrays or folders say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cloud_nas.errors import NotFoundError, UsageError
from cloud_nas.operations.starter.guess import Guess
from cloud_nas.operations.starter.tables import guess_table

_IMAGES = {".png", ".jpg", ".jpeg"}
_TABLES = {".csv", ".parquet"}
_RECORDS = {".tfrecord", ".tfrecords"}
KINDS = "csv, parquet, npz, MNIST's idx files, TFRecord, or a folder that holds a folder of images for each class"


def guess(source: Path, target: str | None) -> Guess:
    """What `source` is for.

    Args:
        source: a file or folder.
        target: the column to predict; only tables have one.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it is of no kind that is read, or the target does not fit.
    """
    if not source.exists():
        raise NotFoundError(f"no file or folder {source}")
    if source.suffix.lower() in _TABLES or (source.is_dir() and any(source.glob("*.parquet"))):
        return guess_table(_one_table(source), target)
    if target is not None:
        raise UsageError(f"{source.name} has no columns, so --target says nothing", hint="leave --target away")
    if source.is_dir():
        return _folder(source)
    if source.suffix.lower() == ".npz":
        return _npz(source)
    if "idx" in source.name and "ubyte" in source.name:
        return Guess("image-classification", reasons=("image-classification: MNIST's idx files",))
    if source.suffix.lower() in _RECORDS:
        return Guess("image-classification", reasons=("image-classification: TFRecord of images, it is taken for",))
    raise UsageError(f"{source.name} is of no kind that is read", hint=f"data is {KINDS}")


def _one_table(source: Path) -> Path:
    return min(source.glob("*.parquet")) if source.is_dir() else source


def _folder(source: Path) -> Guess:
    """Idx files, records, or a folder of images for each class."""
    names = [path.name for path in source.iterdir()]
    if any("idx" in name and "ubyte" in name for name in names):
        return Guess("image-classification", reasons=("image-classification: MNIST's idx files",))
    if any(Path(name).suffix.lower() in _RECORDS for name in names):
        return Guess("image-classification", reasons=("image-classification: TFRecord of images, it is taken for",))
    classes = sorted(path.name for path in source.iterdir() if path.is_dir() and _has_images(path))
    if len(classes) < 2:
        raise UsageError(f"{source.name} is no data set that is read", hint=f"data is {KINDS}")
    reason = f"image-classification: {len(classes)} folders of images, one a class"
    return Guess("image-classification", reasons=(reason,), classes=len(classes))


def _has_images(folder: Path) -> bool:
    return any(path.suffix.lower() in _IMAGES for path in folder.iterdir())


def _npz(source: Path) -> Guess:
    """Arrays: their shapes and types say what they are."""
    import numpy as np

    try:
        with np.load(source, allow_pickle=False) as archive:
            names = set(archive.files)
            prefix = "_train" if {"x_train", "y_train"} <= names else ""
            if not {f"x{prefix}", f"y{prefix}"} <= names:
                raise UsageError(
                    f"{source.name} holds {', '.join(sorted(names)) or 'nothing'}",
                    hint="an npz file holds x and y, or x_train, y_train, x_test and y_test",
                )
            x, y = archive[f"x{prefix}"], archive[f"y{prefix}"]
    except (ValueError, OSError) as error:
        raise UsageError(f"{source.name} cannot be read: {str(error).splitlines()[0]}") from error
    return guess_arrays(x, y)


def guess_arrays(x: Any, y: Any) -> Guess:
    """What arrays of rows `x` and answers `y` are for.

    Raises:
        UsageError: there is nothing to learn.
    """
    import numpy as np

    flat = y.reshape(len(y), -1)
    values = flat[:, 0] if flat.shape[1] == 1 else flat.argmax(axis=1)
    count = len(np.unique(values))
    if count < 2:
        raise UsageError("y has one value only, so there is nothing to learn")
    whole = values.dtype.kind in "biuUSO" or bool(np.all(values == np.round(values)))
    if x.dtype.kind in "USO":
        return Guess("text-classification", reasons=(f"text-classification: x is text, y has {count} classes",), classes=count)
    if x.ndim in (3, 4) and (x.ndim == 3 or x.shape[-1] in (1, 3)) and whole:
        shape = " x ".join(str(size) for size in x.shape[1:])
        return Guess("image-classification", reasons=(f"image-classification: x is {len(x)} images of {shape}",), classes=count)
    if (whole and count <= max(20, len(values) // 50)) or values.dtype.kind in "USO":
        return Guess("tabular-classification", reasons=(f"tabular-classification: y has {count} classes",), classes=count)
    scale = float(f"{float(values.std()):.2g}") or 1.0, float(f"{float(values.mean()):.2g}")
    reason = f"tabular-regression: y is a number with {count} different values"
    return Guess("tabular-regression", reasons=(reason,), scale=scale)
