"""What batch prediction writes: CSV for a table, a line of JSON an image; in any order, with the errors in files of their own."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import FailedError
from cloud_nas.targets.scoring import Scores

_SCORE, _PREDICTED = "_score", "predicted_"
_MOST_CELL = 2**24


@dataclass(frozen=True)
class Written:
    """The files of a batch prediction: answers, and what it says of rows that it has none for."""

    answers: tuple[Path, ...]
    errors: tuple[Path, ...]


def read_table(written: Written, row: str, rows: int, target: str) -> Scores:
    """The answers to the rows of a table, in the order in which they were sent.

    Args:
        written: CSV files, each with a header.
        row: the column with each row's number.
        rows: how many were sent.
        target: the target's sent name.

    Raises:
        FailedError: they are not one for each row.
    """
    found: dict[int, tuple[str, dict[str, float]]] = {}
    for line in _table(written.answers):
        number = _number(line.get(row))
        if number in found:
            raise FailedError(f"the service answered row {number} twice")
        found[number] = _answer(line, target)
    failed = [(_told(line, row), _reason(line)) for line in _table(written.errors)]
    _account(found, range(rows), failed)
    ordered = [found[number] for number in range(rows)]
    chances = tuple(chance for _, chance in ordered)
    return Scores(tuple(prediction for prediction, _ in ordered), chances if any(chances) else None)


def read_images(written: Written, uris: Sequence[str]) -> Scores:
    """The answers to images, in the order of `uris`, by which they were sent.

    Raises:
        FailedError: they are not one for each image.
    """
    found: dict[str, dict[str, float]] = {}
    failed: list[tuple[str, str]] = []
    for line in _lines((*written.answers, *written.errors)):
        uri = str(_mapping(line.get("instance")).get("content"))
        answer = _mapping(line.get("prediction"))
        if not answer:
            failed.append((uri, str(line.get("error") or line.get("status") or "no reason given")))
            continue
        if uri in found:
            raise FailedError(f"the service answered {uri} twice")
        found[uri] = _chances(answer)
    _account(found, uris, failed)
    ordered = [found[uri] for uri in uris]
    return Scores(tuple(_likeliest(one) for one in ordered), tuple(ordered))


def _account(found: Mapping[Any, Any], sent: Sequence[Any], failed: Sequence[tuple[Any, str]]) -> None:
    """Every row that was sent has an answer, and nothing else has.

    Raises:
        FailedError: so it is not.
    """
    if failed:
        which, why = failed[0]
        raise FailedError(f"the service could not score {len(failed)} of {len(sent)} rows; the first is {which}: {why[:300]}")
    strange = set(found) - set(sent)
    if strange:
        raise FailedError(f"the service answered a row that was not sent: {min(map(str, strange))}")
    if len(found) != len(sent):
        missing = next(one for one in sent if one not in found)
        raise FailedError(f"{len(sent)} rows were sent and {len(found)} answers came back; none for {missing}")


def _table(files: Iterable[Path]) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_MOST_CELL)
    for path in files:
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def _answer(line: Mapping[str, str], target: str) -> tuple[str, dict[str, float]]:
    """The prediction of one row, and the chance of each class."""
    number = line.get(f"{_PREDICTED}{target}")
    if number is not None:
        _float(number)
        return number, {}
    beginning = f"{target}_"
    chances = {
        name[len(beginning) : -len(_SCORE)]: _float(value)
        for name, value in line.items()
        if name and name.startswith(beginning) and name.endswith(_SCORE)
    }
    if not chances:
        raise FailedError(f"the service's answers have no column {_PREDICTED}{target} and none like {beginning}CLASS{_SCORE}")
    return _likeliest(chances), chances


def _chances(answer: Mapping[str, Any]) -> dict[str, float]:
    names, values = answer.get("displayNames"), answer.get("confidences")
    if not isinstance(names, list) or not isinstance(values, list) or len(names) != len(values) or not names:
        raise FailedError("the service's answer has not one confidence for each name of a class")
    return {str(name): _float(value) for name, value in zip(names, values, strict=True)}


def _lines(files: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    for path in files:
        with path.open(encoding="utf-8") as file:
            for text in file:
                if text.strip():
                    try:
                        yield _mapping(json.loads(text))
                    except (ValueError, RecursionError) as error:
                        raise FailedError(f"the service's answer is no JSON: {text[:80]!r}") from error


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _told(line: Mapping[str, str], row: str) -> str:
    return f"row {line[row]}" if line.get(row) else "one without a number"


def _reason(line: Mapping[str, str]) -> str:
    """What an error's line says: its columns that speak of an error, else its last."""
    told = [value for name, value in line.items() if name and "error" in name.lower() and value]
    return "; ".join(told) or str(next(reversed(list(line.values())), "no reason given"))


def _number(text: str | None) -> int:
    value = _float(text)
    if not value.is_integer():
        raise FailedError(f"the service's answer has {text!r} for the number of a row")
    return int(value)


def _float(value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise FailedError(f"the service's answer has {value!r} where a number belongs") from None
    if found != found or found in (float("inf"), float("-inf")):
        raise FailedError(f"the service's answer has {value!r} where a number belongs")
    return found


def _likeliest(chances: Mapping[str, float]) -> str:
    return max(chances, key=lambda name: chances[name])
