"""From a spec to the job that a target plans: the rows and the code packed, the space found, the place's settings filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.errors import UsageError
from cloud_nas.operations._engine import in_our_words, missing_parts, require_engine
from cloud_nas.operations._overlap import Overlap, refuse_as_code
from cloud_nas.operations._prepare import code_files, load_model_function, load_rows, travelling_code
from cloud_nas.operations._runs import rows as runs
from cloud_nas.operations._warm import with_prior
from cloud_nas.package import code, rows
from cloud_nas.package.parcel import Parcel
from cloud_nas.package.user_files import collect
from cloud_nas.runs.identity import Identity, code_sha256
from cloud_nas.spec import LoadedSpec
from cloud_nas.targets import find
from cloud_nas.targets.base import Submits, Target
from cloud_nas.targets.job import Job, JobName, Rows
from local_engine.definition import Definition
from local_engine.events import Note

if TYPE_CHECKING:
    from local_engine.data import Dataset, Part
    from local_engine.space.builder import Builder

_ROWS_PARTS = ("numpy", "pandas", "pyarrow")


@dataclass(frozen=True)
class PreparedJob:
    """A job that can be planned, what makes its run the one it is, and what of its held-out rows travels all the same."""

    job: Job
    identity: Identity
    loaded: LoadedSpec
    overlap: Overlap


def prepare_job(
    loaded: LoadedSpec,
    on: str,
    *,
    name: JobName,
    note: Callable[[Note], None] = lambda note: None,
    spot: bool | None = None,
    wheels: bool = True,
    fresh: bool = False,
) -> PreparedJob:
    """Loads what the target needs, and packs what would travel there into this machine's cache. Sends nothing.

    Where no code travels, nothing of the user's is imported and no engine is needed.

    Args:
        loaded: the spec.
        on: a target that submits.
        name: of the job.
        note: told what the user should know of the data, and of the run that the search begins from.
        spot: whether to train on spare capacity; None: as the spec says.
        wheels: whether what the image lacks travels too; a rehearsal uses what is installed here.
        fresh: the search starts anew, whatever was run before.

    Raises:
        UsageError: the target takes no jobs, or a setting is missing that it needs.
        MissingExtraError: the engine is needed and not installed.
        RefusedError: a file that would travel as code holds what looks like a secret, or held-out rows.
        CloudNasError: the data or the model cannot be used.
    """
    target = find(on)
    if not isinstance(target, Submits):
        raise UsageError(f"{on} takes no jobs: it is this machine", hint="--on sagemaker:tuning, vertex:tuning, ...")
    place = _place(target, loaded, spot)
    if target.needs.code is None:
        _require_rows_parts()
    else:
        require_engine()
    with in_our_words():
        definition, data = load_rows(loaded, note=note)
        packed = _Packing(loaded, on, target, definition, data, place, note, wheels, fresh)
        return packed.prepared(name)


@dataclass(frozen=True)
class _Packing:
    """One spec on its way to one target."""

    loaded: LoadedSpec
    on: str
    target: Target
    definition: Definition
    data: Dataset
    place: Mapping[str, Any]
    note: Callable[[Note], None]
    wheels: bool
    fresh: bool

    def prepared(self, name: JobName) -> PreparedJob:
        builder = load_model_function(self.definition, self.data) if self.target.needs.code else None
        travels = code_sha256("", ()) if builder is None else travelling_code(self.definition, builder)
        identity = Identity(self.loaded.identity, travels, self.data.fingerprint, self.on)
        parent, definition = self._begun_from(identity)
        space = None
        if builder is not None and self.target.needs.space:
            from local_engine.space.widening import widen

            space = widen(builder)
        # What looks like a secret, or holds rows, is refused before anything is written.
        files = None if builder is None else collect(_travelling(definition, builder), _folders(definition))
        refuse_as_code(definition.data, () if builder is None else code_files(definition))
        parcels: dict[str, Parcel] = {}
        if self.target.needs.rows is not None:
            parcels["rows"] = rows.pack(self.data, definition.data, self.target.needs.rows)
        if files is not None and self.target.needs.code is not None:
            runtime = float(self.place["max_runtime"])
            cargo = code.Cargo(
                self.target.needs.code,
                definition,
                files,
                self.data.fingerprint,
                runtime,
                space,
                self.wheels,
                self.target.needs.container,
            )
            parcels["code"] = code.pack(cargo)
        objective = f"{definition.objective.goal}.{definition.objective.metric}"
        tags = {
            "name": definition.name,
            "spec": self.loaded.sha256,
            "identity": identity.to_tag(),
            "objective": objective,
        }
        job = Job(
            definition=definition,
            name=name,
            rows=rows_of(self.data),
            place=self.place,
            parcels=parcels,
            space=space,
            lines=lines_of(self.loaded),
            tags=tags,
            parent=parent,
        )
        return PreparedJob(self.target.packed(job), identity, self.loaded, Overlap(self.data.overlap, job.rows.held_out))

    def _begun_from(self, identity: Identity) -> tuple[str | None, Definition]:
        """What `warm_start` comes to: the other run's job at the same target, else its trials in the definition."""
        other = self.loaded.spec.search.warm_start
        if other is None or self.target.needs.code is None:
            return None, self.definition
        (row,) = runs(other)
        if row.target == self.on and row.remote is not None and self.target.needs.code == "trial":
            # The place has its own name of what our trainer reports there: `val_` and the metric.
            metric = row.place.get("metric")
            theirs = (None if metric is None else str(metric).removeprefix("val_"), row.place.get("goal"))
            ours = (self.definition.objective.metric, self.definition.objective.goal)
            if None not in theirs and theirs != ours:
                hint = "a strategy learns from values of the same metric and goal"
                raise UsageError(f"{other} was to {theirs[1]} {theirs[0]}, this search is to {ours[1]} {ours[0]}", hint=hint)
            return row.remote, self.definition
        return None, with_prior(self.definition, other, identity, fresh=self.fresh, note=self.note)


