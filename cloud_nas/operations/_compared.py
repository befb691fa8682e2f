"""What a user names to be compared, as entries: a run, one of its trials, an artifact folder, a file of predictions."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.compare.entries import Entry, Facts, Where
from cloud_nas.errors import CloudNasError, FailedError, UsageError
from cloud_nas.models import manifest, outside, predictions
from cloud_nas.models.evaluate import own_data, rows_for
from cloud_nas.models.predict import of_outputs
from cloud_nas.models.predictions import Predictions
from cloud_nas.models.resolve import resolve
from cloud_nas.operations._candidate import PREDICTIONS
from cloud_nas.operations._edge import edge_at_home
from cloud_nas.operations._models import load_model
from cloud_nas.operations._runs import folder_of, split_name
from cloud_nas.operations._seen_rows import check_asked, check_own, check_searched
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.states import Money
from local_engine.errors import DataError
from local_engine.files import sha256_of

if TYPE_CHECKING:
    from cloud_nas.models.loading import LoadedModel
    from cloud_nas.models.manifest import Manifest
    from local_engine.data import Part
    from local_engine.training.speed import Speed

_FILES = (".parquet", ".csv")
_SPEED_ROWS = 1024


@dataclass(frozen=True)
class Asked:
    """How the models are to be compared: on which rows (None: those that each was scored on), and what is wanted beside.

    `trust`: load a model's own code although it has not run here. `measure`: how fast each is.
    """

    data: str | None = None
    trust: bool = False
    measure: bool = True
    allow_overlap: bool = False
    note: Callable[[str], None] = field(default=lambda text: None)


def entries(things: Sequence[str | os.PathLike[str]], asked: Asked) -> list[Entry]:
    """The entries, in order; files that say nothing of their rows are read against the rows of the others.

    Raises:
        NotFoundError: there is no such run, model or file.
        RefusedError: training rows are among the held-out ones; a model is not safe to load.
        FailedError: a model has no predictions and none can be made here.
    """
    names = [os.fspath(thing) for thing in things]
    found: list[Entry | None] = [None if _is_outside(name) else _entry(name, asked) for name in names]
    known = next((one for one in found if one is not None), None)
    for place, name in enumerate(names):
        if found[place] is None:
            found[place] = _outside(name, known, asked)
    return _apart([one for one in found if one is not None], names)


def _apart(found: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """The entries; those of one name are called as they were typed."""
    short = [entry.name for entry in found]
    return [
        dataclasses.replace(entry, name=name) if short.count(entry.name) > 1 else entry
        for entry, name in zip(found, names, strict=True)
    ]


def _is_outside(name: str) -> bool:
    path = Path(name).expanduser()
    return path.suffix in _FILES and path.is_file() and outside.is_outside(path)


def _outside(name: str, known: Entry | None, asked: Asked) -> Entry:
    path = Path(name).expanduser()
    if known is None:
        raise UsageError(
            f"{path.name} does not say which rows it is of",
            hint="name a run or a model beside it, whose rows these are; or write it with cloud-nas predict --out FILE.parquet",
        )
    theirs = known.predictions
    about = dataclasses.replace(theirs.about, model_sha256="", part=theirs.about.part)
    found = outside.read(path, about, theirs.row_id, theirs.label)
    otherwise = found.otherwise
    if otherwise:
        asked.note(f"{path.name}: {otherwise} of {found.n} predictions are not the most probable class; the probabilities count")
    return Entry(path.stem, found)


def _entry(name: str, asked: Asked) -> Entry:
    path = Path(name).expanduser()
    if path.suffix in _FILES:
        return Entry(path.stem, predictions.read(path))
    row, trial = _row(name)
    if row is not None and trial is None and (folder_of(row) / "candidate").is_dir():
        return _candidate(row, asked)
    return _model(name, row, asked)


def _row(name: str) -> tuple[RunRow | None, int | None]:
    """The run that is named, and which of its trials."""
    try:
        run_id, trial = split_name(name)
    except CloudNasError:
        return None, None
    with Registry() as registry:
        return registry.find(run_id), trial


def _candidate(row: RunRow, asked: Asked) -> Entry:
    """A model that only its service can run: what the service said of the rows when it was asked."""
    path = folder_of(row) / "candidate" / PREDICTIONS
    if not path.is_file():
        raise FailedError(
            f"the model of {row.run_id} runs only at its service, which has not been asked about the held-out rows",
            hint=f"cloud-nas evaluate {row.run_id} {asked.data or 'DATA'}; it shows what that costs, and asks",
        )
    check_searched(row.run_id, folder_of(row) / "definition.json", allowed=asked.allow_overlap, note=asked.note)
    found = predictions.read(path)
    scored: Where = "here" if edge_at_home(row.run_id) is not None else "service"
    return Entry(row.run_id, found, row.run_id, row.target, scored, Facts(seconds=row.seconds, cost=_cost(row)))


def _cost(row: RunRow) -> Money | None:
    """What a run has cost; of a rehearsed one nothing was paid, and what a stand-in bills says nothing."""
    return None if row.rehearsed else row.cost


def _model(name: str, row: RunRow | None, asked: Asked) -> Entry:
    """A model that runs here."""
    folder = resolve(name)
    kept = folder / PREDICTIONS
    about = manifest.read(folder)
    if asked.data is None:
        check_own(name, about, allowed=asked.allow_overlap, note=asked.note)
    told = _kept(kept, about) if asked.data is None else None
    if told is not None and not asked.measure:
        found, speed = told, None
    else:
        found, speed = _predicted(name, load_model(name, trust=asked.trust), told, asked)
    size = sum((folder / file).stat().st_size for file in about.loaded if (folder / file).is_file())
    facts = Facts(
        params=None if speed is None else speed.params,
        bytes=size,
        latency_ms=None if speed is None else speed.latency_ms,
        throughput=None if speed is None else speed.throughput,
        threads=None if speed is None else speed.threads,
        seconds=None if row is None else row.seconds,
        cost=None if row is None else _cost(row),
    )
    label = name if row is not None else Path(name).name or str(folder)
    run_id, target = (None, None) if row is None else (row.run_id, row.target)
    return Entry(label, found, run_id, target, "here", facts, folder)


def _kept(path: Path, about: Manifest) -> Predictions | None:
    """What lies beside a model, if it is the file that the manifest lists, and of that very model."""
    if not path.is_file() or about.files.get(PREDICTIONS) not in (None, sha256_of(path)):
        return None
    found = predictions.read(path)
    return found if found.about.model_sha256 == about.model_sha256 else None


def _predicted(name: str, model: LoadedModel, kept: Predictions | None, asked: Asked) -> tuple[Predictions, Speed | None]:
    """Predictions for the rows that are asked about, and how fast they come."""
    if asked.data is not None:
        parts, part_name = rows_for(model, asked.data)
        check_asked(name, model, asked.data, parts, allowed=asked.allow_overlap, note=asked.note)
        return _ask(model, parts, part_name, asked.measure)
    rows = _own_rows(model)
    if kept is not None:
        if rows is None:
            asked.note(f"{name}: how fast it is was not measured: its data are not on this machine")
            return kept, None
        return kept, model.measured([rows.head(_SPEED_ROWS)])[1]
    if rows is None:
        raise FailedError(f"{name} was scored on no held-out rows, and its data are not on this machine", hint="--data FILE")
    return _ask(model, [rows], "test", asked.measure)


def _ask(model: LoadedModel, parts: list[Part], part: str, measure: bool) -> tuple[Predictions, Speed | None]:
    outputs, speed = model.measured(parts) if measure else (model.outputs(parts), None)
    return of_outputs(model, parts, outputs, part=part), speed


def _own_rows(model: LoadedModel) -> Part | None:
    """The rows that were held out of the data that the model was searched on; None where they are not here."""
    try:
        data = own_data(model.manifest, model.manifest.definition.data.source)
    except (DataError, CloudNasError):
        return None
    return None if data is None else data.test
