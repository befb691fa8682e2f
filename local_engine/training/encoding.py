"""Rows as the user's model sees them: the preprocessing applied once to parts in memory, batch by batch to streamed ones."""

from __future__ import annotations

import hashlib
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from local_engine import sharing
from local_engine.training.scoring import Array

if TYPE_CHECKING:
    from local_engine.data import Dataset, Form, Part

_CHUNK = 4096

Encoded = Array | dict[str, Array]
"""One array a row's form, or one a named input; strings are arrays of bytes objects."""


@dataclass(frozen=True)
class Encoding:
    """A form of the data and the Keras model that makes it of raw rows."""

    form: Form
    encoder: Any

    @classmethod
    def of(cls, data: Dataset, model_inputs: list[Any] | None) -> Encoding:
        """The form that a model with these declared inputs asks for; the data's own where it declares none."""
        form = data.preprocessing.form_for(model_inputs)
        return cls(form, data.preprocessing.encoder(form))

    def rows(self, part: Part) -> Encoded:
        """All rows of an in-memory part, in this form."""
        return _encode(self.encoder, part)


def declared_inputs(model: Any) -> list[Any] | None:
    """The inputs a Keras model declares; None where it is built by its first batch, or a subclass that declares none."""
    if not getattr(model, "built", False):
        return None
    try:
        inputs = model.inputs
    except (AttributeError, ValueError):
        return None
    if not inputs:
        return None
    return list(inputs.values()) if isinstance(inputs, dict) else list(inputs)


class EncodedParts:
    """The last encoded parts, kept while the data set lives: candidates of one search mostly ask for the same form.

    With `shared`, a folder, they are encoded once for all processes that name the same one, and mapped, not held.
    """

    def __init__(self) -> None:
        self.shared: Path | None = None
        self._data: weakref.ref[Any] | None = None
        self._form: Any = None
        self._parts: dict[int, tuple[weakref.ref[Any], Encoded]] = {}

    def get(self, data: Dataset, encoding: Encoding, part: Part) -> Encoded:
        """`part` in the form of `encoding`, encoded now or before."""
        if self._data is None or self._data() is not data or self._form != encoding.form:
            self._data, self._form, self._parts = weakref.ref(data), encoding.form, {}
        kept = self._parts.get(id(part))
        if kept is None or kept[0]() is not part:
            kept = (weakref.ref(part), self._rows(data, encoding, part))
            self._parts[id(part)] = kept
        return kept[1]

    def _rows(self, data: Dataset, encoding: Encoding, part: Part) -> Encoded:
        name = next((name for name in ("train", "validation") if part is getattr(data, name)), None)
        if self.shared is None or name is None:
            return encoding.rows(part)
        form = hashlib.sha256(repr(encoding.form).encode()).hexdigest()[:16]
        return sharing.made_once(self.shared / f"{name}-{form}", lambda: encoding.rows(part))


ENCODED = EncodedParts()
"""Of this process."""


def _encode(encoder: Any, part: Part) -> Encoded:
    pieces = [_as_arrays(encoder(raw, training=False)) for raw, _ in part.batches(_CHUNK)]
    first = pieces[0]
    if isinstance(first, dict):
        return {name: np.concatenate([piece[name] for piece in pieces if isinstance(piece, dict)]) for name in first}
    return np.concatenate([piece for piece in pieces if not isinstance(piece, dict)])


def _as_arrays(outputs: Any) -> Encoded:
    if isinstance(outputs, dict):
        return {name: np.asarray(values.numpy()) for name, values in outputs.items()}
    return np.asarray(outputs.numpy())
