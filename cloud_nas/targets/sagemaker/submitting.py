"""A plan carried out: the rows and the code uploaded, the job made once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.errors import NotFoundError, RefusedError, UnreachableError
from cloud_nas.targets import travel
from cloud_nas.targets.plan import Plan
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.sagemaker import naming
from cloud_nas.targets.sagemaker.client import Client, ServiceError
from cloud_nas.targets.sagemaker.jobs import describe
from cloud_nas.targets.sagemaker.uploads import check_bucket, upload

_TAKEN = ("ResourceInUse", "ResourceInUseException")


def submit(plan: Plan, *, note: Callable[[str], None]) -> Remote:
    """Makes the job of a plan, or finds it.

    A name is of one attempt at one run, and AWS refuses it a second time; a job is ours where its tags carry the plan's nonce.
    So it is looked for before it is made, and again where AWS did not answer.

    Raises:
        RefusedError: the name is somebody else's job; a quota; the bucket.
    """
    assert plan.name is not None
    client = Client(plan.place["region"])
    remote = Remote(plan.name.run_id, plan.name.attempt, plan.name.remote, plan.name.nonce, plan.place)
    if _is_there(client, remote):
        return remote
    send(client, plan, note=note)
    (request,) = plan.requests
    try:
        client.call(request.service, request.operation, **request.body)
    except ServiceError as error:
        if error.service_code not in _TAKEN or not _is_there(client, remote):
            raise
    except UnreachableError:
        if not _was_made(client, remote):
            raise
    return remote


def send(client: Client, plan: Plan, *, note: Callable[[str], None] = lambda text: None) -> None:
    """Uploads all that a plan lists; wheels that it can only name are fetched from the user's package index first."""
    check_bucket(client, plan.place)
    upload(client, plan.place, travel.with_wheels(plan.uploads), note=note)


def _is_there(client: Client, remote: Remote) -> bool:
    """Whether the job was made.

    Raises:
        RefusedError: a job of this name is there, and it is not ours.
    """
    try:
        found = describe(client, remote)
    except NotFoundError:
        return False
    if _tags(client, arn_of(found)).get(f"{naming.TAG}nonce") != remote.nonce:
        raise RefusedError(
            f"there is a job {remote.name} that is not this run's", hint="cloud-nas submit --new makes a run of another name"
        )
    return True


def _was_made(client: Client, remote: Remote) -> bool:
    """Whether the job was made by a call that nobody answered; where that cannot be told, the call's own error stands."""
    try:
        return _is_there(client, remote)
    except UnreachableError:
        return False


def arn_of(found: Mapping[str, Any]) -> str:
    """The ARN in a description of a job."""
    return str(next(found[key] for key in ("HyperParameterTuningJobArn", "TrainingJobArn", "AutoMLJobArn") if found.get(key)))


def _tags(client: Client, arn: str) -> dict[str, str]:
    pages = client.pages("sagemaker", "ListTags", ResourceArn=arn)
    return {one["Key"]: one["Value"] for page in pages for one in page.get("Tags", ())}
