"""`verify`: whether an artifact folder is what its manifest says."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.models import manifest
from cloud_nas.models import verify as models
from cloud_nas.models.resolve import resolve
from cloud_nas.models.verify import Verification


def verify(model: str | Path) -> Verification:
    """Hashes every file of a model again.

    Args:
        model: an artifact folder, a RUN or RUN/TRIAL.

    Raises:
        NotFoundError: there is no such model.
        FailedError: its manifest cannot be read.
    """
    return models.verify(manifest.read(resolve(model)))
