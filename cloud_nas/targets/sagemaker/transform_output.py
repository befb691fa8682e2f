"""What an Autopilot model answers: a line of CSV a row, with the answers that were asked for, in that order."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError
from cloud_nas.targets.scoring import Scores


def read(files: Iterable[Path], asked: Sequence[str]) -> Scores:
    """The answers in `files`, one after the other.

    Args:
        files: in the order in which their rows were sent.
        asked: what was asked for: `predicted_label`, `probabilities`, `labels`; empty: the prediction alone.

    Raises:
        FailedError: a line is not such an answer.
    """
    predictions: list[str] = []
    chances: list[dict[str, float]] = []
    with_chances = {"probabilities", "labels"} <= set(asked)
    for line in _lines(files):
        answer = dict(zip(asked or ("predicted_label",), line, strict=False))
        if len(answer) < max(1, len(asked)):
            raise FailedError(f"the service's answer has {len(line)} values and {len(asked)} were asked for")
        if with_chances:
            chances.append(_chances(answer["labels"], answer["probabilities"]))
        predictions.append(answer.get("predicted_label") or _likeliest(chances[-1]))
    return Scores(tuple(predictions), tuple(chances) if with_chances else None)


def _lines(files: Iterable[Path]) -> Iterator[list[str]]:
    for path in files:
        with path.open(newline="", encoding="utf-8") as file:
            yield from (line for line in csv.reader(file) if line)


def _chances(labels: str, probabilities: str) -> dict[str, float]:
    names, values = _listed(labels), _listed(probabilities)
    try:
        return {str(name): float(value) for name, value in zip(names, values, strict=True)}
    except (TypeError, ValueError) as error:
        raise FailedError(f"the service's answer has {len(names)} labels and {len(values)} probabilities") from error


def _listed(text: str) -> list[Any]:
    """A list as JSON or Python writes it; nothing of it is run."""
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list):
            return found
    raise FailedError(f"the service's answer is not a list: {text[:80]!r}")


def _likeliest(chances: dict[str, float]) -> str:
    return max(chances, key=lambda name: chances[name])
