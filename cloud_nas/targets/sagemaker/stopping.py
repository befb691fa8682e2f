"""Ending jobs: asking may be repeated, and a job that has ended is left alone."""

from __future__ import annotations

from cloud_nas.errors import CredentialsError, FailedError, NotFoundError, UnreachableError
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker.client import Client
from cloud_nas.targets.sagemaker.jobs import ENDED, describe, kind_of


def cancel(remote: Remote) -> None:
    """Asks AWS to stop a job.

    Raises:
        NotFoundError: there is no such job.
    """
    client, kind = Client(str(remote.place["region"])), kind_of(remote)
    try:
        client.call("sagemaker", kind.stop, **{kind.named: remote.name})
    except CredentialsError:
        raise
    except (FailedError, UnreachableError, NotFoundError):
        if describe(client, remote)[kind.status] not in ENDED | {"Stopping"}:
            raise
