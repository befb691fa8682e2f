"""Labels as the model's loss and output ask for them: integers, one-hot rows, a column of 0 and 1, or float32 targets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from local_engine.errors import TrialError
from local_engine.metrics import REGRESSION
from local_engine.training.scoring import Array

# Losses of Keras that compare whole rows, so that a class must be a one-hot row where the model has a unit a class.
_ROW_LOSSES = {
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "categorical_generalized_cross_entropy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "kl_divergence",
    "cosine_similarity",
    "poisson",
    "mean_squared_error",
    "mean_absolute_error",
    "mean_squared_logarithmic_error",
    "hinge",
    "squared_hinge",
    "huber",
    "log_cosh",
    "dice",
    "tversky",
}
_SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "msle": "mean_squared_logarithmic_error"}
_SHORT |= {"kld": "kl_divergence", "bce": "binary_crossentropy", "cce": "categorical_crossentropy", "logcosh": "log_cosh"}


def the_loss(model: Any) -> Any:
    """The one loss the model was compiled with, as the user gave it; None where it has none.

    Raises:
        TrialError: the model is not compiled, or has several outputs or losses.
    """
    if not getattr(model, "compiled", False):
        raise TrialError("the model is not compiled", hint="call model.compile(...) before returning it")
    loss = getattr(model, "loss", None)
    several = list(loss.values()) if isinstance(loss, dict) else list(loss) if isinstance(loss, list | tuple) else [loss]
    outputs = len(getattr(model, "outputs", None) or [None])
    if outputs > 1 or len(several) > 1:
        raise TrialError(
            f"the model has {max(outputs, len(several))} outputs; a search trains models of one output",
            hint="return a model with one output and one loss",
        )
    return several[0] if several else None


def loss_name(loss: Any) -> str:
    """Keras' function name of a loss given as a string, a function or an object: `categorical_crossentropy`; "" for None."""
    if loss is None:
        return ""
    if isinstance(loss, str):
        name = loss
    else:
        name = getattr(loss, "__name__", None) or type(loss).__name__
        # keras.losses.LossFunctionWrapper(fn) is known by its function.
        if name == "LossFunctionWrapper":
            name = loss.fn.__name__
    if any(letter.isupper() for letter in name):
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return _SHORT.get(name.lower(), name.lower())


def takes_logits(loss: Any) -> bool:
    """Whether the loss was made with `from_logits=True`."""
    settings = getattr(loss, "_fn_kwargs", None) or {}
    return bool(settings.get("from_logits", getattr(loss, "from_logits", False)))


def encoder_for(task: str, loss: Any, output_shape: tuple[int | None, ...], classes: int | None) -> Callable[[Array], Array]:
    """A function from labels ((n,) int64 or float32) to what `loss` compares with outputs of `output_shape`.

    One unit: a column, float32 (n, 1), of 0 and 1 or of targets. A row loss with a unit a class: one-hot float32 (n, classes).
    Otherwise labels as they are. A loss of the user's own gets integers, unless its name says that it is categorical.
    """
    units = output_shape[-1] if len(output_shape) > 1 else None
    if task in REGRESSION or units == 1:
        return _column if units == 1 else _floats
    name = loss_name(loss)
    categorical = name in _ROW_LOSSES or ("categorical" in name and "sparse" not in name)
    if classes is not None and units == classes and categorical:
        return lambda labels: _one_hot(labels, classes)
    return _integers if units is not None else _floats


def _column(labels: Array) -> Array:
    return np.asarray(labels, dtype=np.float32)[:, None]


def _floats(labels: Array) -> Array:
    return np.asarray(labels, dtype=np.float32)


def _integers(labels: Array) -> Array:
    return np.asarray(labels, dtype=np.int64)


def _one_hot(labels: Array, classes: int) -> Array:
    rows = np.zeros((len(labels), classes), dtype=np.float32)
    rows[np.arange(len(labels)), labels] = 1.0
    return rows
