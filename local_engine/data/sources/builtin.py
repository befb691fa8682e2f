"""The small sets that scikit-learn ships, by name: no file, no download."""

from __future__ import annotations

from typing import Any

import numpy as np

from local_engine.data.sources.arrays import array_source
from local_engine.data.sources.base import Opened, Request

PREFIX = "builtin:"

NAMES: dict[str, tuple[str, ...]] = {
    "breast_cancer": ("tabular-classification",),
    "diabetes": ("tabular-regression",),
    "digits": ("image-classification", "tabular-classification"),
    "iris": ("tabular-classification",),
    "wine": ("tabular-classification",),
}
"""Each set and the tasks it is for, the usual one first."""


def open_builtin(name: str, request: Request) -> Opened:
    """The set `name`.

    `digits` are 1,797 images of 8 x 8 pixels, float32 in 0..1: the stored 0..16 divided by 16; for a tabular task the same
    numbers as 64 columns. The others are tables under scikit-learn's own column and class names.

    Raises:
        DataError: there is no such set, or it is for another task.
    """
    if name not in NAMES:
        raise request.error(
            f"there is no built-in set {name!r}",
            hint=f"there are {', '.join(NAMES)}",
            choices=tuple(PREFIX + known for known in NAMES),
        )
    if request.task is not None and request.task not in NAMES[name]:
        raise request.error(
            f"{PREFIX}{name} is for {' and '.join(NAMES[name])}, not for {request.task}",
            hint=f"task: {NAMES[name][0]}",
            field="task",
        )
    from sklearn import datasets

    loaded: Any = getattr(datasets, f"load_{name}")()
    if name == "digits":
        pixels = (loaded.images / 16.0).astype(np.float32)
        as_table = request.inputs.kind == "table" if request.inputs else request.task == "tabular-classification"
        return Opened(array_source(pixels.reshape(-1, 64) if as_table else pixels, loaded.target, request))
    target = loaded.target if name == "diabetes" else np.array([str(known) for known in loaded.target_names])[loaded.target]
    names = tuple(str(column).replace(" (cm)", "") for column in loaded.feature_names)
    return Opened(array_source(loaded.data, target.astype(object) if target.dtype.kind == "U" else target, request, names=names))
