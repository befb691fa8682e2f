"""A plan carried out: the rows and the code uploaded, the job made once, whatever happens on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from cloud_nas.errors import RefusedError, UnreachableError
from cloud_nas.targets import travel
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.remote import Remote
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.data_set import DataSet, filled
from cloud_nas.targets.vertex.jobs import KINDS, NONCE, labelled
from cloud_nas.targets.vertex.sent import Sent, looked_for
from cloud_nas.targets.vertex.storage import Storage
from cloud_nas.targets.vertex.uploads import check_bucket, upload

_JOB = "job"


def submit(plan: Plan, *, note: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> Remote:
    """Makes the job of a plan, or finds it.

    Google gives resources names of its own and would make a second job of the same request. So a job is looked for by the label
    of its run before it is made, and again where Google did not answer; it is ours where its labels carry the plan's nonce.

    Raises:
        RefusedError: another job has the name; a quota; the bucket.
    """
    assert plan.name is not None
    client, sent = Client(plan.place), Sent(plan.name)
    found = _found(client, plan)
    if found is None and sent.about(_JOB) is not None:
        found = looked_for(lambda: _found(client, plan), sleep=sleep)
    if found is None:
        send(Storage(plan.place), plan, note=note)
        *before, create = plan.requests
        data_set = DataSet(client, plan, sent, note=note, sleep=sleep).made(before) if before else None
        found = _made(client, plan, filled(create, data_set), sleep)
    return Remote(plan.name.run_id, plan.name.attempt, str(found["name"]), plan.name.nonce, plan.place)


def send(storage: Storage, plan: Plan, *, note: Callable[[str], None] = lambda text: None) -> None:
    """Uploads all that a plan lists; wheels that it can only name are fetched from the user's package index first."""
    check_bucket(storage, plan.place, note=note)
    upload(storage, travel.with_wheels(plan.uploads), note=note)


def _made(client: Client, plan: Plan, create: Request, sleep: Callable[[float], None]) -> Mapping[str, Any]:
    """The job, made by one call; where nobody answered that, the one that is there by now."""
    assert plan.name is not None
    sent = Sent(plan.name)
    sent.note(_JOB)
    try:
        return client.call(create.operation, create.body)
    except UnreachableError:
        found = _found_after_all(client, plan, sleep)
        if found is None:
            raise
        return found


def _found_after_all(client: Client, plan: Plan, sleep: Callable[[float], None]) -> Mapping[str, Any] | None:
    """The job of a call that nobody answered; where that cannot be told, the call's own error stands."""
    try:
        return looked_for(lambda: _found(client, plan), sleep=sleep)
    except UnreachableError:
        return None


def _found(client: Client, plan: Plan) -> Mapping[str, Any] | None:
    """The plan's job, where it was made.

    Raises:
        RefusedError: a job of this run and attempt is there, and it is not ours.
    """
    name = plan.name
    assert name is not None
    kind = KINDS[str(plan.place["kind"])]
    found = [
        one for one in labelled(client, kind, f"labels.{naming.LABEL}run={name.run_id}") if one.get("displayName") == name.remote
    ]
    ours = [one for one in found if one.get("labels", {}).get(NONCE) == name.nonce]
    if found and not ours:
        raise RefusedError(
            f"there is a job {name.remote} that is not this run's", hint="cloud-nas submit --new makes a run of another name"
        )
    return min(ours, key=lambda one: str(one.get("createTime", "")), default=None)
