"""How rows are divided: seeded, stratified, the same whether the rows are in memory or streamed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from local_engine.data.inputs import Array
from local_engine.data.shuffle import permutation
from local_engine.errors import DataError
from local_engine.seeds import derive


@dataclass(frozen=True)
class Division:
    """Positions of rows, ascending, each in exactly one part."""

    train: Array
    validation: Array
    test: Array


def divide(
    n: int,
    validation: float,
    test: float,
    seed: int,
    *,
    labels: Array | None = None,
    classes: tuple[str, ...] | None = None,
    stratify: bool = True,
) -> Division:
    """Divides `n` rows.

    With `labels` (int64 codes into `classes`) and `stratify`, validation and test get their share of each class to within one
    row, and of all rows as near as can be; training gets the rest. Shares are of all `n` rows.

    Raises:
        DataError: a part would be empty, a class would not be trained on, or has fewer rows than there are parts.
    """
    if validation < 0 or test < 0 or validation + test >= 1:
        raise DataError(
            f"validation {validation:g} and test {test:g} leave nothing to train on",
            hint="let them add up to less than 1, for example {validation: 0.2, test: 0.1}",
            field="data.split",
        )
    by_class = labels is not None and stratify
    groups = (
        [np.arange(n)]
        if labels is None or not stratify
        else [np.flatnonzero(labels == code) for code in range(len(classes or ()))]
    )
    if by_class:
        _check_classes(groups, classes or (), 1 + (validation > 0) + (test > 0))
    tested = _quotas([len(group) for group in groups], test, n)
    validated = _quotas([len(group) for group in groups], validation, n)
    parts: tuple[list[Array], list[Array], list[Array]] = ([], [], [])
    for code, group in enumerate(groups):
        shuffled = group[permutation(len(group), derive(seed, "split", code))]
        first, second = tested[code], tested[code] + validated[code]
        for part, rows in zip(parts, (shuffled[second:], shuffled[first:second], shuffled[:first]), strict=True):
            part.append(rows)
    train, validation_rows, test_rows = (np.sort(np.concatenate(part)) for part in parts)
    _check_parts(n, {"validation": (validation, validation_rows), "test": (test, test_rows), "training": (1.0, train)})
    if labels is not None:
        _check_trained(labels[train], classes or ())
    return Division(train, validation_rows, test_rows)


def _quotas(sizes: list[int], share: float, n: int) -> list[int]:
    """How many rows each group gives: its share rounded down or up, by largest remainder, so that the sum is the share of all."""
    exact = [size * share for size in sizes]
    given = [int(np.floor(value + 1e-9)) for value in exact]
    left = int(np.floor(n * share + 0.5)) - sum(given)
    by_remainder = sorted(range(len(sizes)), key=lambda group: (given[group] - exact[group], group))
    for group in by_remainder[: max(0, left)]:
        if given[group] < exact[group] - 1e-9:
            given[group] += 1
    return given


def _check_classes(groups: list[Array], classes: tuple[str, ...], parts: int) -> None:
    for name, group in zip(classes, groups, strict=True):
        if 0 < len(group) < parts:
            raise DataError(
                f"class {name!r} has {len(group)} row{'s' * (len(group) != 1)}, fewer than the {parts} parts of the split",
                hint="give it more rows or leave it out; stratify: false divides without regard to classes",
                field="data.split",
            )


def _check_parts(n: int, parts: dict[str, tuple[float, Array]]) -> None:
    for name, (share, rows) in parts.items():
        if share > 0 and not len(rows):
            raise DataError(
                f"the {name} part has no rows: a share of {share:g} of {n} rows",
                hint="give it a larger share, or the data more rows",
                field="data.split",
            )


def _check_trained(labels: Array, classes: tuple[str, ...]) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    for name, count in zip(classes, counts, strict=True):
        if not count:
            raise DataError(
                f"class {name!r} has no row in the {len(labels)} training rows",
                hint="another seed, smaller shares or stratify: true",
                field="data.split",
            )
