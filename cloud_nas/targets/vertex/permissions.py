"""What the caller, the jobs' account and Google's own agents have to be allowed, and the lines that grant it.

Written from Google's page of access control. A `role` is what one grants, `permissions` are what of it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_JOBS = {
    "automl": (
        ("datasets", "create delete get import list"),
        ("trainingPipelines", "cancel create get list"),
        ("customJobs", "list"),
    ),
    "tuning": (("hyperparameterTuningJobs", "cancel create get list"), ("customJobs", "get list")),
    "engine": (("customJobs", "cancel create get list"),),
}
_MODELS = (
    ("models", "delete export get list"),
    ("modelEvaluations", "get list"),
    ("batchPredictionJobs", "create get list"),
)
_OBJECTS = "create delete get list"
_AGENT, _CODE_AGENT = "gcp-sa-aiplatform", "gcp-sa-aiplatform-cc"
_NUMBER = "$(gcloud projects describe {project} --format='value(projectNumber)')"


def policies(kind: str, place: Mapping[str, Any]) -> dict[str, Any]:
    """What one kind of job (`automl`, `tuning`, `engine`) needs: of the `caller`, the jobs' `account`, Google's `agents`.

    Each is a list of grants: to whom, on what, which role, which of its permissions are used, and the line that grants it.

    Args:
        kind: of job.
        place: the settings of the place, whole.
    """
    return {
        "caller": list(_caller(kind, place)),
        "account": [] if kind == "automl" else list(_account(place)),
        "agents": list(_agents(kind, place)),
    }


def used(kind: str) -> list[str]:
    """The permissions of Vertex AI that a caller uses for a kind of job, ascending."""
    told = (*_JOBS[kind], *(_MODELS if kind == "automl" else ()))
    return sorted(f"aiplatform.{what}.{verb}" for what, verbs in told for verb in verbs.split())


def _caller(kind: str, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield _on_project(place, "user:YOU", "roles/aiplatform.user", used(kind))
    yield _on_bucket(place, "user:YOU", "roles/storage.objectAdmin", [f"storage.objects.{verb}" for verb in _OBJECTS.split()])
    yield _on_bucket(place, "user:YOU", "roles/storage.legacyBucketReader", ["storage.buckets.get", "storage.objects.list"])
    yield _on_project(place, "user:YOU", "roles/logging.viewer", ["logging.logEntries.list"])
    quotas = ["serviceusage.quotas.get"]
    yield _on_project(place, "user:YOU", "roles/servicemanagement.quotaViewer", quotas, when="`doctor gcp` is to look at quotas")
    account = place.get("service_account")
    if account and kind != "automl":
        act = "iam.serviceAccounts.actAs"
        line = f"gcloud iam service-accounts add-iam-policy-binding {account} --project={_project_of(account, place)}"
        yield _grant("user:YOU", str(account), "roles/iam.serviceAccountUser", [act], line)


def _account(place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What runs the jobs: the named account; else the service's own, which reaches buckets of its project by itself."""
    account = place.get("service_account")
    if account:
        member, verbs = f"serviceAccount:{account}", _OBJECTS.split()
        yield _on_bucket(place, member, "roles/storage.objectAdmin", [f"storage.objects.{verb}" for verb in verbs])
        yield _on_project(place, member, "roles/logging.logWriter", ["logging.logEntries.create"])
    else:
        yield _on_bucket(
            place,
            _agent(place, _CODE_AGENT),
            "roles/storage.objectAdmin",
            [f"storage.objects.{verb}" for verb in _OBJECTS.split()],
            when="the bucket is of another project",
        )


def _agents(kind: str, place: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    main = _agent(place, _AGENT)
    if kind == "automl":
        verbs = ["storage.objects.get", "storage.objects.list"]
        yield _on_bucket(place, main, "roles/storage.objectViewer", verbs)
        when = "models are exported, or rows are predicted there"
        yield _on_bucket(place, main, "roles/storage.objectCreator", ["storage.objects.create"], when=when)
    image = place.get("image")
    repository = None if kind == "automl" else _repository(image)
    if repository is not None and repository[0] != place["project"]:
        project, location, name = repository
        for agent in (main, _agent(place, _CODE_AGENT)):
            line = f"gcloud artifacts repositories add-iam-policy-binding {name} --project={project} --location={location}"
            read = ["artifactregistry.repositories.downloadArtifacts"]
            yield _grant(agent, f"{project}/{location}/{name}", "roles/artifactregistry.reader", read, line)
    account = place.get("service_account")
    if account and kind != "automl" and _project_of(account, place) != place["project"]:
        line = f"gcloud iam service-accounts add-iam-policy-binding {account} --project={_project_of(account, place)}"
        token = ["iam.serviceAccounts.getAccessToken"]
        yield _grant(main, str(account), "roles/iam.serviceAccountTokenCreator", token, line)
    key = place.get("kms_key")
    if key:
        _, project, _, location, _, ring, _, name = str(key).split("/")
        line = f"gcloud kms keys add-iam-policy-binding {name} --project={project} --location={location} --keyring={ring}"
        use = ["cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"]
        for agent in (main, _agent(place, "gs-project-accounts")):
            yield _grant(agent, str(key), "roles/cloudkms.cryptoKeyEncrypterDecrypter", use, line)


def _on_project(
    place: Mapping[str, Any], member: str, role: str, permissions: list[str], *, when: str | None = None
) -> dict[str, Any]:
    line = f"gcloud projects add-iam-policy-binding {place['project']}"
    return _grant(member, f"projects/{place['project']}", role, permissions, line, when=when)


def _on_bucket(
    place: Mapping[str, Any], member: str, role: str, permissions: list[str], *, when: str | None = None
) -> dict[str, Any]:
    line = f"gcloud storage buckets add-iam-policy-binding gs://{place['bucket']}"
    return _grant(member, f"gs://{place['bucket']}", role, permissions, line, when=when)


def _grant(member: str, on: str, role: str, permissions: list[str], line: str, *, when: str | None = None) -> dict[str, Any]:
    quoted = f'"{member}"' if "$(" in member else member
    found: dict[str, Any] = {"member": member, "on": on, "role": role, "permissions": sorted(permissions)}
    found["grant"] = f"{line} --member={quoted} --role={role}"
    return found if when is None else found | {"when": when}


def _agent(place: Mapping[str, Any], name: str) -> str:
    """An agent's address has the project's number, which the line asks for."""
    number = _NUMBER.format(project=place["project"])
    return f"serviceAccount:service-{number}@{name}.iam.gserviceaccount.com"


def _project_of(account: Any, place: Mapping[str, Any]) -> str:
    """The project that an account is of, from its address; the default accounts' addresses have only its number."""
    domain = str(account).partition("@")[2]
    return domain.removesuffix(".iam.gserviceaccount.com") if domain.endswith(".iam.gserviceaccount.com") else place["project"]


def _repository(image: Any) -> tuple[str, str, str] | None:
    """Project, location and name of an image's repository in Artifact Registry; None where it is in none."""
    host, _, path = str(image or "").partition("/")
    parts = path.split("/")
    if not host.endswith("-docker.pkg.dev") or len(parts) < 3:
        return None
    return parts[0], host.removesuffix("-docker.pkg.dev"), parts[1]
