"""The artifact's manifest: what the model is, what it was made of, and the sha256 of everything, so that it can be verified."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_engine import files
from local_engine.definition import Definition
from local_engine.errors import EngineError

if TYPE_CHECKING:
    from local_engine.data import Dataset

SCHEMA = 1
NAME = "manifest.json"
_PACKAGES = ("cloud-nas", "keras", "numpy", "optuna", "pandas", "pyarrow", "scikit-learn", "skops", "tensorflow")
# What belongs to training rather than to the artifact, or cannot hold its own sha256.
_NOT_LISTED = {NAME, "checkpoint.npz", "curve.jsonl", "log.txt", "predictions.parquet"}


def describe(folder: Path, definition: Definition, data: Dataset, code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of the artifact in `folder`.

    Args:
        folder: all files of the artifact but the manifest are there.
        definition: what was searched.
        data: what it was trained on.
        code: the sha256 of the user's files.
        facts: what the caller knows besides: kind, params, seed, epochs, output, custom_objects, ...
    """
    return {
        "schema": SCHEMA,
        **facts,
        "files": files_of(folder),
        "definition": definition.to_json(),
        "definition_sha256": definition.sha256(),
        "code_sha256": code,
        "data": {
            "fingerprint": data.fingerprint,
            "overlap": data.overlap,
            "rows": {
                "train": data.train.n,
                "validation": data.validation.n,
                "test": _held_out_rows(data),
            },
        },
        "held_out": held_out(data),
        "inputs": data.inputs.to_json(),
        "classes": list(data.classes) if data.classes is not None else None,
        "packages": packages(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "hardware": hardware(),
        "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes the manifest into the artifact's folder."""
    files.write_json(folder / NAME, dict(manifest))


def read(folder: Path) -> dict[str, Any]:
    """The manifest of the artifact in `folder`.

    Raises:
        EngineError: there is none, it cannot be read, or it is of a newer schema.
    """
    try:
        manifest = files.read_json(folder / NAME)
        schema = manifest["schema"]
    except FileNotFoundError:
        raise EngineError(f"{folder} holds no model: it has no {NAME}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{folder / NAME} cannot be read: {error}") from error
    if not isinstance(schema, int) or schema > SCHEMA:
        raise EngineError(f"this model has schema {schema!r}; this version reads up to {SCHEMA}", hint="use a newer cloud-nas")
    return dict(manifest)


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Relative path -> sha256 and bytes, of every file of the artifact."""
    return {
        path.relative_to(folder).as_posix(): {"sha256": files.sha256_of(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in _NOT_LISTED and not path.name.startswith(".")
    }


def code_sha256(code: Iterable[Path], root: str) -> str:
    """The sha256 over name (relative to the folder `root`) and content of each file; the same as `Builder.sha256` of them."""
    base = Path(root).resolve()
    named = [
        (path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name, path)
        for path in (Path(one).resolve() for one in code)
    ]
    digest = hashlib.sha256()
    for name, path in sorted(named):
        for part in (name.encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _held_out_rows(data: Dataset) -> int:
    if data.test is not None:
        return data.test.n
    return 0 if data.elsewhere is None else data.elsewhere.rows


_HELD_OUT: dict[tuple[str, str], str] = {}


def held_out(data: Dataset) -> dict[str, Any] | None:
    """How many held-out rows there are, here or at home, and the sha256 of their features (computed once a data set)."""
    if data.test is None:
        return None if data.elsewhere is None else dict(vars(data.elsewhere))
    key = (data.fingerprint, hashlib.sha256("\n".join(map(str, data.test.ids)).encode()).hexdigest())
    if key not in _HELD_OUT:
        _HELD_OUT[key] = data.test.sha256()
    return {"rows": data.test.n, "sha256": _HELD_OUT[key]}


def packages() -> dict[str, str]:
    """Versions of what a model's numbers depend on, of those that are installed."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """The processor, its cores, the GPUs that TensorFlow sees, and how many threads it uses for one operation."""
    import tensorflow as tf

    details = [tf.config.experimental.get_device_details(device) for device in tf.config.list_physical_devices("GPU")]
    names = [item.get("device_name", "GPU") for item in details]
    # 0 is TensorFlow's word for all that the process may use.
    threads = tf.config.threading.get_intra_op_parallelism_threads() or _environment_threads() or _cores()
    # Kernels that change a model's last digits; TensorFlow has them on by default.
    onednn = "off" if os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1") == "0" else "on"
    return {"cpu": _cpu(), "cores": os.cpu_count(), "threads": threads, "onednn": onednn, "gpus": names}


def _environment_threads() -> int:
    """What TF_NUM_INTRAOP_THREADS asks for, 0 where it is not set."""
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return int(asked) if asked.isdigit() else 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
