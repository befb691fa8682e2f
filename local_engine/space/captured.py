"""What a Keras Tuner script handed to its tuner and to `search()`, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class CapturedObjective:
    """A metric as the script names it (`val_accuracy`); `direction` is None where the script leaves it to the metric."""

    name: str
    direction: Literal["min", "max"] | None = None


@dataclass(frozen=True)
class CapturedCallback:
    """A callback given to `search`.

    `name` is a class of `keras.callbacks`, or `file.py:Class` for one of the script's own; `options` are the constructor's
    arguments that differ from their defaults, read back from the object.
    """

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Lost:
    """Something that cannot be carried, with the line of the script that has it (None where no line is known)."""

    line: int | None
    what: str
    why: str


@dataclass(frozen=True)
class CapturedSearch:
    """One search.

    Attributes:
        script: the file, absolute.
        builder: the name in the script that gives the models, as a spec names it; None where there is none that could be named.
        instance: whether that name is a HyperModel instance rather than a function or class.
        tuner: Keras Tuner's class, for a subclass the nearest above it.
        strategy: ours that answers to it, or None.
        options: the tuner's arguments as given, and those of its oracle where it has one; without hypermodel, objective, oracle.
        objectives: none where the script gives none.
        x: features as given to `search`; None beside a dataset.
        y: labels likewise.
        validation_data: as given: a tuple of arrays, or None.
        validation_split: share of the rows, or None.
        epochs: as given to `search`, or None.
        batch_size: likewise.
        callbacks: those that could be read back.
        other: further arguments of `search`, by name.
        tuner_line: where the tuner is made.
        search_line: where `search` is called.
        lost: what of all this cannot be carried.
        files: the script, then the modules it imports from its own folder.
    """

    script: Path
    builder: str | None
    instance: bool
    tuner: str
    strategy: str | None
    options: Mapping[str, Any]
    objectives: tuple[CapturedObjective, ...]
    x: Any
    y: Any
    validation_data: Any
    validation_split: float | None
    epochs: int | None
    batch_size: int | None
    callbacks: tuple[CapturedCallback, ...]
    other: Mapping[str, Any]
    tuner_line: int | None
    search_line: int | None
    lost: tuple[Lost, ...]
    files: tuple[Path, ...]
