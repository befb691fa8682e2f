"""What Google says no to, and how: each refusal has its class, its exit status, its code, and a way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.errors import CredentialsError, NotFoundError, RefusedError, UnreachableError, UsageError
from cloud_nas.targets.vertex.client import Client, ServiceError, default_location, default_project

pytest.importorskip("google.cloud.aiplatform_v1")

PLACE = {"project": "my-project", "location": "europe-west4"}
PARENT = "projects/my-project/locations/europe-west4"
LIST = ("ListCustomJobs", {"parent": PARENT})
GET = ("GetModel", {"name": f"{PARENT}/models/1"})
CREATE = ("CreateCustomJob", {"parent": PARENT, "customJob": {"displayName": "r-7k2xq-1"}})
QUOTA = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_training_nvidia_l4_gpus"
OFF = "Vertex AI API has not been used in project 1 before or it is disabled. Enable it by visiting ..."
PERIMETER = "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: aBc-12_3"
ACT_AS = "You do not have permission to act as service account: a@b.iam.gserviceaccount.com. (or it may not exist)."
DENIED = "Permission 'aiplatform.customJobs.create' denied on resource '//aiplatform.googleapis.com/projects/p'"

UNSET = (
    "CLOUD_NAS_VERTEX_ENDPOINT", "STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT", "GOOGLE_CLOUD_REGION", "GOOGLE_CLOUD_LOCATION", "CLOUDSDK_CORE_PROJECT", "CLOUDSDK_COMPUTE_REGION",
    "CLOUDSDK_AI_REGION", "CLOUDSDK_ACTIVE_CONFIG_NAME",
)  # fmt: skip

TABLE = [
    # the call, what Google answers, and the error: class, exit status, code, words of its message, words of its hint
    (LIST, 401, "expired", CredentialsError, 4, "CN501", "has expired", "gcloud auth application-default login"),
    (CREATE, 403, DENIED, CredentialsError, 4, "CN506", "(aiplatform.customJobs.create)", "doctor gcp"),
    (CREATE, 403, "no", CredentialsError, 4, "CN506", "does not allow CreateCustomJob", "doctor gcp"),
    (LIST, 403, OFF, CredentialsError, 4, "CN506", "switched off", "gcloud services enable"),
    (LIST, 403, PERIMETER, CredentialsError, 4, "CN506", "perimeter", "aBc-12_3"),
    (CREATE, 400, ACT_AS, CredentialsError, 4, "CN506", "act as service account", "serviceAccountUser"),
    (CREATE, 429, QUOTA, RefusedError, 9, "CN507", "custom_model_training_nvidia_l4_gpus", "another machine"),
    (CREATE, 429, "Quota exceeded: requests per minute", UnreachableError, 10, "CN502", "too busy", "try again"),
    (LIST, 429, "slow down", UnreachableError, 10, "CN502", "too busy", "try again"),
    (LIST, 503, "later", UnreachableError, 10, "CN502", "too busy", "try again"),
    (CREATE, 500, "internal", UnreachableError, 10, "CN502", "too busy", "try again"),
    (GET, 404, "Model does not exist.", NotFoundError, 5, "CN601", "Model does not exist.", "another project"),
    (CREATE, 400, "Machine type c4-standard-4 is not supported.", ServiceError, 1, "CN503", "c4-standard-4", None),
    (CREATE, 409, "already", ServiceError, 1, "CN503", "already", None),
]


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No login, no configuration, one try; gives gcloud's folder, which is empty."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "HOME": str(tmp_path),
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "NO_GCE_CHECK": "true",
        "CLOUD_NAS_GCP_TRIES": "1",
        "CLOUD_NAS_GCP_RATE": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "gcloud").mkdir()
    return tmp_path / "gcloud"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0][0]}-{row[1]}-{row[2][:12]}")
def test_each_refusal_has_its_class_its_code_and_a_way_out(
    row: tuple[Any, ...], refusing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (operation, body), status, text, kind, exit_status, code, message, hint = row
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", refusing.endpoint)
    refusing.says(status, "WHATEVER", text)
    with pytest.raises(cn.CloudNasError) as found:
        Client(PLACE).call(operation, body)
    error = found.value
    assert (type(error), error.exit_status, error.code) == (kind, exit_status, code)
    assert message in error.message and refusing.endpoint not in error.message
    assert error.hint is None if hint is None else hint in (error.hint or "")
    if kind is ServiceError:
        assert error.service_code == str(status)


def test_reads_are_tried_again_with_growing_pauses_and_creates_are_not(refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", refusing.endpoint)
    monkeypatch.setenv("CLOUD_NAS_GCP_TRIES", "10")
    refusing.says(503, "UNAVAILABLE", "later")
    slept: list[float] = []
    client = Client(PLACE, sleep=slept.append)
    with pytest.raises(UnreachableError):
        client.call(*CREATE)
    assert refusing.asked == 1 and not slept
    with pytest.raises(UnreachableError):
        client.call(*LIST)
    assert refusing.asked == 11 and len(slept) == 9
    assert sum(slept) < 90 and slept[-1] > slept[0]
    refusing.says(403, "PERMISSION_DENIED", "no")
    with pytest.raises(CredentialsError):
        client.call(*LIST)
    assert refusing.asked == 12


def test_a_server_that_is_down_is_unreachable(refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    from cloud_nas.targets.vertex.storage import Storage

    with pytest.raises(UnreachableError):
        Client(PLACE).call(*LIST)
    with pytest.raises(UnreachableError):
        Storage(PLACE).stat("gs://bucket/name")


def test_nobody_is_logged_in() -> None:
    with pytest.raises(CredentialsError) as found:
        Client(PLACE).call(*LIST)
    assert (found.value.exit_status, found.value.code) == (4, "CN501")
    assert found.value.hint == "gcloud auth application-default login"


def test_a_request_that_the_api_does_not_know_is_not_sent(refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", refusing.endpoint)
    client = Client(PLACE)
    for operation, body in [
        ("CreateCustomJob", {"parent": PARENT, "customJob": {"displayNam": "x"}}),
        ("CreateCustomJob", {"parent": PARENT, "customJob": {"displayName": 3}}),
        ("GetModel", {"name": "models/1"}),
    ]:
        with pytest.raises(ServiceError, match="not a valid request"):
            client.call(operation, body)
    assert refusing.asked == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [("http://vertex.example.com", "not encrypted"), ("http://10.0.0.1:80", "not encrypted"), ("localhost:80", "no address"),
     ("ftp://127.0.0.1", "no address")],
)  # fmt: skip
def test_credentials_never_go_in_the_open(value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", value)
    with pytest.raises(UsageError, match=words):
        Client(PLACE)


@pytest.mark.parametrize("value", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_a_loopback_stands_for_every_service_of_googles(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", value)
    client = Client(PLACE)
    assert client.url("logging.googleapis.com", "/v2/entries:list") == f"{value}/v2/entries:list"
    assert client.get_json("https://serviceusage.googleapis.com/v1/x") is None
    monkeypatch.delenv("CLOUD_NAS_VERTEX_ENDPOINT")
    assert Client(PLACE).url("logging.googleapis.com", "/v2/entries:list") == "https://logging.googleapis.com/v2/entries:list"


def test_other_services_answers_have_the_same_words(refusing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", refusing.endpoint)
    refusing.says(403, "PERMISSION_DENIED", "Permission 'logging.logEntries.list' denied")
    with pytest.raises(CredentialsError, match=r"logging\.logEntries\.list"):
        Client(PLACE).post_json(f"{refusing.endpoint}/v2/entries:list", {"pageSize": 1})


def test_project_and_location_come_from_googles_own_configuration(
    nobody: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (default_project(), default_location()) == (None, None)
    with pytest.raises(UsageError, match="no project") as found:
        Client({})
    assert found.value.code == "CN511" and "project: my-project" in (found.value.hint or "")
    (nobody / "configurations").mkdir()
    (nobody / "configurations" / "config_default").write_text("[core]\nproject = of-gcloud\n[compute]\nregion = us-east1\n")
    assert (default_project(), default_location()) == ("of-gcloud", "us-east1")
    (nobody / "active_config").write_text("work\n")
    (nobody / "configurations" / "config_work").write_text("[core]\nproject = of-work\n[ai]\nregion = us-west1\n")
    assert (default_project(), default_location()) == ("of-work", "us-west1")
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"type": "service_account", "project_id": "of-key"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    assert default_project() == "of-key"
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "of-environment")
    monkeypatch.setenv("GOOGLE_CLOUD_REGION", "europe-west1")
    assert (default_project(), default_location()) == ("of-environment", "europe-west1")
    assert Client({"location": "europe-west4"}).parent == "projects/of-environment/locations/europe-west4"


def test_nothing_is_printed(refusing: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", refusing.endpoint)
    refusing.says(404, "NOT_FOUND", "none")
    with pytest.raises(NotFoundError):
        Client(PLACE).call(*GET)
    assert capfd.readouterr() == ("", "")
