"""`evaluate`: how good a model is on rows whose answer is known."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.models import evaluate as models
from cloud_nas.models.evaluate import Evaluation, PartName
from cloud_nas.operations._engine import in_our_words
from cloud_nas.operations._models import load_model


def evaluate(model: str | Path, data: str | Path, *, part: PartName | None = None, trust: bool = False) -> Evaluation:
    """Scores a model with every metric of its task.

    Args:
        model: an artifact folder, a RUN or RUN/TRIAL.
        data: a file, a folder or `builtin:NAME`, with labels. Of the data that the model was searched on, the spec's split says
            which rows are which part.
        part: `test`, `validation`, `train` or `all`; None: test where the data have parts, else all.
        trust: load the model's own code although it has not run on this machine.

    Raises:
        NotFoundError: there is no such model.
        UsageError: the rows cannot be read, or there is no such part.
        RefusedError: the model is not safe to load, or its code is not trusted.
        FailedError: a file of the model is not what its manifest says, or the rows have no labels.
    """
    with in_our_words():
        return models.evaluate(load_model(model, trust=trust), str(data), part=part)[0]
