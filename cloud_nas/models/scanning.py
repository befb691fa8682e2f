"""A `.keras` file, looked through from outside to inside before Keras sees it: the archive, the configuration, the weights."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.errors import RefusedError
from cloud_nas.models.archive import check_archive, read_member
from cloud_nas.models.keras_config import Foreign, foreign_objects
from cloud_nas.models.weights import check_weights

_MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
_MOST_CONFIG = 64 * 2**20
_MOST_WEIGHTS = 16 * 2**30


def scan_keras(path: Path) -> Foreign:
    """Looks through a `.keras` file.

    Returns:
        What it needs beside Keras: its maker's code, to be loaded only where that is trusted.

    Raises:
        RefusedError: it is damaged, or holds what a model never needs and what could do harm.
    """
    foreign = scan_keras_lightly(path)
    check_weights(read_member(path, "model.weights.h5", most=_MOST_WEIGHTS), path.name)
    return foreign


def scan_keras_lightly(path: Path) -> Foreign:
    """Looks through all of a `.keras` file but its weights, which the HDF5 library would have to read.

    Returns:
        What it needs beside Keras.

    Raises:
        RefusedError: it is damaged, or holds what a model never needs and what could do harm.
    """
    names = check_archive(path, lambda name: name in _MEMBERS or name.startswith("assets/"))
    if missing := sorted(_MEMBERS - set(names)):
        raise RefusedError(f"{path.name} is no Keras model: it has no {', '.join(missing)}", where=str(path))
    return foreign_objects(read_member(path, "config.json", most=_MOST_CONFIG))
