"""What a model that is none of ours answered, as our predictions: classes by our names, rows by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cloud_nas.errors import FailedError
from cloud_nas.models.evaluate import PartName
from cloud_nas.models.predictions import About, Predictions
from cloud_nas.package import automl_names
from cloud_nas.package.rows import Form
from local_engine.definition import Definition

if TYPE_CHECKING:
    from cloud_nas.targets.scoring import Scores
    from local_engine.data import Part


def as_predictions(
    scores: Scores,
    part: Part,
    *,
    definition: Definition,
    classes: tuple[str, ...] | None,
    names: Mapping[str, str],
    model: str,
    part_name: PartName | None,
) -> Predictions:
    """Predictions of answers.

    Args:
        scores: one a row of `part`, in its order.
        part: the rows that were scored.
        definition: what was searched.
        classes: their names, in order; None for a regression.
        names: our name of each class that the model knows.
        model: what the model is known by.
        part_name: what the rows are called.

    Raises:
        FailedError: an answer is a class that the data do not have.
    """
    import numpy as np

    objective, labels = definition.objective, part.labels
    about = About(
        task=definition.task,
        rows_sha256=part.sha256(),
        model_sha256=model,
        metric=objective.metric,
        goal=objective.goal,
        classes=classes,
        part=part_name,
    )
    if classes is None:
        values = np.asarray([float(value) for value in scores.predictions])
        return Predictions(about, part.ids, values, None, None if labels is None else labels.astype(np.float64))
    known = np.asarray(classes, dtype=object)
    chances = np.zeros((len(scores.predictions), len(classes)))
    place = {name: index for index, name in enumerate(classes)}
    try:
        predicted = np.asarray([names[name] for name in scores.predictions], dtype=object)
        for number, row in enumerate(scores.chances or ()):
            for name, value in row.items():
                chances[number, place[names[name]]] = min(1.0, max(0.0, value))
    except KeyError as error:
        raise FailedError(f"the service predicted a class that the data do not have: {error.args[0]!r}") from error
    if scores.chances is None:  # the service gives none: all on what it predicts
        chances[np.arange(len(predicted)), [place[name] for name in predicted]] = 1.0
    return Predictions(about, part.ids, predicted, chances, None if labels is None else known[labels])


def our_names(classes: tuple[str, ...] | None, form: Form | None, *, images: bool) -> dict[str, str]:
    """Our name of each class as it was sent: images went in a folder a class, or with a label for each.

    Args:
        classes: ours.
        form: in which rows travelled.
        images: whether they are images.
    """
    names = classes or ()
    if images:
        sent = automl_names.labels(names) if form == "vertex" else automl_names.folders(names)
        return {theirs: ours for ours, theirs in sent.items()}
    return {name: name for name in names}
