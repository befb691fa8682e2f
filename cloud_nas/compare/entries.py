"""What is compared: predictions of several models on the same rows, and what else is known of each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cloud_nas.errors import FailedError, RefusedError, UsageError
from cloud_nas.models.predictions import Predictions
from cloud_nas.states import Money

if TYPE_CHECKING:
    import numpy as np

Where = Literal["here", "service"]


@dataclass(frozen=True)
class Facts:
    """What is known of a model beside its predictions; None where it is not.

    Attributes:
        params: how many numbers it learnt.
        bytes: of its file.
        latency_ms: of one row, the median, measured on this machine.
        throughput: rows a second in batches, likewise.
        threads: that were used for both.
        seconds: of training, of the whole search.
        cost: of the whole search.
    """

    params: int | None = None
    bytes: int | None = None
    latency_ms: float | None = None
    throughput: float | None = None
    threads: int | None = None
    seconds: float | None = None
    cost: Money | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """One model: its name in the table, its predictions, where it came from, who scored the rows.

    `folder` is the artifact's; None where there is no model, or none that runs here.
    """

    name: str
    predictions: Predictions
    run_id: str | None = None
    target: str | None = None
    scored: Where = "here"
    facts: Facts = Facts()
    folder: Path | None = None


@dataclass(frozen=True, eq=False)
class Aligned:
    """The models' answers to the same n rows, in one order that does not depend on the files'.

    Attributes:
        row_id: (n,).
        labels: (n,), integers of `classes`, or floats.
        outputs: for each model probabilities (n, classes), or values (n,).
        classes: their names; None for a regression.
        rows_sha256: of the rows.
    """

    row_id: np.ndarray
    labels: np.ndarray
    outputs: tuple[np.ndarray, ...]
    classes: tuple[str, ...] | None
    rows_sha256: str

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.row_id)


def align(entries: Sequence[Entry]) -> Aligned:
    """Brings the rows of all models into one order.

    Raises:
        UsageError: fewer than two models, or two of one name.
        RefusedError: they were not asked about the same rows, or do not agree on the labels.
        FailedError: nobody knows the labels.
    """
    import numpy as np

    _check(entries)
    first = entries[0].predictions
    classes = first.about.classes
    orders = [_order(entry.predictions.row_id) for entry in entries]
    ids = first.row_id[orders[0]]
    labels: Any = None
    outputs = []
    for entry, order in zip(entries, orders, strict=True):
        found = entry.predictions
        if len(order) != len(ids) or not bool(np.all(_texts(found.row_id[order]) == _texts(ids))):
            raise RefusedError(
                f"{entry.name} and {entries[0].name} do not have the same row ids",
                hint="predict the same file with both: cloud-nas predict MODEL DATA --out FILE.parquet",
                code="CN701",
            )
        outputs.append(_outputs(found, classes, order))
        if found.label is None:
            continue
        theirs = _indices(found.label[order], classes)
        if labels is None:
            labels = theirs
        elif not bool(np.array_equal(labels, theirs)):
            raise RefusedError(
                f"{entry.name} has other labels for the same rows", hint="one of the files was made from other data", code="CN701"
            )
    if labels is None:
        raise FailedError("none of the predictions has labels", hint="name the rows with their labels: --data FILE")
    return Aligned(ids, labels, tuple(outputs), classes, first.about.rows_sha256)


def _check(entries: Sequence[Entry]) -> None:
    if len(entries) < 2:
        raise UsageError("it takes two models to compare", hint="cloud-nas compare r-7k2xq other.parquet")
    names = [entry.name for entry in entries]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is named twice")
    first = entries[0].predictions.about
    for entry in entries[1:]:
        about = entry.predictions.about
        if about.rows_sha256 != first.rows_sha256:
            raise RefusedError(
                f"{entry.name} and {entries[0].name} were not asked about the same rows",
                hint="compare RUN... --data FILE scores all of them on one file",
                code="CN701",
            )
        if (about.classes is None) != (first.classes is None) or set(about.classes or ()) != set(first.classes or ()):
            raise RefusedError(f"{entry.name} knows other classes than {entries[0].name}", code="CN701")


def _order(ids: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(np.argsort(_texts(ids), kind="stable"))


def _texts(ids: np.ndarray) -> np.ndarray:
    import numpy as np

    return ids if ids.dtype.kind in "iuf" else np.asarray(ids.astype(str))


def _outputs(found: Predictions, classes: tuple[str, ...] | None, order: np.ndarray) -> np.ndarray:
    """In the common order of rows and of classes."""
    import numpy as np

    if classes is None or found.probabilities is None:
        return np.asarray(found.prediction[order])
    theirs = found.about.classes or ()
    if theirs == classes:
        return np.asarray(found.probabilities[order])
    places = [theirs.index(name) for name in classes]
    return np.asarray(found.probabilities[:, places][order])


def _indices(labels: np.ndarray, classes: tuple[str, ...] | None) -> np.ndarray:
    import numpy as np

    if classes is None:
        return labels.astype(np.float64)
    names = np.asarray(classes, dtype=str)
    order = np.argsort(names)
    return np.asarray(order[np.searchsorted(names, labels.astype(str), sorter=order)])
