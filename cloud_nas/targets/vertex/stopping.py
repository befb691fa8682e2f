"""Ending jobs: asking may be repeated, and a job that has ended is left alone."""

from __future__ import annotations

import dataclasses

from cloud_nas.errors import CredentialsError, FailedError, NotFoundError, UnreachableError
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import ENDED, describe, kind_of

_ENDING = frozenset({"JOB_STATE_CANCELLING", "PIPELINE_STATE_CANCELLING"})


def cancel(remote: Remote) -> None:
    """Asks Google to stop a job.

    Raises:
        NotFoundError: there is no such job.
    """
    client = Client(remote.place)
    if not remote.name.startswith("projects/"):
        remote = dataclasses.replace(remote, name=str(describe(client, remote)["name"]))
    try:
        client.call(kind_of(remote).cancel, {"name": remote.name})
    except CredentialsError:
        raise
    except (FailedError, UnreachableError, NotFoundError):
        if describe(client, remote).get("state") not in ENDED | _ENDING:
            raise
