"""`compare`: which of several models is best on the same rows, and how sure one can be."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.compare.comparison import Comparison
from cloud_nas.compare.entries import Aligned, Entry, align
from cloud_nas.errors import UsageError
from cloud_nas.operations._compared import Asked, entries
from cloud_nas.operations._engine import in_our_words

if TYPE_CHECKING:
    from cloud_nas.operations.handle import Run
    from cloud_nas.operations.result import RunResult


_FAIL_IF = re.compile(r"(?:(?P<model>[^\s<>=]+)\.)?(?P<metric>[a-z0-9_]+)\s*(?P<sign><=|>=|<|>)\s*(?P<value>[-+0-9.eE]+)")


@dataclass(frozen=True, eq=False)
class Compared:
    """A comparison, and what it was made from: `aligned` has every model's answer to every row."""

    comparison: Comparison
    entries: tuple[Entry, ...]
    aligned: Aligned

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row for each model, the best first, as `compare --json` has them."""
        models: list[dict[str, Any]] = self.comparison.to_json()["models"]
        return models

    @property
    def tests(self) -> list[dict[str, Any]]:
        """A row for each pair and metric."""
        tests: list[dict[str, Any]] = self.comparison.to_json()["tests"]
        return tests

    def to_json(self) -> dict[str, Any]:
        """The keys that `compare --json` promises."""
        return self.comparison.to_json()

    def to_html(self, path: str | os.PathLike[str], *, rows: bool = False) -> Path:
        """Writes the comparison, and what is known of its runs, as one page that loads nothing.

        Args:
            path: the file; one of that name is replaced.
            rows: show rows on which the models disagree, images as images.

        Raises:
            RefusedError: the file cannot be written.
            MissingExtraError: the extra `local` is not installed.
        """
        from cloud_nas.operations._compared_page import write

        return write(self.comparison, self.entries, self.aligned, path, rows=rows)

    def fails(self, condition: str) -> bool:
        """Whether a condition holds: `accuracy < 0.9` of the best model, `r-7k2xq.auc < 0.8` of one.

        Raises:
            UsageError: it is none, or names what was not compared.
        """
        found = _FAIL_IF.fullmatch(condition.strip())
        if found is None:
            hint = "METRIC < NUMBER of the best model, or NAME.METRIC < NUMBER of one"
            raise UsageError(f"not a condition: {condition}", hint=hint)
        models = {model.name: model for model in self.comparison.models}
        chosen = models.get(found["model"]) if found["model"] else self.comparison.models[0]
        if chosen is None or found["metric"] not in chosen.metrics:
            raise UsageError(f"{condition} names what was not compared", hint=f"models: {', '.join(models)}")
        try:
            limit = float(found["value"])
        except ValueError as error:
            raise UsageError(f"not a number: {found['value']}") from error
        value = chosen.metrics[found["metric"]].value
        signs = {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}
        return math.isnan(value) or signs[found["sign"]]


def compare(
    models: Sequence[str | os.PathLike[str] | Run | RunResult],
    *,
    data: str | Path | None = None,
    metrics: Sequence[str] = (),
    alpha: float = 0.05,
    allow_overlap: bool = False,
    trust: bool = False,
    measure: bool = True,
    note: Callable[[str], None] = lambda text: None,
) -> Compared:
    """Compares models on the same held-out rows.

    Args:
        models: runs, one run's trial (RUN/TRIAL), artifact folders, files of predictions; two at least.
        data: rows with labels that all of them are asked about; None: those that each was scored on, which have to be the same.
        metrics: which are tested, the first of them ranks; none: the objective of the first model.
        alpha: of intervals and tests.
        allow_overlap: rows that a model was trained on may be among `data`.
        trust: load a model's own code although it has not run on this machine.
        measure: how fast each model is on this machine.
        note: told what the user should know.

    Raises:
        NotFoundError: there is no such run, model or file.
        UsageError: fewer than two models, or no such metric.
        RefusedError: not the same rows, or training rows among them; a model is not safe to load.
        FailedError: rows without labels, or a file that is none of predictions.
    """
    from cloud_nas.compare.comparison import compare as measured

    if not 0 < alpha < 1:
        raise UsageError(f"alpha is between 0 and 1, not {alpha:g}", hint="--alpha 0.05")
    names = [_name(thing) for thing in models]
    with in_our_words():
        found = entries(names, Asked(None if data is None else str(data), trust, measure, allow_overlap, note))
        aligned = align(found)
        return Compared(measured(found, aligned, metrics=metrics, alpha=alpha), tuple(found), aligned)


def _name(thing: Any) -> str:
    """A run by its id, everything else as it is named."""
    for key in ("run_id", "id"):
        if isinstance(getattr(thing, key, None), str):
            return str(getattr(thing, key))
    return str(os.fspath(thing))
