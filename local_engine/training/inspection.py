"""A look at a model before hours are spent on it: built once with its defaults, never trained.

Each check is a function from what is seen of the model to a finding or None; where a model does not tell (a subclass, an
output that is no plain layer), there is no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_engine.errors import DataError, TrialError
from local_engine.metrics import REGRESSION
from local_engine.training import estimators
from local_engine.training.encoding import declared_inputs
from local_engine.training.labels import loss_name, takes_logits, the_loss

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder

_MANY = {"categorical_crossentropy", "sparse_categorical_crossentropy", "categorical_focal_crossentropy"}
_ONE = {"binary_crossentropy", "binary_focal_crossentropy"}
_NOT_NEGATIVE = {"relu", "relu6", "softplus", "sigmoid", "softmax"}


@dataclass(frozen=True)
class Finding:
    """What costs people whole searches. `kind` is a word to look it up by; `message` says what is there, `hint` the way out."""

    kind: str
    message: str
    hint: str | None = None


@dataclass(frozen=True)
class Seen:
    """What a built model shows.

    Attributes:
        activation: the name of the last layer's, "linear" for none; None where it cannot be told.
        units: of the last axis of the output; None where it cannot be told.
        loss: Keras' function name of the loss.
        logits: whether the loss was made with `from_logits=True`.
    """

    task: str
    classes: int | None
    activation: str | None
    units: int | None
    loss: str
    logits: bool


def inspect_model(builder: Builder, dataset: Dataset) -> list[Finding]:
    """Builds the model once with its defaults and says what is likely a mistake in it.

    Raises:
        EngineError: the model cannot be built at all.
    """
    from local_engine.space.hp import HyperParameters

    model = builder.build(HyperParameters())
    if estimators.is_estimator(model) and not hasattr(model, "compiled"):
        return []
    findings = list(_input_findings(model, dataset))
    try:
        loss = the_loss(model)
    except TrialError as error:
        return [*findings, Finding("not-trainable", error.message, error.hint)]
    seen = Seen(dataset.task, dataset.num_classes, last_activation(model), _units(model), loss_name(loss), takes_logits(loss))
    return [*findings, *(found for check in _CHECKS if (found := check(seen)) is not None)]


def last_activation(model: Any) -> str | None:
    """The name of the function that a model's output comes from; None where it cannot be told."""
    layer = _last_layer(model)
    if layer is None:
        return None
    if type(layer).__name__ in ("Softmax", "ReLU"):
        return type(layer).__name__.lower()
    activation = getattr(layer, "activation", None)
    if activation is None:
        return None
    return str(getattr(activation, "__name__", type(activation).__name__)).lower()


def _last_layer(model: Any) -> Any:
    """The layer that makes the output of a Sequential or functional model, looking into a model that is its last layer."""
    while True:
        layers = getattr(model, "layers", None)
        kind = type(model).__name__
        if kind == "Sequential" and layers:
            model = layers[-1]
        elif kind == "Functional" and layers and len(model.outputs) == 1:
            model = model.outputs[0]._keras_history.operation
        else:
            return None if layers else model


def _units(model: Any) -> int | None:
    if declared_inputs(model) is not None:
        shape = model.outputs[0].shape
        return shape[-1] if len(shape) > 1 else None
    units = getattr(_last_layer(model), "units", None)
    return units if isinstance(units, int) else None


def _input_findings(model: Any, dataset: Dataset) -> Iterator[Finding]:
    declared = declared_inputs(model)
    if declared is None:
        return
    try:
        dataset.preprocessing.form_for(declared)
    except DataError as error:
        yield Finding("input-shape", error.message, error.hint)


def _softmax_missing(seen: Seen) -> Finding | None:
    if seen.task in REGRESSION or seen.logits or seen.activation != "linear":
        return None
    if seen.loss in _MANY:
        return Finding(
            "softmax-missing",
            f"the last layer has no softmax, and {seen.loss} takes its outputs for probabilities",
            "activation='softmax' in the last layer, or a loss made with from_logits=True",
        )
    if seen.loss in _ONE:
        return Finding(
            "softmax-missing",
            f"the last layer has no sigmoid, and {seen.loss} takes its outputs for probabilities",
            "activation='sigmoid' in the last layer, or a loss made with from_logits=True",
        )
    return None


def _softmax_twice(seen: Seen) -> Finding | None:
    if not seen.logits or seen.activation not in ("softmax", "sigmoid"):
        return None
    return Finding(
        "softmax-twice",
        f"the last layer applies {seen.activation}, and {seen.loss} with from_logits=True applies it again",
        f"no activation in the last layer, or {seen.loss} without from_logits",
    )


def _softmax_of_one(seen: Seen) -> Finding | None:
    if seen.units != 1 or seen.activation != "softmax":
        return None
    return Finding("softmax-of-one", "a softmax over one unit is always 1", "activation='sigmoid', or a unit a class")


def _units_mismatch(seen: Seen) -> Finding | None:
    if seen.units is None:
        return None
    if seen.task in REGRESSION:
        if seen.units == 1:
            return None
        return Finding("units-mismatch", f"the last layer has {seen.units} units; a regression has one", "Dense(1)")
    if seen.classes is None or seen.units == seen.classes or (seen.units == 1 and seen.classes == 2):
        return None
    return Finding(
        "units-mismatch",
        f"the last layer has {seen.units} units; the data have {seen.classes} classes",
        f"Dense({seen.classes})",
    )


def _squeezed_regression(seen: Seen) -> Finding | None:
    if seen.task not in REGRESSION or seen.activation not in _NOT_NEGATIVE:
        return None
    return Finding(
        "regression-activation",
        f"the last layer applies {seen.activation}, so that a regression cannot reach every value",
        "no activation in the last layer, unless no target is outside its range",
    )


def _wrong_task(seen: Seen) -> Finding | None:
    if seen.task in REGRESSION and seen.loss in _MANY | _ONE:
        return Finding("loss-mismatch", f"{seen.loss} is a loss for classes, and this is a regression", "loss='mse'")
    if seen.loss in _ONE and seen.classes is not None and seen.classes > 2 and seen.units != 1:
        return Finding(
            "loss-mismatch",
            f"{seen.loss} takes each of {seen.classes} classes for a question of its own",
            "loss='sparse_categorical_crossentropy' with a softmax",
        )
    return None


_CHECKS: tuple[Callable[[Seen], Finding | None], ...] = (
    _softmax_missing,
    _softmax_twice,
    _softmax_of_one,
    _units_mismatch,
    _squeezed_regression,
    _wrong_task,
)
