"""What a trained model's outputs are: probabilities, logits, values, or scores that are neither."""

from __future__ import annotations

from typing import Any

from local_engine.metrics import REGRESSION
from local_engine.training.labels import takes_logits, the_loss
from local_engine.training.scoring import Array, OutputKind, look_like_probabilities


def output_kind(task: str, model: Any, outputs: Array) -> OutputKind:
    """The kind of a compiled Keras model's `outputs`: by its loss where that takes logits, else by the numbers themselves."""
    if task in REGRESSION:
        return "values"
    if takes_logits(the_loss(model)):
        return "logits"
    return "probabilities" if look_like_probabilities(outputs) else "raw"
