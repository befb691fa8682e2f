"""Where models are right, how sure they are, and where they disagree: numbers for plots, of one model or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloud_nas.compare.entries import Aligned

if TYPE_CHECKING:
    import numpy as np

GRID = 101
"""Points of a curve."""


@dataclass(frozen=True)
class Bin:
    """Rows of about one confidence: its mean, the share of them that are right, and how many they are."""

    confidence: float
    accuracy: float
    rows: int


@dataclass(frozen=True)
class Diagnosis:
    """What is drawn of one model.

    Attributes:
        reliability: by confidence, ascending.
        confusion: rows by their class (first) and by what was predicted.
        roc: (false positive rate, true positive rate), one class against the rest, averaged over the classes.
        pr: (recall, precision), likewise.
        residuals: of a regression, (label, value) of some rows.
    """

    reliability: tuple[Bin, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    roc: tuple[tuple[float, float], ...] = ()
    pr: tuple[tuple[float, float], ...] = ()
    residuals: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Disagreement:
    """A row on which models do not agree: its place among the aligned rows, its id, its label, each model's answer and chance."""

    place: int
    row_id: str
    label: str
    answers: tuple[tuple[str, float | None], ...]


def diagnose(aligned: Aligned, number: int) -> Diagnosis:
    """What is drawn of one of the models."""
    labels, outputs = aligned.labels, aligned.outputs[number]
    if aligned.classes is None:
        every = max(1, len(labels) // 500)
        return Diagnosis(residuals=tuple(zip(labels[::every].tolist(), outputs[::every].tolist(), strict=True)))
    roc, pr = _curves(labels, outputs)
    return Diagnosis(_reliability(labels, outputs), _confusion(labels, outputs), roc, pr)


def disagreements(aligned: Aligned, *, most: int = 24) -> tuple[Disagreement, ...]:
    """The rows on which models disagree, those with the surest contradictions first; for a regression the farthest apart."""
    import numpy as np

    if aligned.classes is None:
        values = np.stack(aligned.outputs)
        order = np.argsort(-np.ptp(values, axis=0), kind="stable")[:most]
        return tuple(
            Disagreement(
                int(row),
                str(aligned.row_id[row]),
                f"{float(aligned.labels[row]):.6g}",
                tuple((f"{float(one):.6g}", None) for one in values[:, row]),
            )
            for row in order
            if np.ptp(values[:, row]) > 0
        )
    predicted = np.stack([one.argmax(axis=1) for one in aligned.outputs])
    sure = np.stack([one.max(axis=1) for one in aligned.outputs])
    differ = np.flatnonzero((predicted != predicted[0]).any(axis=0))
    order = differ[np.argsort(-sure[:, differ].min(axis=0), kind="stable")][:most]
    return tuple(
        Disagreement(
            int(row),
            str(aligned.row_id[row]),
            aligned.classes[int(aligned.labels[row])],
            tuple(
                (aligned.classes[int(one)], float(chance)) for one, chance in zip(predicted[:, row], sure[:, row], strict=True)
            ),
        )
        for row in order
    )


def count_disagreements(aligned: Aligned) -> int:
    """On how many rows the models do not all predict the same class."""
    import numpy as np

    predicted = np.stack([one.argmax(axis=1) for one in aligned.outputs])
    return int((predicted != predicted[0]).any(axis=0).sum())


def _reliability(labels: np.ndarray, outputs: np.ndarray) -> tuple[Bin, ...]:
    import numpy as np

    from cloud_nas.compare.statistics.metrics import BINS

    sure, right = outputs.max(axis=1), outputs.argmax(axis=1) == labels
    place = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    found = []
    for one in range(BINS):
        rows = place == one
        if rows.any():
            found.append(Bin(float(sure[rows].mean()), float(right[rows].mean()), int(rows.sum())))
    return tuple(found)


def _confusion(labels: np.ndarray, outputs: np.ndarray) -> tuple[tuple[int, ...], ...]:
    import numpy as np

    classes = outputs.shape[1]
    cells = np.bincount(labels * classes + outputs.argmax(axis=1), minlength=classes * classes)
    return tuple(tuple(int(cell) for cell in row) for row in cells.reshape(classes, classes))


def _curves(labels: np.ndarray, outputs: np.ndarray) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    """ROC and precision over recall, each averaged over the classes that have rows on both sides."""
    import numpy as np

    grid = np.linspace(0, 1, GRID)
    columns: Sequence[int] = [1] if outputs.shape[1] == 2 else range(outputs.shape[1])
    rates: list[Any] = []
    precisions: list[Any] = []
    for column in columns:
        positive = labels == column
        if not 0 < positive.sum() < len(labels):
            continue
        order = np.argsort(-outputs[:, column], kind="stable")
        scores = outputs[order, column]
        ends = np.flatnonzero(np.r_[np.diff(scores) != 0, True])
        hits = np.cumsum(positive[order])[ends]
        claims = ends + 1
        recall, false = hits / positive.sum(), (claims - hits) / (~positive).sum()
        rates.append(np.interp(grid, np.r_[0.0, false], np.r_[0.0, recall]))
        best = np.maximum.accumulate((hits / claims)[::-1])[::-1]
        precisions.append(best[np.minimum(np.searchsorted(recall, grid), len(best) - 1)])
    if not rates:
        return (), ()
    pairs = (tuple(zip(grid.tolist(), np.mean(found, axis=0).tolist(), strict=True)) for found in (rates, precisions))
    roc, pr = pairs
    return roc, pr
