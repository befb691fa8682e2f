"""Rows of the data that a run was searched on, for a model that knows no rows of its own: what a service's AutoML made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloud_nas.errors import NotFoundError, UsageError
from cloud_nas.models.evaluate import BUILTIN, PartName
from cloud_nas.operations._runs import folder_of
from cloud_nas.runs.row import RunRow
from cloud_nas.targets.job import Rows
from local_engine.definition import Definition
from local_engine.files import read_json

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part


@dataclass(frozen=True)
class RunRows:
    """One part of a run's own data: `part`, which is called `name`; `data` is all of them."""

    row: RunRow
    definition: Definition
    data: Dataset
    part: Part
    name: PartName

    @property
    def told(self) -> Rows:
        """What a plan that has them scored has to know of them."""
        data = self.data
        classes = None if data.classes is None else dict.fromkeys(data.classes, (0, 0))
        return Rows(data.inputs.kind, data.train.n, data.validation.n, 0 if data.test is None else data.test.n, classes)


def rows_of(row: RunRow, source: str, part: PartName | None) -> RunRows:
    """The rows of one part.

    Args:
        row: the run.
        source: where the data are.
        part: which; None: those held out.

    Raises:
        UsageError: the data are not those of the run, or have no such part.
        NotFoundError: what the run searches is not known here.
    """
    definition = definition_of(row)
    data = data_of(definition, source)
    if data.fingerprint != row.identity.data:
        hint = "a service's model scores rows of the data that it was searched on"
        raise UsageError(f"{source} is not what {row.run_id} was searched on", hint=hint)
    name: PartName = part or "test"
    chosen = data.test if name == "test" else getattr(data, name, None)
    if chosen is None:
        raise UsageError(f"these data have no part {name}", hint="--part validation")
    return RunRows(row, definition, data, chosen, name)


def definition_of(row: RunRow) -> Definition:
    """What a run searches.

    Raises:
        NotFoundError: this machine does not know.
    """
    path = folder_of(row) / "definition.json"
    if not path.is_file():
        raise NotFoundError(f"what {row.run_id} searches is not known on this machine", hint=f"cloud-nas fetch {row.run_id}")
    return Definition.from_json(read_json(path))


def data_of(definition: Definition, source: str | None = None) -> Dataset:
    """The data of a definition, read from `source` where they lie elsewhere now."""
    from local_engine.data import load

    if source is None:
        return load(definition.data, definition.task)
    place = source if source.startswith(BUILTIN) else str(Path(source).expanduser().absolute())
    return load(dataclasses.replace(definition.data, source=place), definition.task)
