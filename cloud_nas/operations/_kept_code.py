"""The user's code as it was when a run trained: kept in the run's folder, beside a model, or unchanged where it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud_nas.errors import FailedError, RefusedError
from cloud_nas.models import loading
from cloud_nas.models.manifest import Manifest
from local_engine.definition import Callback, Definition, ModelSpace
from local_engine.files import read_json

_CODE = "code"


@dataclass(frozen=True)
class KeptCode:
    """Code to train with: the definition, whose paths lead to it, and whether this machine knows that it ran here."""

    definition: Definition
    trusted: bool


def kept_code(run: Path, model: Manifest, trusts: Callable[[str], bool], folder: Path) -> KeptCode:
    """The code that a trial was trained with; it is not imported.

    Args:
        run: the run's folder.
        model: the trial's manifest.
        trusts: says of a sha256 whether that code ran on this machine.
        folder: an empty folder, for a copy.

    Raises:
        FailedError: it is nowhere to be found.
    """
    definition, expected = model.definition, model.raw["code_sha256"]
    if definition.space.file is None:
        raise FailedError(
            "its model was handed over in a notebook", hint='hand it over again: cn.reproduce("RUN", model=function)'
        )
    in_place = sha256_in_place(definition) == expected
    kept = _kept_files(run)
    if kept and all(path.is_file() and path.read_bytes() == content for path, content in kept.items()):
        return KeptCode(definition, in_place or trusts(loading.code_of(run)))
    if kept:
        return KeptCode(_moved(definition, kept, folder), trusts(loading.code_of(run)))
    if in_place:  # versions before 0.2 kept code only beside models that need it to load
        return KeptCode(definition, True)
    beside = {path: path.read_bytes() for path in (model.folder / _CODE).rglob("*") if path.is_file()}
    if beside:
        base = _base(definition)
        found = {base / path.relative_to(model.folder / _CODE): content for path, content in beside.items()}
        return KeptCode(_moved(definition, found, folder), trusts(loading.code_of(model.folder)))
    raise FailedError(
        f"the code changed since, and no copy of it was kept: {definition.space.file}", hint="put it back as it was"
    )


def require_trust(kept: KeptCode, run_id: str) -> None:
    """Ends here where code would be imported that has not run on this machine.

    Raises:
        RefusedError: it has not, as far as the registry knows.
    """
    if not kept.trusted:
        hint = "--trust runs it; do that only where you know who wrote it"
        raise RefusedError(f"the code that {run_id} has kept is not known to have run on this machine", hint=hint)


def _kept_files(run: Path) -> dict[Path, bytes]:
    """The files that the run kept, by where they were."""
    index = run / _CODE / "index.json"
    if not index.is_file():
        return {}
    return {Path(path): (run / _CODE / name).read_bytes() for path, name in read_json(index).items()}


def sha256_in_place(definition: Definition) -> str | None:
    """The hash of the code where it lies now, as a manifest has it; None where it is gone."""
    from local_engine.space.sources import closure
    from local_engine.training.manifest import code_sha256

    file, base = Path(str(definition.space.file)).resolve(), _base(definition)
    if not file.is_file():
        return None
    return code_sha256(closure(file, list(dict.fromkeys([file.parent, base]))), str(base))


def _base(definition: Definition) -> Path:
    """The folder that the model's file imports from: the code's root, where the file is in it, else its own folder."""
    file = Path(str(definition.space.file)).resolve()
    root = None if definition.code.root is None else Path(definition.code.root).resolve()
    return root if root is not None and file.is_relative_to(root) else file.parent


def _moved(definition: Definition, contents: Mapping[Path, bytes], folder: Path) -> Definition:
    """The definition with its code in `folder`, where `contents` are written."""
    base = _base(definition)
    for path, content in contents.items():
        copy = folder / _inside(path, base)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    space = ModelSpace(str(folder / _inside(Path(str(definition.space.file)).resolve(), base)), definition.space.name)
    callbacks = tuple(_moved_callbacks(definition, base, folder))
    return dataclasses.replace(
        definition,
        space=space,
        train=dataclasses.replace(definition.train, callbacks=callbacks),
        code=dataclasses.replace(definition.code, root=str(folder)),
    )


def _moved_callbacks(definition: Definition, base: Path, folder: Path) -> Iterator[Callback]:
    for callback in definition.train.callbacks:
        file, colon, name = callback.name.rpartition(":")
        copy = folder / _inside((Path(definition.code.root or ".") / file).resolve(), base)
        yield dataclasses.replace(callback, name=f"{copy}:{name}") if colon and copy.is_file() else callback


def _inside(path: Path, base: Path) -> Path:
    return path.relative_to(base) if path.is_relative_to(base) else Path(path.name)
