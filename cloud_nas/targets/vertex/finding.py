"""Our jobs at Google, by their labels: on a machine that knows nothing of them, and those that somebody forgot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.errors import CloudNasError, NotFoundError
from cloud_nas.targets.remote import Found, Remote, State
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import KINDS, labelled
from cloud_nas.targets.vertex.kept import place_of
from cloud_nas.targets.vertex.watching import refresh

_UNREACHABLE = "unreachable"
"""The note of a job that could not be looked at now; the next look tells its state."""


def find(place: Mapping[str, Any], *, owner: str | None, target: str) -> list[Found]:
    """The jobs of a target that carry our labels. A tuner's children may carry them too; they are of another kind.

    Args:
        place: where to look: `project` and `location`.
        owner: whose jobs; None: everybody's.
        target: the target.
    """
    client = Client(place)
    place = {**place, "project": client.project, "location": client.location}
    known = [(told, found) for told, found in _labelled(client, target) if owner in (None, told.get("owner"))]
    remotes = [
        Remote(
            told["run"],
            int(told["attempt"]),
            str(found["name"]),
            told.get("nonce", ""),
            place_of(found, place, told, data_set=lambda name: _data_set(client, name)),
        )
        for told, found in known
    ]
    states = refresh(remotes) if remotes else []
    return [_found(remote, state, told, found) for remote, state, (told, found) in zip(remotes, states, known, strict=True)]


def _labelled(client: Client, target: str) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """What the labels tell of each job, and the job."""
    kind = KINDS[target.partition(":")[2]]
    value = target.replace(":", "-")
    for found in labelled(client, kind, f"labels.{naming.LABEL}target={value}"):
        told = naming.told(found.get("labels", {}))
        ours = told.get("target") == target and found.get("displayName") == f"{told.get('run')}-{told.get('attempt')}"
        if ours and told["attempt"].isdigit():
            yield told, found


def _data_set(client: Client, name: str) -> dict[str, Any]:
    """What Google knows of a data set; nothing, where it is gone."""
    try:
        return client.call("GetDataset", {"name": name})
    except NotFoundError:
        return {}


def _found(remote: Remote, state: State | CloudNasError, told: Mapping[str, str], found: Mapping[str, Any]) -> Found:
    if isinstance(state, CloudNasError):
        state = State("running", note=_UNREACHABLE)
    return Found(
        remote=remote,
        target=told["target"],
        name=told.get("name", remote.run_id),
        owner=told.get("owner", ""),
        spec_sha256=told.get("spec", ""),
        identity=told.get("identity", ""),
        created_at=f"{str(found.get('createTime', ''))[:19]}Z",
        state=state,
    )
