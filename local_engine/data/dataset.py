"""A data set as a search uses it: three parts, what a row is, what was learnt of the training rows, and what to know about it."""

from __future__ import annotations

from dataclasses import dataclass

from local_engine.data.inputs import Inputs
from local_engine.data.part import Part
from local_engine.data.preprocessing import Preprocessing
from local_engine.definition import Task
from local_engine.events import Note


@dataclass(frozen=True)
class HeldOut:
    """What is known of held-out rows that are elsewhere: how many, and the sha256 of their features (`Part.sha256`)."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Dataset:
    """What `load` makes of a definition's data.

    Attributes:
        task: what is learnt.
        inputs: what a raw row is.
        classes: names of the classes in the order of their labels; None for a regression.
        train: rows to train on.
        validation: rows to choose by.
        test: rows that nothing has seen; None where the split has none.
        fingerprint: sha256 over the decoded content, 64 hexadecimal digits; the same whatever format the rows come in.
        preprocessing: learnt on `train` alone.
        overlap: rows of `test` that are also, label and all, in train or validation.
        notes: what the user should know.
        elsewhere: of the held-out rows, where they exist and stayed at home (`test` is None then).
    """

    task: Task
    inputs: Inputs
    classes: tuple[str, ...] | None
    train: Part
    validation: Part
    test: Part | None
    fingerprint: str
    preprocessing: Preprocessing
    overlap: int = 0
    notes: tuple[Note, ...] = ()
    elsewhere: HeldOut | None = None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one row as a model sees it by default."""
        return self.preprocessing.form_for().shape

    @property
    def num_classes(self) -> int | None:
        """How many classes there are; None for a regression."""
        return None if self.classes is None else len(self.classes)

    def joined(self) -> Part:
        """Training and validation rows as one part, for the final fit."""
        return self.train.joined(self.validation)
