"""Rows that a model was trained on or chosen by, among those that it is to be compared by: counted, and refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import CloudNasError, RefusedError
from cloud_nas.models.evaluate import own_data
from cloud_nas.operations._overlap import CODE, Overlap
from local_engine.definition import Definition
from local_engine.errors import DataError, EngineError
from local_engine.files import read_json

if TYPE_CHECKING:
    import numpy as np

    from cloud_nas.models.loading import LoadedModel
    from cloud_nas.models.manifest import Manifest
    from local_engine.data import Dataset, Part


def check_own(name: str, manifest: Manifest, *, allowed: bool, note: Callable[[str], None]) -> None:
    """Of a model's own held-out rows: what its manifest says; where it does not, what its data say, if they are here.

    Raises:
        RefusedError: there are such rows, and they may not be.
    """
    told = manifest.overlap
    if told is None:
        own = _own(manifest)
        if own is None or own.test is None:
            return
        told = own.overlap, own.test.n
    Overlap(*told).check(allowed=allowed, note=note, whose=name)


def check_searched(name: str, path: Path, *, allowed: bool, note: Callable[[str], None]) -> None:
    """Of the held-out rows of what was searched, by the definition in `path`; nothing where its data are not here.

    Raises:
        RefusedError: there are such rows, and they may not be.
    """
    from local_engine.data import load

    try:
        definition = Definition.from_json(read_json(path))
        data = load(definition.data, definition.task)
    except (EngineError, OSError, ValueError):
        return
    if data.test is not None:
        Overlap(data.overlap, data.test.n).check(allowed=allowed, note=note, whose=name)


def check_asked(
    name: str,
    model: LoadedModel,
    source: str,
    parts: Sequence[Part],
    *,
    allowed: bool,
    note: Callable[[str], None],
) -> None:
    """Of the rows of `source` that a model is asked about, whatever their labels; a note says where it cannot be told.

    Raises:
        RefusedError: there are such rows, and they may not be.
    """
    import numpy as np

    own = _own(model.manifest)
    if own is None:
        note(f"{name}: whether it was trained on some of these rows cannot be told: its data are not on this machine")
        return
    seen = np.concatenate([_keys(own.train), _keys(own.validation)])
    asked_about = np.concatenate([_keys(part) for part in parts])
    count = int(np.isin(asked_about, seen).sum())
    if count and not allowed:
        raise RefusedError(
            f"{count} of the {len(asked_about)} rows of {source} are among those that {name} was trained on",
            hint="compare on other rows, or say that it does not matter: --allow-overlap",
            code=CODE,
        )
    if count:
        note(f"{name}: {count} of the {len(asked_about)} rows are among those that it was trained on")


def _own(manifest: Manifest) -> Dataset | None:
    """The data that a model was searched on; None where they are not here."""
    try:
        return own_data(manifest, manifest.definition.data.source)
    except (DataError, CloudNasError):
        return None


def _keys(part: Part) -> np.ndarray:
    """Each row's digest as one value."""
    import numpy as np

    digests = np.ascontiguousarray(part.row_digests())
    return digests.view(np.dtype((np.void, digests.shape[1]))).reshape(-1)
