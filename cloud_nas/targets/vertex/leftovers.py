"""What a run left at Google that is its own: objects below its folder, AutoML's data set and model.

What runs share by content is not among it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from cloud_nas.errors import NotFoundError, RefusedError
from cloud_nas.targets.remote import Left, Remote
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import PAGE
from cloud_nas.targets.vertex.storage import Storage

_RESOURCES = {"models": ("ListModels", "GetModel", "DeleteModel"), "datasets": ("ListDatasets", "GetDataset", "DeleteDataset")}
"""Operations on what AutoML leaves, in the order in which it is deleted."""


def left(remote: Remote) -> list[Left]:
    """The objects of all attempts at the run, and the resources that carry its label."""
    found = [Left(one.uri, one.bytes) for one in Storage(remote.place).list(_folder(remote))]
    return found + list(_resources(remote))


def remove(remote: Remote, left: Sequence[Left]) -> None:
    """Deletes objects below the run's folder, and resources that carry the run's label.

    Raises:
        RefusedError: one of them is not the run's; then none is deleted.
    """
    folder, storage = _folder(remote), Storage(remote.place)
    objects = [one.uri for one in left if one.uri.startswith("gs://")]
    strange = [uri for uri in objects if not uri.startswith(folder)]
    if strange:
        raise RefusedError(f"{strange[0]} is not in {folder}, so it is not deleted")
    resources = [one.uri for one in left if not one.uri.startswith("gs://")]
    if resources:
        _remove_resources(remote, resources)
    for one in [each for each in storage.list(folder) if each.uri in set(objects)] if objects else ():
        storage.delete(one)


def _resources(remote: Remote) -> Iterator[Left]:
    if remote.place.get("kind") != "automl":
        return
    client = Client(remote.place)
    condition = f"labels.{naming.LABEL}run={remote.run_id}"
    for kind, (listing, _, _) in _RESOURCES.items():
        for page in client.pages(listing, {"parent": client.parent, "filter": condition, "pageSize": PAGE}):
            yield from (Left(str(one["name"])) for one in page.get(kind, ()) if _is_ours(remote, one.get("labels", {})))


def _remove_resources(remote: Remote, names: Sequence[str]) -> None:
    client = Client(remote.place)
    kinds = {name: name.split("/")[-2] if name.count("/") else "" for name in names}
    for name, kind in kinds.items():
        if kind not in _RESOURCES or not name.startswith("projects/"):
            raise RefusedError(f"{name} is nothing that a run leaves, so it is not deleted")
        with contextlib.suppress(NotFoundError):
            found = client.call(_RESOURCES[kind][1], {"name": name})
            if not _is_ours(remote, found.get("labels", {})):
                raise RefusedError(f"{name} does not carry the label of {remote.run_id}, so it is not deleted")
    for kind, (_, _, delete) in _RESOURCES.items():
        for name in (one for one, its in kinds.items() if its == kind):
            with contextlib.suppress(NotFoundError):
                client.wait_operation(client.call(delete, {"name": name})["name"])


def _is_ours(remote: Remote, labels: dict[str, str]) -> bool:
    return naming.told(labels).get("run") == remote.run_id


def _folder(remote: Remote) -> str:
    return f"{naming.root(remote.place)}runs/{remote.run_id}/"
