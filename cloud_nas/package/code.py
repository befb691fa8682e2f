"""The code as a parcel: the engine's source, the user's files, the definition; beside it the wheels that the image lacks.

sourcedir.tar.gz          what AWS's toolkit unpacks
    train.py              begins the container's work
    job.json              what kind of job it is, and how long it may take
    definition.json       what is searched; it names nothing of this machine
    space.json            the space, for a trial
    local_engine/         the engine
    user/                 the user's code
    requirements.txt      only where the spec asks for packages
wheels/                   what comes when the parcel is sent
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import local_engine
from cloud_nas.package import wheels
from cloud_nas.package.archive import write_archive
from cloud_nas.package.cache import key_of, made
from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.package.portable import USER, portable
from cloud_nas.package.user_files import UserFiles
from local_engine.definition import Definition

if TYPE_CHECKING:
    from local_engine.space.flat import Space

ARCHIVE = "sourcedir.tar.gz"
Container = Literal["sagemaker", "vertex"]
"""Whose contract `train.py` keeps: a module of `local_engine.containers`."""

SCHEMA = 1
_TRAIN = "from local_engine.containers.{container} import main\n\nmain()\n"


@dataclass(frozen=True)
class Cargo:
    """What goes into the parcel.

    Attributes:
        kind: `trial`: the place proposes and our trainer trains; `engine`: the whole search.
        definition: as at home.
        files: the user's.
        fingerprint: of the data.
        max_runtime: seconds that the container may take.
        space: the space, for a trial.
        with_wheels: whether the image lacks what it lacks; not in a rehearsal, which uses what is installed here.
        container: the one that it is packed for.
    """

    kind: Literal["trial", "engine"]
    definition: Definition
    files: UserFiles
    fingerprint: str
    max_runtime: float
    space: Space | None = None
    with_wheels: bool = True
    container: Container = "sagemaker"


def pack(cargo: Cargo) -> Parcel:
    """The parcel, written into the cache unless it is there.

    Raises:
        RefusedError: a file that would travel holds what looks like a secret.
        UsageError: two files would travel by one name.
    """
    later = wheels.needed(needs_of(cargo), cargo.container) if cargo.with_wheels else ()
    contents = archive_of(cargo, later)
    key = key_of({name: hashlib.sha256(content).hexdigest() for name, content in contents.items()})
    return made("code", key, lambda folder: write_archive(folder / ARCHIVE, contents), later=later)


def needs_of(cargo: Cargo) -> tuple[wheels.Need, ...]:
    """What an image may lack: Optuna for the search; skops where the user's code has to do with estimators; and so on.

    Images have not all the same: what one of them has, its lock has no wheels of.
    """
    estimators = any(b"sklearn" in content for content in cargo.files.contents.values())
    frames = any(b"pandas" in content for content in cargo.files.contents.values())
    needs: dict[wheels.Need, bool] = {
        "optuna": cargo.kind == "engine",
        "skops": estimators,
        "scikit-learn": estimators,
        "pandas": frames or not cargo.definition.task.startswith("image"),
        "keras": True,
    }
    return tuple(name for name, wanted in needs.items() if wanted)


def archive_of(cargo: Cargo, later: tuple[ParcelFile, ...]) -> dict[str, bytes]:
    """The files of the archive: path to content."""
    job: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": cargo.kind,
        "max_runtime": cargo.max_runtime,
        "fingerprint": cargo.fingerprint,
        "wheels": [one.path.rpartition("/")[2] for one in later],
    }
    if cargo.container == "vertex":  # whose containers fetch their wheels themselves
        job["hashes"] = {one.path.rpartition("/")[2]: one.sha256 for one in later}
    definition = portable(cargo.definition, cargo.files.name_of)
    contents = {
        "train.py": _TRAIN.format(container=cargo.container).encode(),
        "job.json": _json(job),
        "definition.json": _json(definition.to_json()),
    }
    if cargo.space is not None:
        contents["space.json"] = _json(cargo.space.to_json())
    if cargo.definition.code.requirements:
        contents["requirements.txt"] = "".join(f"{one}\n" for one in cargo.definition.code.requirements).encode()
    users = {f"{USER}/{name}": content for name, content in cargo.files.contents.items()}
    return {**contents, **_engine(), **users}


@functools.cache
def _engine() -> Mapping[str, bytes]:
    """The engine's source, as it is installed here."""
    root = Path(str(local_engine.__file__)).parent
    return {f"{root.name}/{path.relative_to(root).as_posix()}": path.read_bytes() for path in sorted(root.rglob("*.py"))}


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
