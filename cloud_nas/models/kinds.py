"""Kinds of model files that cannot be looked through before they are loaded, and are therefore never loaded here."""

from __future__ import annotations

import re
from pathlib import Path

HINT = "where it was made, save it as model.keras, or an estimator by skops; and fetch it as an artifact folder"

_OURS = re.compile(
    r"manifest\.json|metrics\.json|model\.keras|model\.skops|preprocessing\.keras|predictions\.parquet|curve\.jsonl|log\.txt|code/.+"
)
_WHY = {
    (".h5", ".hdf5"): "is an HDF5 model, in which Keras runs code whatever its safe mode says",
    (".pb",): "is a SavedModel, a program of TensorFlow's that reads and writes files",
    (".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle"): "is a pickle, which is a program",
    (".pt", ".pth", ".bin", ".ckpt"): "is a file of torch's, which may hold a pickle",
}


def problem(name: str) -> str | None:
    """What is wrong with a file of this name in an artifact; None: nothing."""
    why = None if name.startswith("code/") else _why(name)
    if why is not None:
        return f"{name} {why}"
    return None if _OURS.fullmatch(name) else f"{name} is nothing that a model of ours has"


def problem_of(path: Path) -> str | None:
    """What is wrong with a file or folder that was called a model; None where it is of no kind that is known here."""
    if path.is_file() and (why := _why(path.name)):
        return f"it {why}"
    return f"it {_why('saved_model.pb')}" if (path / "saved_model.pb").is_file() else None


def _why(name: str) -> str | None:
    return next((why for endings, why in _WHY.items() if name.lower().endswith(endings)), None)
