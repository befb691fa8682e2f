"""What a search needs before it can start: the definition, the data, the model's function, and what makes the run this one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloud_nas.operations._staging import staged
from cloud_nas.operations._warm import with_prior
from cloud_nas.runs.identity import Identity, code_sha256
from cloud_nas.spec import LoadedSpec, definition_of
from local_engine.definition import Definition, ModelSpace
from local_engine.events import Note

if TYPE_CHECKING:
    from local_engine.data import Dataset
    from local_engine.space.builder import Builder

_NOT_CODE = {"__pycache__", ".git", ".venv"}


@dataclass(frozen=True)
class Prepared:
    """A search that is ready to start."""

    loaded: LoadedSpec
    definition: Definition
    data: Dataset
    builder: Builder
    identity: Identity


def prepare(
    loaded: LoadedSpec,
    target: str,
    *,
    model: Any = None,
    fresh: bool = False,
    note: Callable[[Note], None] = lambda note: None,
) -> Prepared:
    """Loads the data and the model's function, and looks up the run to begin from.

    Args:
        loaded: the spec.
        target: where it will run.
        model: a function or HyperModel handed over in the process, in place of what `space.model` names.
        fresh: the search starts anew, whatever was run before.
        note: told what the user should know of the data, and of the run that the search begins from.

    Raises:
        NotFoundError: there is no run of the name that the spec's `warm_start` has.
        UsageError: that run searched for something else.
        EngineError: the data cannot be used, or the model's file does not work.
    """
    definition, data = load_rows(loaded, note=note)
    builder = load_model_function(definition, data, model)
    if model is not None:
        definition = dataclasses.replace(definition, space=ModelSpace(None, builder.name))
    identity = Identity(spec=loaded.identity, code=travelling_code(definition, builder), data=data.fingerprint, target=target)
    warm_start = loaded.spec.search.warm_start
    if warm_start is not None:
        definition = with_prior(definition, warm_start, identity, fresh=fresh, note=note)
    return Prepared(loaded, definition, data, builder, identity)


def load_rows(loaded: LoadedSpec, *, note: Callable[[Note], None] = lambda note: None) -> tuple[Definition, Dataset]:
    """What is searched, and its rows; what lies in a bucket is staged to this machine first.

    Raises:
        EngineError: the data cannot be used.
        CloudNasError: a bucket cannot be read.
    """
    from local_engine.data import load

    places = loaded.spec.targets
    definition = staged(definition_of(loaded), region=places.sagemaker.region, project=places.vertex.project, note=note)
    return definition, load(definition.data, definition.task, note=note)


def load_model_function(definition: Definition, data: Dataset, model: Any = None) -> Builder:
    """The model's function, from its file or as handed over."""
    from local_engine.space.builder import Builder, DataShape, builder_of

    if model is not None:
        return Builder.of(model, shape=DataShape(data.input_shape, data.num_classes))
    return builder_of(definition, data)


def travelling_code(definition: Definition, builder: Builder) -> str:
    """The sha256 of all code that a trial runs: the model's, what is included, callbacks in files of their own."""
    files = set(code_files(definition))
    root = Path(definition.code.root) if definition.code.root else None
    return code_sha256(builder.sha256(), [(_name(file, root), file) for file in files])


def code_files(definition: Definition) -> Iterator[Path]:
    """What the spec itself names: what is included, and callbacks' files."""
    yield from _included(definition)
    yield from _callback_files(definition)


def _included(definition: Definition) -> Iterator[Path]:
    root = Path(definition.code.root or ".")
    for entry in definition.code.include:
        found = [root / entry] if (root / entry).is_file() else (root / entry).rglob("*")
        yield from (path for path in found if path.is_file() and not _NOT_CODE & set(path.parts))


def _callback_files(definition: Definition) -> Iterator[Path]:
    for callback in definition.train.callbacks:
        file, colon, _ = callback.name.rpartition(":")
        if colon:
            yield Path(file)


def _name(file: Path, root: Path | None) -> str:
    """A file's name as it travels: relative to the spec's folder where it lies there."""
    return file.relative_to(root).as_posix() if root is not None and file.is_relative_to(root) else file.name
