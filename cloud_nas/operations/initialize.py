"""`init`: a starter spec that passes `check`, from a template or from a data set."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import from_engine
from cloud_nas.operations._engine import require_engine
from cloud_nas.operations.starter.files import guess as guess_of
from cloud_nas.operations.starter.guess import Guess
from cloud_nas.operations.starter.models import model_text
from cloud_nas.operations.starter.specs import Plan, name_from, spec_text
from cloud_nas.operations.starter.templates import DEFAULT, Template, template, templates
from cloud_nas.operations.starter.writing import refuse_if_in_the_way, write_starter
from local_engine.definition import Data, Split
from local_engine.errors import DataError

if TYPE_CHECKING:
    from local_engine.data import Dataset

__all__ = ["DEFAULT", "Starter", "Template", "from_data", "from_template", "templates"]


@dataclass(frozen=True)
class Starter:
    """What was written: the spec, all files, and what was inferred or left out, a line each."""

    spec: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def from_template(folder: Path, name: str = DEFAULT) -> Starter:
    """Writes the template `name` into `folder`.

    Raises:
        UsageError: there is no such template, or files are in the way; nothing was written.
    """
    written = write_starter(folder, template(name).files())
    return Starter(folder / "spec.yaml", written)


def from_data(folder: Path, source: Path, target: str | None = None) -> Starter:
    """Writes a spec and a model for the data set `source` into `folder`.

    Args:
        folder: where to.
        source: a file or folder of data.
        target: the column to predict, for tables.

    Raises:
        NotFoundError: there is no such data.
        UsageError: the data cannot be used, or files are in the way; nothing was written.
        MissingExtraError: the engine is not installed.
    """
    refuse_if_in_the_way(folder, ("spec.yaml", "model.py"))
    require_engine()
    guess = guess_of(source, target)
    dataset, data = _load(source, guess)
    plan = Plan(name_from(source.name.split(".")[0]), _relative(source, folder), data.split.test is None, data.split.stratify)
    files = {
        "spec.yaml": spec_text(guess, plan).encode(),
        "model.py": model_text(guess, dataset.input_shape, dataset.num_classes).encode(),
    }
    notes = guess.reasons if data.split.stratify else (*guess.reasons, "stratify: false, because a class has too few rows")
    return Starter(folder / "spec.yaml", write_starter(folder, files), notes)


def _load(source: Path, guess: Guess) -> tuple[Dataset, Data]:
    """Reads the data as a run will, with the first division of rows that works."""
    from local_engine.data import load

    data = Data(str(source.absolute()), target=guess.target, id=guess.id)
    splits = [Split(), Split(test=None), Split(stratify=False), Split(test=None, stratify=False)]
    first: DataError | None = None
    for split in splits:
        tried = dataclasses.replace(data, split=split)
        try:
            dataset = load(tried, guess.task)
            if split.test is None and dataset.test is None:
                continue
            return dataset, tried
        except DataError as error:
            first = first or error
            if error.field is None or not error.field.startswith("data.split"):
                break
    assert first is not None
    raise from_engine(first) from first


def _relative(source: Path, folder: Path) -> str:
    """The data's path as the spec has it: relative where that is shorter than climbing up and down the tree."""
    here = os.path.relpath(source.absolute(), folder.absolute())
    return Path(here).as_posix() if here.count("..") <= 2 else source.absolute().as_posix()
