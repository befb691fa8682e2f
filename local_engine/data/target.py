"""What is to be predicted: collected as stored while a source is read, then made labels: codes of classes, or numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from local_engine.data.inputs import Array
from local_engine.definition import Task
from local_engine.errors import DataError

MOST_CLASSES = 1000


@dataclass(frozen=True)
class Target:
    """A target as stored.

    Attributes:
        name: of its column, or of where it came from; for messages.
        values: numbers (float64, missing: NaN), or codes into `names` (int64, missing: -1).
        names: the different values, where they are not numbers.
        where: the file.
    """

    name: str
    values: Array
    names: tuple[str, ...] | None
    where: str

    @property
    def is_empty(self) -> bool:
        """Whether no row has a value."""
        return bool(np.all(self._missing()))

    def check_complete(self) -> None:
        """Raises DataError where a row has no value."""
        missing = int(np.count_nonzero(self._missing()))
        if missing:
            raise DataError(
                f"target {self.name!r} has no value in {missing} of {len(self.values)} rows",
                hint="leave those rows out of the file, or fill in their values",
                where=self.where,
                field="data.target",
            )

    def _missing(self) -> Array:
        return np.isnan(self.values) if self.names is None else self.values < 0


class TargetCollector:
    """Builds a `Target` out of pieces of a column."""

    def __init__(self, name: str, where: str) -> None:
        self._name, self._where = name, where
        self._pieces: list[tuple[Array, bool]] = []
        self._codes: dict[str, int] = {}

    def add(self, values: Any) -> None:
        """Adds a pandas Series or a NumPy array of numbers, booleans, strings or categories.

        Raises:
            DataError: it holds something else.
        """
        import pandas as pd

        series = pd.Series(values)
        if pd.api.types.is_bool_dtype(series.dtype):
            series = series.map({True: "True", False: "False"})
        if pd.api.types.is_numeric_dtype(series.dtype):
            self._pieces.append((series.to_numpy(dtype=np.float64, na_value=np.nan), True))
            return
        if pd.api.types.is_datetime64_any_dtype(series.dtype):
            raise DataError(f"target {self._name!r} holds dates", where=self._where, field="data.target")
        codes, different = pd.factorize(series)
        table = np.array([self._codes.setdefault(_text(value), len(self._codes)) for value in different], np.int64)
        self._pieces.append((table[codes] if len(table) else codes.astype(np.int64), False))
        if len(table):
            self._pieces[-1][0][codes < 0] = -1

    def finish(self) -> Target:
        """The target, whole. A column with strings in some pieces and numbers in others is one of strings."""
        if all(numeric for _, numeric in self._pieces):
            numbers = np.concatenate([np.zeros(0), *(values for values, _ in self._pieces)])
            return Target(self._name, numbers, None, self._where)
        codes = [self._as_codes(values) if numeric else values for values, numeric in self._pieces]
        return Target(self._name, np.concatenate(codes), tuple(self._codes), self._where)

    def _as_codes(self, values: Array) -> Array:
        names = ("" if np.isnan(value) else number_name(value) for value in values.tolist())
        return np.array([self._codes.setdefault(name, len(self._codes)) if name else -1 for name in names], np.int64)


def number_name(value: float) -> str:
    """A class that is a number, as text: `3` for 3.0, `0.5` for 0.5."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def find_classes(target: Target) -> tuple[str, ...]:
    """The classes of a target in order: numbers by size, strings by code point.

    Raises:
        DataError: there are rows without a value, more than 1000 classes, fewer than two, or numbers that look like a quantity.
    """
    target.check_complete()
    if target.names is not None:
        used = np.unique(target.values)
        classes = tuple(sorted(target.names[code] for code in used))
    else:
        different = np.unique(target.values)
        whole = bool(np.all(np.mod(different, 1) == 0))
        if not whole and (len(different) == len(target.values) > 2 or len(different) > MOST_CLASSES):
            raise DataError(
                f"target {target.name!r} holds {len(different)} numbers in {len(target.values)} rows: it looks like a quantity",
                hint="task: tabular-regression predicts numbers",
                where=target.where,
                field="data.target",
            )
        classes = tuple(number_name(value) for value in different[: MOST_CLASSES + 1].tolist())
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"target {target.name!r} has more than {MOST_CLASSES} classes",
            hint="choose the column that holds the class, or task: tabular-regression",
            where=target.where,
            field="data.target",
        )
    if len(classes) < 2:
        raise DataError(
            f"target {target.name!r} is {classes[0] if classes else 'nothing'!r} in every row",
            hint="a classification needs two classes or more",
            where=target.where,
            field="data.target",
        )
    return classes


def encode(target: Target, task: Task, classes: tuple[str, ...] | None, *, field: str = "data.target") -> Array:
    """Labels: int64 codes into `classes`, or float32 numbers for a regression.

    Raises:
        DataError: a row has no value, a class is not among `classes`, or a regression's target is not a number.
    """
    target.check_complete()
    if task == "tabular-regression":
        if target.names is not None:
            raise DataError(
                f"target {target.name!r} is not a number: it holds {target.names[0]!r}",
                hint="task: tabular-classification predicts classes",
                where=target.where,
                field="data.target",
            )
        return target.values.astype(np.float32)
    codes = {name: code for code, name in enumerate(classes or ())}
    if target.names is not None:
        names, positions = target.names, target.values
    else:
        different, positions = np.unique(target.values, return_inverse=True)
        names = tuple(number_name(value) for value in different.tolist())
    table = np.array([codes.get(name, -1) for name in names], np.int64)
    labels = table[positions.reshape(-1)]
    if len(labels) and labels.min() < 0:
        unknown = names[int(positions.reshape(-1)[int(np.argmin(labels))])]
        raise DataError(
            f"{target.name!r} holds {unknown!r}, which is none of the {len(codes)} classes the training rows have",
            where=target.where,
            field=field,
            choices=tuple(codes),
        )
    return labels


def _text(value: Any) -> str:
    return number_name(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
