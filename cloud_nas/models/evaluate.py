"""Predictions against what is known of the rows: every metric of the task that is defined on them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cloud_nas.errors import FailedError, UsageError
from cloud_nas.models.loading import LoadedModel
from cloud_nas.models.manifest import Manifest
from cloud_nas.models.predict import indices, predict, read
from cloud_nas.models.predictions import Predictions
from local_engine.errors import DataError

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part

PartName = Literal["test", "validation", "train", "all"]
BUILTIN = "builtin:"


@dataclass(frozen=True)
class Evaluation:
    """Metrics over `n` rows; `part` is which rows of the data these are."""

    n: int
    part: PartName
    metrics: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """The keys that `evaluate --json` promises."""
        return {"n": self.n, "part": self.part, "metrics": dict(self.metrics)}


def metrics_of(predictions: Predictions) -> dict[str, float]:
    """Every metric of the task that is defined on these rows.

    Raises:
        FailedError: the rows came without labels.
    """
    from local_engine.training.scoring import score

    about = predictions.about
    if predictions.label is None:
        raise FailedError("these rows have no labels to score against")
    if about.classes is None or predictions.probabilities is None:
        return score(about.task, predictions.label, predictions.prediction, "values")
    return score(about.task, indices(predictions.label, about.classes), predictions.probabilities)


def evaluate(model: LoadedModel, source: str, *, part: PartName | None = None) -> tuple[Evaluation, Predictions]:
    """Scores a model.

    Where `source` is what the model was searched on (the same content), the split of the spec says which rows are which part, and
    the default is the test part; elsewhere it is all rows, or the source's own test part.

    Args:
        model: what is scored.
        source: a file, a folder or `builtin:NAME`, with labels.
        part: which rows.

    Raises:
        DataError: the rows cannot be read.
        UsageError: there is no such part in this source.
        FailedError: there are no labels.
    """
    parts, name = rows_for(model, source, part)
    predictions = predict(model, parts, part=name)
    if predictions.label is None:
        raise FailedError(f"{source} has no labels to score against", hint="cloud-nas predict takes rows without")
    return Evaluation(predictions.n, name, metrics_of(predictions)), predictions


def rows_for(model: LoadedModel, source: str, part: PartName | None = None) -> tuple[list[Part], PartName]:
    """The rows that a model is scored on, and which part of the data they are; by the rule of `evaluate`.

    Raises:
        DataError: the rows cannot be read.
        UsageError: there is no such part in this source.
    """
    own = own_data(model.manifest, source)
    name: PartName
    if own is not None:
        name = part or ("all" if own.test is None else "test")
        return _parts(own, name), name
    if part == "validation":
        raise UsageError(f"{source} has no validation part", hint="only the data that the model was searched on has one")
    return _foreign_parts(model, source, part)


def own_data(manifest: Manifest, source: str) -> Dataset | None:
    """The data set that the model was searched on, where `source` is it; None where it is another."""
    from local_engine.data import load

    definition = manifest.definition
    place = source if source.startswith(BUILTIN) else str(Path(source).expanduser().absolute())
    try:
        data = load(dataclasses.replace(definition.data, source=place), definition.task)
    except DataError:
        return None
    return data if data.fingerprint == manifest.data_fingerprint else None


def _parts(data: Dataset, name: PartName) -> list[Part]:
    """The rows of one part, or of all of them."""
    if name == "test" and data.test is None:
        raise UsageError("these data have no test part", hint="--part validation, or all")
    if name == "all":
        return [data.train, data.validation, *([] if data.test is None else [data.test])]
    part = getattr(data, name)
    return [part]


def _foreign_parts(model: LoadedModel, source: str, part: PartName | None) -> tuple[list[Part], PartName]:
    """Rows of other data: the part that is asked for; else the test part that the source has of its own, else all."""
    if part is not None:
        return [read(model, source, part=part)], part
    try:
        return [read(model, source, part="test")], "test"
    except DataError:
        return [read(model, source)], "all"
