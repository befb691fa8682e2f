"""The rows as a parcel, and what a plan has to know of them. Held-out rows are in neither form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cloud_nas.package import automl_rows, vertex_rows
from cloud_nas.package.cache import key_of, made
from cloud_nas.package.parcel import Parcel
from local_engine.files import sha256_of

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part
    from local_engine.definition import Data

Form = Literal["bundle", "automl", "vertex"]
"""For our own trainer, for Autopilot, for Vertex AI's AutoML."""

_WRITERS = {"automl": automl_rows, "vertex": vertex_rows}


def pack(dataset: Dataset, data: Data, form: Form) -> Parcel:
    """The training and validation rows, written into the cache unless they are there.

    Args:
        dataset: the rows.
        data: how they were divided and looked at.
        form: `bundle` for our own trainer, `automl` and `vertex` for a service's.
    """
    from local_engine.data import bundle

    def write(folder: Path) -> None:
        if form == "bundle":
            bundle.write(dataset, folder)
        else:
            _WRITERS[form].write(dataset, folder, data.target)

    return made("rows", key_of(_made_from(dataset, data, form)), write)


def _made_from(dataset: Dataset, data: Data, form: Form) -> dict[str, Any]:
    """All that the files depend on; where the rows lie is nothing of it."""
    from local_engine.data import bundle

    writer = bundle if form == "bundle" else _WRITERS[form]
    return {
        "form": form,
        "writer": sha256_of(Path(str(writer.__file__))),
        "fingerprint": dataset.fingerprint,
        "task": dataset.task,
        "target": data.target,
        "scale": data.scale,
        "parts": [_rows_of(part) for part in (dataset.train, dataset.validation)],
        "held_out": None if dataset.test is None else _rows_of(dataset.test),
        "streamed": dataset.train.streamed,
        "groups": [[group.start, group.rows, group.bytes] for group in dataset.train.groups],
    }


def _rows_of(part: Part) -> str:
    """The sha256 of which rows a part has and what they are called."""
    digest = hashlib.sha256(part.positions.astype("<i8").tobytes())
    for one in _names(part.ids.tolist()):
        digest.update(one)
    return digest.hexdigest()


def _names(ids: Iterable[Any]) -> Iterable[bytes]:
    return (f"{one!r}\n".encode() for one in ids)
