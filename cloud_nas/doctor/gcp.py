"""Whether jobs can be sent to Google: the login, the API, the bucket, the account, the quotas. Looks, and makes nothing.

What somebody may not look at is no problem in itself: the job may be allowed what its submitter is not.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_nas.doctor.finding import Finding
from cloud_nas.doctor.google_quotas import DEFAULTS, metrics, quota
from cloud_nas.errors import CloudNasError, CredentialsError, MissingExtraError
from cloud_nas.spec.google_machines import LOCATIONS, gpu_problem, machine_problem
from cloud_nas.targets.vertex import cost, prices
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.images import training_image
from cloud_nas.targets.vertex.storage import Storage
from cloud_nas.targets.vertex.uploads import check_bucket

API = "aiplatform.googleapis.com"
_SPEC = "cloud-nas doctor gcp --spec SPEC looks at the bucket, the account and the quotas of a spec"
_ACT = "iam.serviceAccounts.actAs"


def look(place: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """All there is to say of Google.

    Args:
        place: `targets.vertex` of a spec; None: only the login, the project, the location and the API are looked at.
    """
    return tuple(_look({} if place is None else place))


def _look(place: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        client = Client(place)
    except MissingExtraError as error:
        yield Finding("google-cloud-aiplatform", False, "not installed", error.hint)
        return
    except CloudNasError as error:
        yield Finding("configuration", False, error.message, error.hint)
        return
    yield Finding("google-cloud-aiplatform", True, importlib.metadata.version("google-cloud-aiplatform"))
    yield Finding("project", True, client.project)
    known = client.location in LOCATIONS
    told = client.location if known else f"{client.location} is no location that is known here"
    yield Finding("location", known, told, None if known else "targets: {vertex: {location: europe-west4}}")
    try:
        client.call("ListCustomJobs", {"parent": client.parent, "pageSize": 1})
    except CloudNasError as error:
        yield _unanswered(client, error)
        return
    yield Finding("vertex", True, f"it answers in {client.location}, and the login may list jobs")
    if not place.get("bucket"):
        yield Finding("spec", None, "no bucket is named", _SPEC)
        return
    whole = {**place, "project": client.project, "location": client.location}
    yield _bucket(whole)
    yield from _account(client, whole)
    yield _image(whole)
    yield from _machine(whole)
    yield from _quotas(client, whole)
    yield _price(whole)


def _unanswered(client: Client, error: CloudNasError) -> Finding:
    """Nobody is logged in, the API is off, or the login is not allowed to."""
    if "has not been used in project" in error.message or "it is disabled" in error.message:
        hint = f"gcloud services enable {API} --project={client.project}"
        return Finding("vertex", False, f"its API is not enabled in {client.project}", hint)
    name = "login" if isinstance(error, CredentialsError) else "vertex"
    return Finding(name, False, error.message, error.hint)


def _bucket(place: Mapping[str, Any]) -> Finding:
    notes: list[str] = []
    try:
        check_bucket(Storage(place), place, note=notes.append)
    except CloudNasError as error:
        return Finding("bucket", False, error.message, error.hint)
    if notes:
        return Finding("bucket", None, notes[0], "storage.buckets.get is what it takes")
    return Finding("bucket", True, f"{place['bucket']} is in {place['location']}, alone")


def _account(client: Client, place: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the login may start jobs as the account; whether the account may do enough is not asked."""
    account = place.get("service_account")
    if not account:
        yield Finding("account", None, "the service's own, which reaches buckets of its project")
        return
    path = f"v1/projects/-/serviceAccounts/{account}:testIamPermissions"
    try:
        found = client.post_json(client.url("iam.googleapis.com", path), {"permissions": [_ACT]})
    except CloudNasError as error:
        yield Finding("account", None, f"{account}: not known ({error.message})", f"{_ACT} is what it takes")
        return
    if _ACT in (found or {}).get("permissions", ()):
        yield Finding("account", True, f"{account}: the login may start jobs as it")
    else:
        hint = (
            f"gcloud iam service-accounts add-iam-policy-binding {account} --member=user:YOU --role=roles/iam.serviceAccountUser"
        )
        yield Finding("account", False, f"{account}: the login may not start jobs as it", hint)


def _image(place: Mapping[str, Any]) -> Finding:
    try:
        image = training_image(place.get("image"), place.get("accelerator"), "vertex")
    except CloudNasError as error:
        return Finding("image", False, error.message, error.hint)
    return Finding("image", None if place.get("image") else True, f"your own: {image}" if place.get("image") else image)


def _machine(place: Mapping[str, Any]) -> Iterator[Finding]:
    machine, gpu = str(place["machine"]), place.get("accelerator")
    found = machine_problem(machine, gpu) or (gpu_problem(machine, gpu, place.get("accelerators")) if gpu else None)
    if found is not None:
        yield Finding("machine", False, *found)


def _quotas(client: Client, place: Mapping[str, Any]) -> Iterator[Finding]:
    """How much may train at once of what a job needs; new projects begin with little of most, and without some GPUs."""
    at_once = int(place["parallel"])
    for metric, each in metrics(place):
        wanted = each * at_once
        try:
            found = quota(client, metric)
        except CloudNasError as error:
            usual = DEFAULTS.get(metric)
            said = "" if usual is None else f"; {usual} unless asked for, and {wanted} are needed"
            yield Finding(
                "quota", None, f"{metric}: not known ({error.message}){said}", "serviceusage.quotas.get is what it takes"
            )
            continue
        hint = f"ask for more: https://console.cloud.google.com/iam-admin/quotas?project={client.project} ({metric})"
        if found is None:
            yield Finding("quota", None, f"{metric}: this project has no quota of that name in {client.location}")
        elif found < 0:
            yield Finding("quota", True, f"{metric}: without a limit")
        elif found < wanted:
            yield Finding("quota", False, f"{metric}: {found}, and {wanted} are to train at once", hint)
        else:
            yield Finding("quota", True, f"{metric}: {found}, of which {wanted} are to train at once")


def _price(place: Mapping[str, Any]) -> Finding:
    location, machine = str(place["location"]), str(place["machine"])
    try:
        what = cost.missing(place)
        known = None if what else prices.find(location, machine)
    except CloudNasError as error:
        return Finding("price", False, error.message, error.hint)
    if known is None:
        return Finding("price", None, f"of {what} in {location}: not known", prices.way_out(location, str(what)))
    return Finding("price", True, f"{machine}: {known.words()}")
