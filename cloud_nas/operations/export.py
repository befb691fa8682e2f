"""`export`: a model in the form that another program takes, and what that changes of its answers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from cloud_nas.errors import CloudNasError, FailedError, RefusedError, UsageError
from cloud_nas.models.apart import ApartModel
from cloud_nas.models.evaluate import own_data
from cloud_nas.models.loading import code_of
from cloud_nas.models.predict import read
from cloud_nas.operations._engine import in_our_words
from cloud_nas.operations._models import load_model
from cloud_nas.runs.registry import Registry
from local_engine.errors import DataError

if TYPE_CHECKING:
    from cloud_nas.models.loading import LoadedModel
    from local_engine.data import Part

Form = Literal["keras", "savedmodel", "tflite", "onnx"]
FORMS: tuple[str, ...] = get_args(Form)
CHECKED = 1024
"""Rows that an exported model is checked on, at most."""


@dataclass(frozen=True)
class Exported:
    """What was written. `rows` it was checked on (0: not checked), `difference` the largest of any output to the model's own."""

    model: str
    to: Form
    path: Path
    files: tuple[str, ...]
    bytes: int
    rows: int = 0
    difference: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The keys that `export --json` promises."""
        return vars(self) | {"path": str(self.path), "files": list(self.files)}


def export(
    model: str | Path,
    to: Form,
    *,
    out: str | os.PathLike[str] | None = None,
    check: bool = False,
    data: str | Path | None = None,
    trust: bool = False,
) -> Exported:
    """Writes a model as `keras`, `savedmodel`, `tflite` or `onnx`, each by the converter that its owners keep.

    The model is loaded and converted in a process of its own, without network or credentials, as a stranger's is.

    Args:
        model: an artifact folder, a RUN or RUN/TRIAL.
        to: the form.
        out: the new folder; `./NAME-FORM` when None.
        check: run what was written on held-out rows, and tell the largest difference.
        data: raw rows to check on, and for converters that have to see the model called; None: those that were held out.
        trust: load the model's own code although it has not run on this machine.

    Raises:
        NotFoundError: there is no such model.
        UsageError: no such form, or no rows to call the model with.
        FailedError: the model has no such form, or what was written does not run.
        RefusedError: the folder is there, or the model is not safe to load.
        MissingExtraError: the converter is not installed.
    """
    if to not in FORMS:
        raise UsageError(f"no form {to}", hint=f"--to {', '.join(FORMS)}")
    folder = Path(out or f"{Path(model).name.replace('/', '-')}-{to}").expanduser().absolute()
    if folder.exists():
        raise RefusedError(f"{folder} is there already", hint="--out names another folder")
    with in_our_words():
        loaded = load_model(model, trust=trust)
        if loaded.manifest.kind == "estimator":
            hint = "skops loads the artifact's model.skops anywhere; preprocessing.keras beside it makes its rows of raw ones"
            raise FailedError("an estimator of scikit-learn has no such form", hint=hint)
        rows = _rows(loaded, data).head(CHECKED)
        if not rows.n:
            raise UsageError("there are no rows to call the model with", hint="--data FILE")
        difference = _apart(loaded, trust).exported(to, rows, folder, check=check)
    if check and difference is None:
        raise FailedError("what was written was not checked: its process gave no answer")
    files = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    size = sum((folder / name).stat().st_size for name in files)
    return Exported(str(model), to, folder, files, size, rows.n if check else 0, difference)


def _apart(model: LoadedModel, trust: bool) -> ApartModel:
    """The model in a process of its own, with what this machine knows of it."""
    if isinstance(model, ApartModel):
        return model
    manifest = model.manifest
    hashes = dict.fromkeys((*manifest.loaded.values(), code_of(manifest.folder)))
    with Registry() as registry:
        known = tuple(sha256 for sha256 in hashes if registry.trusts(sha256))
    return ApartModel(manifest, known, trust)


def _rows(model: LoadedModel, data: str | Path | None) -> Part:
    """Raw rows such as the model takes."""
    if data is not None:
        return read(model, str(data))
    try:
        own = own_data(model.manifest, model.manifest.definition.data.source)
    except (DataError, CloudNasError):
        own = None
    if own is None:
        raise UsageError("the data that the model was searched on are not here", hint="--data FILE names rows like them")
    return own.validation if own.test is None else own.test
