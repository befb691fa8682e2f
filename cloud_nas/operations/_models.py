"""A model by the name a user gives it, loaded with the trust that this machine's registry has in it."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.models import loading
from cloud_nas.models.loading import LoadedModel
from cloud_nas.models.resolve import resolve
from cloud_nas.operations._engine import require_engine
from cloud_nas.runs.registry import Registry


def load_model(model: str | Path, *, trust: bool) -> LoadedModel:
    """Loads an artifact folder, RUN or RUN/TRIAL; code of its own only where it ran here, or with `trust`."""
    folder = resolve(model)
    require_engine()
    with Registry() as registry:
        return loading.load(folder, trusts=registry.trusts, trust=trust)
