"""An edge model of a service's AutoML: a TensorFlow Lite file that classifies images, with its classes in a zip at its end.

Whatever it holds is a stranger's: the list of classes is read here with limits, and the model runs in a process of its own
(`apart`).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import FailedError
from cloud_nas.models.apart import answered, outputs_in

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part

NAME = "model.tflite"
_MOST_LABELS = 2**20
"""Bytes of the list of classes."""

_ROUNDING = 0.05
"""How far the chances of a row may be from 1 in all: outputs of 8 bits a class are rounded."""


@dataclass(frozen=True)
class EdgeModel:
    """A TensorFlow Lite file, and the class of each of its outputs."""

    path: Path
    labels: tuple[str, ...]

    def outputs(self, parts: Sequence[Part], note: Callable[[str], None] = lambda text: None) -> list[np.ndarray]:
        """The chance of each class for the images of each part, float64 (n, classes).

        Args:
            parts: images.
            note: told what had to be assumed.

        Raises:
            FailedError: the model is damaged, or its outputs are no chances of its classes.
        """
        size = self.path.stat().st_size
        with answered(parts, size, lambda room: {"edge": str(self.path), "room": asdict(room)}) as (folder, answer):
            for text in answer.get("notes") or ():
                note(str(text)[:200])
            return [_chances(found, len(self.labels)) for found in outputs_in(folder, parts)]


def read(path: Path) -> EdgeModel:
    """The model in a file, with the classes that the file itself names, in the order of its outputs.

    Raises:
        FailedError: it names none.
    """
    try:
        with zipfile.ZipFile(path) as found:
            listed = [one for one in found.infolist() if one.filename.lower().endswith(".txt")]
            named = [one for one in listed if "label" in one.filename.lower()] or listed
            if len(named) != 1 or named[0].file_size > _MOST_LABELS:
                raise FailedError(f"{path.name} has {len(named)} lists of classes among its metadata, not one of a sane size")
            with found.open(named[0]) as file:
                text = file.read(_MOST_LABELS + 1).decode("utf-8")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise FailedError(f"{path.name} does not say which class each of its outputs is: {error}") from error
    labels = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(set(labels)) != len(labels) or not labels or len(text) > _MOST_LABELS:
        raise FailedError(f"{path.name} does not say which class each of its outputs is")
    return EdgeModel(path, labels)


def _chances(found: np.ndarray, classes: int) -> np.ndarray:
    """Outputs as chances that sum to 1."""
    import numpy as np

    outputs = found.astype(np.float64)
    if outputs.ndim != 2 or outputs.shape[1] != classes:
        raise FailedError(f"the edge model gives {outputs.shape[1:]} numbers an image, and it names {classes} classes")
    sums = outputs.sum(axis=1, keepdims=True)
    if not np.isfinite(outputs).all() or outputs.min(initial=0.0) < 0 or (abs(sums - 1) > _ROUNDING * max(1, classes / 10)).any():
        raise FailedError("the edge model's outputs are no chances of its classes")
    return np.asarray(outputs / sums)
