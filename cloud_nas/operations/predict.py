"""`predict`: a file of raw rows or images, and what a model makes of them."""

from __future__ import annotations

from pathlib import Path

from cloud_nas.models import predict as models
from cloud_nas.models import predictions
from cloud_nas.models.predictions import Predictions
from cloud_nas.operations._engine import in_our_words
from cloud_nas.operations._models import load_model


def predict(model: str | Path, data: str | Path, *, out: str | Path | None = None, trust: bool = False) -> Predictions:
    """Predicts for raw rows, preprocessing included.

    Args:
        model: an artifact folder, a RUN or RUN/TRIAL.
        data: a file, a folder or `builtin:NAME` of rows such as the model was trained on; labels are not needed.
        out: where to write the predictions, `.parquet` or `.csv`; None: nowhere.
        trust: load the model's own code although it has not run on this machine.

    Raises:
        NotFoundError: there is no such model.
        UsageError: the rows cannot be read, or are not what the model takes.
        RefusedError: the model is not safe to load, or its code is not trusted.
        FailedError: a file of the model is not what its manifest says.
    """
    from cloud_nas.operations._edge import edge_at_home

    with in_our_words():
        came = edge_at_home(model)
        if came is not None:
            found = came.predict(str(data))
        else:
            loaded = load_model(model, trust=trust)
            found = models.predict(loaded, [models.read(loaded, str(data))])
    if out is not None:
        predictions.write(found, Path(out))
    return found
