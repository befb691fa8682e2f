"""A trained candidate written as an artifact folder: the model, its metrics, the user's code where it needs it, the manifest."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_engine import files
from local_engine.definition import Definition
from local_engine.training import composing, estimators, manifest
from local_engine.training.curve import Curve
from local_engine.training.encoding import Encoding
from local_engine.training.turn import Turn

MODEL = "model.keras"
METRICS = "metrics.json"
CODE = "code"


def write_keras(turn: Turn, model: Any, encoding: Encoding) -> bool:
    """Writes `model.keras`: raw rows in, the preprocessing inside. Whether loading it needs the user's code."""
    composed = composing.compose(turn.data.preprocessing.raw_inputs(), encoding.encoder, model)
    composing.save(composed, turn.folder / MODEL)
    return composing.needs_code(turn.folder / MODEL)


def write_estimator(turn: Turn, estimator: Any, encoding: Encoding) -> bool:
    """Writes `model.skops` and, beside it, the preprocessing. Whether loading it needs the user's code."""
    estimators.save(estimator, turn.folder / estimators.NAME)
    composing.save(encoding.encoder, turn.folder / estimators.PREPROCESSING)
    return any(not estimators.is_known_type(name) for name in estimators.untrusted_types(turn.folder / estimators.NAME))


def write_metrics(turn: Turn, curve: Curve, *, best_epoch: int, value: float, extra: Mapping[str, Any] | None = None) -> None:
    """Writes `metrics.json`: every epoch, the best one and the objective's value there."""
    objective = turn.definition.objective
    content = {
        "epochs": curve.to_json(),
        "best_epoch": best_epoch,
        "value": value,
        "objective": {"metric": objective.metric, "goal": objective.goal},
        **(extra or {}),
    }
    files.write_json(turn.folder / METRICS, content)


def write_manifest(turn: Turn, facts: Mapping[str, Any]) -> None:
    """Writes the manifest, last, and the user's code beside it where the model needs that to load."""
    code = turn.folder / CODE
    shutil.rmtree(code, ignore_errors=True)
    if facts["custom_objects"]:
        copy_code(turn.builder.contents, _base(turn.definition), code)
    own = {
        "seed": turn.seed,
        "params": dict(turn.hp.values),
        "builder": {"file": _inside(turn.definition), "name": turn.definition.space.name},
        "fit": "train+validation" if turn.is_final else "train",
    }
    manifest.write(
        turn.folder, manifest.describe(turn.folder, turn.definition, turn.data, turn.builder.sha256(), {**facts, **own})
    )


def copy_code(contents: Mapping[Path, bytes], base: Path | None, folder: Path) -> None:
    """Writes the user's files, as they were imported, into `folder`, each at its path under `base`, the folder of imports."""
    for source, content in contents.items():
        path = Path(source).resolve()
        inside = path.relative_to(base) if base is not None and path.is_relative_to(base) else Path(path.name)
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_bytes(content)


def _base(definition: Definition) -> Path | None:
    """The folder that the model's file imports from: the code's root, where the file is in it, else its own folder."""
    if definition.space.file is None:
        return None
    file, root = Path(definition.space.file).resolve(), definition.code.root
    if root is not None and file.is_relative_to(Path(root).resolve()):
        return Path(root).resolve()
    return file.parent


def _inside(definition: Definition) -> str | None:
    """The model's file as it lies in `code/`."""
    base = _base(definition)
    if base is None or definition.space.file is None:
        return None
    return Path(definition.space.file).resolve().relative_to(base).as_posix()
