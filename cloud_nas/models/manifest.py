"""The manifest of an artifact folder, read with care: it may come from anywhere. Needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast, get_args

from cloud_nas.errors import FailedError, NotFoundError, from_engine
from local_engine import files
from local_engine.definition import Definition
from local_engine.errors import EngineError
from local_engine.training import manifest as engine

NAME = engine.NAME
Output = Literal["probabilities", "logits", "raw", "values"]
PREPROCESSING = "preprocessing.keras"
"""What makes an estimator's rows of raw ones; a Keras model has it inside."""
_MODEL_FILES = {"keras": "model.keras", "estimator": "model.skops"}


@dataclass(frozen=True)
class Manifest:
    """What an artifact says of itself.

    `files` maps each file's path inside the folder to its sha256. `kind` is what saved the model. `rows_sha256` is of the
    held-out rows' features, None where the data had none. `raw` is all of it, for showing.
    """

    folder: Path
    files: Mapping[str, str]
    kind: Literal["keras", "estimator"]
    output: Output
    definition: Definition
    data_fingerprint: str
    rows_sha256: str | None
    classes: tuple[str, ...] | None
    inputs: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def model_file(self) -> Path:
        """The file with the model."""
        return self.folder / _MODEL_FILES[self.kind]

    @property
    def loaded(self) -> dict[str, str]:
        """The files that are loaded to predict, code apart, and the sha256 of each."""
        names = (self.model_file.name, *((PREPROCESSING,) if self.kind == "estimator" else ()))
        return {name: self.files[name] for name in names}

    @property
    def model_sha256(self) -> str:
        """What the model's file should hash to."""
        return self.files[_MODEL_FILES[self.kind]]

    @property
    def overlap(self) -> tuple[int, int] | None:
        """How many of the held-out rows are also in training or validation, and of how many; None where it does not say."""
        data = self.raw["data"]
        rows = data.get("rows")
        count, held_out = data.get("overlap"), rows.get("test") if isinstance(rows, dict) else None
        return (count, held_out) if isinstance(count, int) and isinstance(held_out, int) else None


def read(folder: Path) -> Manifest:
    """The manifest of the artifact in `folder`.

    Raises:
        NotFoundError: there is no such folder, or no manifest in it.
        FailedError: it cannot be read, is of a newer version, or is not what a manifest is.
    """
    if not (folder / NAME).is_file():
        raise NotFoundError(f"no model in {folder}", hint="a model is a folder with a manifest.json, a RUN, or RUN/TRIAL")
    try:
        raw = engine.read(folder)
        return _checked(folder.absolute(), raw)
    except EngineError as error:
        raise from_engine(error) from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise FailedError(f"{folder / NAME} is not a manifest: {error}") from error


def list_file(folder: Path, name: str) -> None:
    """Writes the sha256 of a file that was added to the artifact into its manifest."""
    raw = files.read_json(folder / NAME)
    path = folder / name
    raw["files"][name] = {"sha256": files.sha256_of(path), "bytes": path.stat().st_size}
    files.write_json(folder / NAME, raw)


def _checked(folder: Path, raw: dict[str, Any]) -> Manifest:
    """The manifest's entries, each of the kind it has to be."""
    listed = {_inside(name): _text(entry["sha256"]) for name, entry in raw["files"].items()}
    kind, output, classes, held_out = raw["kind"], raw["output"], raw["classes"], raw["held_out"]
    if kind not in _MODEL_FILES or _MODEL_FILES[kind] not in listed:
        raise ValueError("it lists no model")
    if kind == "estimator" and PREPROCESSING not in listed:
        raise ValueError(f"it lists no {PREPROCESSING}")
    if raw["builder"]["file"] is not None:
        _inside(raw["builder"]["file"])  # the engine imports it from the folder `code`
    if output not in get_args(Output):
        raise ValueError(f"outputs of a kind {output!r} are not known")
    return Manifest(
        folder=folder,
        files=listed,
        kind=kind,
        output=output,
        definition=Definition.from_json(raw["definition"]),
        data_fingerprint=_text(raw["data"]["fingerprint"]),
        rows_sha256=None if held_out is None else _text(held_out["sha256"]),
        classes=None if classes is None else tuple(_text(name) for name in classes),
        inputs=cast(dict[str, Any], raw["inputs"]),
        raw=raw,
    )


def _inside(name: Any) -> str:
    """A path that stays inside the folder."""
    path = PurePosixPath(_text(name))
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise ValueError(f"it lists {name!r}, which is outside the folder")
    return str(path)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def to_json(manifest: Manifest) -> dict[str, Any]:
    """What `show` prints of a manifest: all but the definition and the list of files."""
    shown = {key: value for key, value in manifest.raw.items() if key not in ("definition", "files", "inputs")}
    return shown | {"inputs": manifest.inputs.get("kind"), "classes": manifest.classes and list(manifest.classes)}
