"""What a service's own AutoML leaves: its table of candidates and archives that only its containers open; kept as they are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud_nas.errors import CloudNasError, FailedError
from cloud_nas.targets.remote import Brought
from local_engine.files import read_json, sha256_of, write_json

NAME = "candidate.json"
SCHEMA = 1
PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True)
class Candidate:
    """A fetched candidate.

    `files` maps each file's name to its sha256, `metrics` is what the service measured by its own names, `candidates` its table,
    the best first, `image` the container that runs it.
    """

    folder: Path
    files: Mapping[str, str]
    metrics: Mapping[str, float]
    candidates: tuple[Mapping[str, Any], ...]
    image: str | None


def keep(brought: Brought, folder: Path) -> None:
    """Writes `candidate.json` beside the archives, which lie in `folder` already, or below it."""
    about = {
        "schema": SCHEMA,
        "files": {path.relative_to(folder).as_posix(): sha256_of(path) for path in sorted(brought.archives)},
        "metrics": dict(brought.metrics),
        "image": brought.image,
        "candidates": [dict(one) for one in brought.candidates],
    }
    write_json(folder / NAME, about, mode=0o600)


def keep_predictions(brought: Brought, before: Path, folder: Path) -> None:
    """Copies the predictions that the service made for this very candidate, which cost money, from where it lay before."""
    from cloud_nas.models import predictions

    path = before / PREDICTIONS
    if not path.is_file():
        return
    try:
        model = predictions.read(path).about.model_sha256
    except CloudNasError:
        return
    if model in _models(brought):
        shutil.copyfile(path, folder / PREDICTIONS)


def _models(brought: Brought) -> Iterator[str]:
    """What the chosen candidate's model may be known by: an address at the service, a model of its registry, a file's hash."""
    for one in brought.candidates:
        if one.get("number") == brought.trial:
            yield from (str(each["artifact"]) for each in one.get("containers", ()))
            if one.get("model"):
                yield str(one["model"])
    yield from (sha256_of(path) for path in brought.archives if path.suffix == ".tflite")


def read(folder: Path) -> Candidate:
    """The candidate in `folder`.

    Raises:
        FailedError: what lies there is none.
    """
    try:
        about = read_json(folder / NAME)
        return Candidate(folder, about["files"], about["metrics"], tuple(about["candidates"]), about["image"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FailedError(f"{folder / NAME} cannot be read: {error}") from error