def rows_of(data: Dataset) -> Rows:
    """What a plan has to know of a data set."""
    return Rows(
        kind=data.inputs.kind,
        train=data.train.n,
        validation=data.validation.n,
        held_out=0 if data.test is None else data.test.n,
        classes=None if data.classes is None else _counts(data),
        columns={column.name: column.kind for column in data.inputs.columns},
        fingerprint=data.fingerprint,
    )


def lines_of(loaded: LoadedSpec) -> dict[str, int]:
    """The line of each dotted key that the spec's own file has."""
    merged = loaded.merged
    return {
        ".".join(map(str, path)): merged.spec.locate(path, True).line
        for path, layer in merged.owners.items()
        if layer.origin == "spec"
    }


def _place(target: Submits, loaded: LoadedSpec, spot: bool | None) -> dict[str, Any]:
    """The settings of the place: of the section that is called as the target's first word."""
    section = loaded.spec.targets.model_dump(mode="json").get(_section(target), {})
    return target.settings(section if spot is None else section | {"spot": spot})


def _section(target: Any) -> str:
    return str(target.name).partition(":")[0]


def _require_rows_parts() -> None:
    if set(missing_parts()) & set(_ROWS_PARTS):
        require_engine()


def _counts(data: Dataset) -> dict[str, tuple[int, int]]:
    """For each class, its rows in training and in validation."""
    import numpy as np

    assert data.classes is not None

    def of(part: Part) -> list[int]:
        assert part.labels is not None and data.classes is not None
        counted: list[int] = np.bincount(part.labels, minlength=len(data.classes)).tolist()
        return counted

    return dict(zip(data.classes, zip(of(data.train), of(data.validation), strict=True), strict=True))


def _travelling(definition: Definition, builder: Builder) -> Iterator[tuple[Path, bytes | None]]:
    """What the search imports, as it was imported here, and what is included."""
    from local_engine.search.code import contents_of

    yield from contents_of(definition, builder).items()
    yield from ((file, None) for file in code_files(definition))


def _folders(definition: Definition) -> Iterator[Path]:
    if definition.code.root is not None:
        yield Path(definition.code.root)
    if definition.space.file is not None:
        yield Path(definition.space.file).resolve().parent
