"""Edge models, which the service writes into the bucket when it is asked to: as TensorFlow Lite, and as a SavedModel.

An export that was made before, by this machine or another, is found again by what it left.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cloud_nas.errors import FailedError, NotFoundError
from cloud_nas.targets.looking import or_none
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.objects import Object
from cloud_nas.targets.vertex.storage import Storage

FOLDER = "export/"
"""Below a job's own folder."""

SAVED = "saved_model"
"""The folder at home that a SavedModel comes into."""

_MOST = 1000
"""Files of an export that are downloaded at most."""

Note = Callable[[str], None]


@dataclass(frozen=True)
class Format:
    """A form of export: the service's name of it, and the file without which it is not whole."""

    name: str
    whole: str


TFLITE, SAVED_MODEL = Format("tflite", "model.tflite"), Format("tf-saved-model", "saved_model.pb")


def bring(client: Client, remote: Remote, model: dict[str, Any], folder: Path, note: Note) -> tuple[Path, ...]:
    """Has the model exported in both forms, where it has not been before, and downloads them.

    Returns:
        `model.tflite`, which names its classes, and the files below `saved_model/`.

    Raises:
        FailedError: the service exports no such model.
    """
    storage = Storage(remote.place)
    found = [
        storage.download(one.uri, folder / TFLITE.whole, note=note)
        for name, one in _exported(client, storage, remote, model, TFLITE, note).items()
        if name == TFLITE.whole
    ]
    if SAVED_MODEL.name in _formats(model):
        for name, one in _exported(client, storage, remote, model, SAVED_MODEL, note).items():
            found.append(storage.download(one.uri, folder / SAVED / _safe(name), note=note))
    return tuple(found)


def _exported(
    client: Client, storage: Storage, remote: Remote, model: dict[str, Any], wanted: Format, note: Note
) -> dict[str, Object]:
    """The objects of a whole export, by name below its folder: of the last that is there, or of one that is made now."""
    if wanted.name not in _formats(model):
        raise FailedError(f"the service does not export the model of {remote.run_id} as {wanted.name}", hint=_HINT)
    folder = f"{naming.own_uri(remote)}{FOLDER}{wanted.name}/"
    operation = _at_work(client, model, folder)
    found = None if operation else _whole(storage, folder, wanted)
    if found is None:
        note(f"the service exports the model as {wanted.name} into {folder}, which takes minutes; to end this loses nothing")
        output = {"exportFormatId": wanted.name, "artifactDestination": {"outputUriPrefix": folder}}
        operation = operation or client.call("ExportModel", {"name": model["name"], "outputConfig": output})
        done = client.wait_operation(str(operation["name"]))
        found = _whole(storage, f"{(_written_to(done) or folder).rstrip('/')}/", wanted)
    if found is None:
        raise NotFoundError(f"the service exported no {wanted.whole} into {folder}", hint="fetch again")
    return found


def _at_work(client: Client, model: dict[str, Any], folder: str) -> dict[str, Any] | None:
    """The operation that exports into a folder at this moment, where Google tells of one."""
    operations = or_none(lambda: client.operations(model["name"])) or []
    return next((one for one in operations if not one.get("done") and _written_to(one).startswith(folder)), None)


def _written_to(operation: dict[str, Any]) -> str:
    """Where an export writes; empty where it does not say."""
    return str(operation.get("metadata", {}).get("outputInfo", {}).get("artifactOutputUri", ""))


def _whole(storage: Storage, folder: str, wanted: Format) -> dict[str, Object] | None:
    """The objects of the last whole export below a folder; each export has a folder of its own, named after its time."""
    objects = list(itertools.islice(storage.list(folder), _MOST))
    whole = [one.uri for one in objects if one.uri.rpartition("/")[2] == wanted.whole]
    if not whole:
        return None
    base = max(whole).removesuffix(wanted.whole)
    return {one.uri.removeprefix(base): one for one in objects if one.uri.startswith(base) and not one.uri.endswith("/")}


def _formats(model: dict[str, Any]) -> list[str]:
    return [str(one.get("id", "")) for one in model.get("supportedExportFormats", ())]


def _safe(name: str) -> str:
    """A name below the export's folder as one below a folder here.

    Raises:
        FailedError: it is none.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or any(part in ("..", ".") or set(part) & set(":\\\0") for part in path.parts):
        raise FailedError(f"the export has a file of a name that is not taken: {name!r}")
    return path.as_posix()


_HINT = "what AutoML makes of tables, and its cloud models of images, can only be scored at the service: cloud-nas evaluate"
