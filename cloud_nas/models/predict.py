"""Raw rows through a model, as predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import FailedError
from cloud_nas.models.loading import LoadedModel
from cloud_nas.models.predictions import About, Predictions

if TYPE_CHECKING:
    import numpy as np

    from local_engine.data import Part


def read(model: LoadedModel, source: str, *, part: Any = None) -> Part:
    """The rows of a file, folder or `builtin:NAME`, as this model takes them; with labels where the file has them.

    Args:
        model: whose inputs the rows must be.
        source: where they are.
        part: `train`, `test` or `all` of a source with a test part of its own; None: that test part, of other sources all rows.

    Raises:
        DataError: they cannot be read, or are not such rows.
    """
    from local_engine.data import read_rows
    from local_engine.data.inputs import Inputs

    data = model.manifest.definition.data
    inputs = Inputs.from_json(model.manifest.inputs)
    return read_rows(source, inputs, classes=model.manifest.classes, target=data.target, id=data.id, part=part)


def predict(model: LoadedModel, parts: Sequence[Part], *, part: str | None = None) -> Predictions:
    """Predictions for all rows of `parts`, one part after the other; as `of_outputs` makes them of the model's outputs."""
    return of_outputs(model, parts, model.outputs(parts), part=part)


def of_outputs(model: LoadedModel, parts: Sequence[Part], given: Sequence[np.ndarray], *, part: str | None = None) -> Predictions:
    """Predictions of what a model gave.

    Args:
        model: what predicted.
        parts: the rows.
        given: its outputs for each part.
        part: what they are called together, for the metadata.

    Raises:
        FailedError: what comes out are not finite numbers.
    """
    import numpy as np

    from local_engine.training.scoring import predictions

    manifest = model.manifest
    task = manifest.definition.task
    outputs = predictions(task, np.concatenate(given), manifest.output)
    if not np.isfinite(outputs).all():
        raise FailedError(
            "the model's outputs are not finite numbers", hint="it diverged while it was trained; take another trial"
        )
    labels = [one.labels for one in parts]
    known = None if any(one is None for one in labels) else np.concatenate([one for one in labels if one is not None])
    row_id = np.concatenate([one.ids for one in parts])
    about = About(
        task=task,
        rows_sha256=_rows_sha256(parts),
        model_sha256=manifest.model_sha256,
        metric=manifest.definition.objective.metric,
        goal=manifest.definition.objective.goal,
        classes=None if manifest.classes is None else _names(manifest.classes, outputs.shape[1]),
        part=part,
    )
    if about.classes is None:
        return Predictions(about, row_id, outputs.astype(np.float64), None, None if known is None else known.astype(np.float64))
    names = np.asarray(about.classes, dtype=object)
    chances = np.zeros((len(outputs), len(names)))
    chances[:, : outputs.shape[1]] = outputs
    return Predictions(about, row_id, names[chances.argmax(axis=1)], chances, None if known is None else names[known])


def _names(classes: tuple[str, ...], units: int) -> tuple[str, ...]:
    """The classes' names, and names for units that a model has beyond them."""
    return (*classes, *(f"unit {index}" for index in range(len(classes), units)))


def _rows_sha256(parts: Sequence[Part]) -> str:
    """Of the features of all rows, independent of their order."""
    import numpy as np

    from local_engine.data.digests import sha256_of_rows

    return parts[0].sha256() if len(parts) == 1 else sha256_of_rows(np.concatenate([one.row_digests() for one in parts]))


def indices(labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
    """Names of classes as int64 positions among `classes`."""
    import numpy as np

    place = {name: index for index, name in enumerate(classes)}
    return np.asarray([place[str(label)] for label in labels], dtype=np.int64)
