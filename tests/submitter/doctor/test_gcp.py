"""`doctor gcp` against Google on loopback: what stands, and each thing that does not, with its way out; nothing is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from cloud_nas.doctor.finding import Finding
from cloud_nas.doctor.gcp import look
from cloud_nas.spec.places import Vertex

from ..loopback import Answer, serving

LOCATION = "us-central1"
ACCOUNT = "trainer@my-project.iam.gserviceaccount.com"
JOBS = f"/v1/projects/my-project/locations/{LOCATION}/customJobs"
ACT = f"/v1/projects/-/serviceAccounts/{ACCOUNT}:testIamPermissions"
QUOTAS = "/v1beta1/projects/my-project/services/aiplatform.googleapis.com/consumerQuotaMetrics/aiplatform.googleapis.com/"
CPUS, T4, L4 = ("custom_model_training_cpus", "custom_model_training_nvidia_t4_gpus", "custom_model_training_nvidia_l4_gpus")


def quota(limit: int, region: str | None = LOCATION) -> dict[str, Any]:
    """A metric's answer: its limit in one region, and another elsewhere."""
    here = {"effectiveLimit": str(limit), **({"dimensions": {"region": region}} if region else {})}
    return {"consumerQuotaLimits": [{"quotaBuckets": [{"effectiveLimit": "7", "dimensions": {"region": "me-west1"}}, here]}]}


@dataclass
class Google:
    """Answers by path, with a status; what has none is not found. `asked` are method and path."""

    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """A project where everything stands."""
    served = Google(
        {
            JOBS: (200, {}),
            "/storage/v1/b/my-bucket": (200, {"name": "my-bucket", "location": "US-CENTRAL1", "locationType": "region"}),
            ACT: (200, {"permissions": ["iam.serviceAccounts.actAs"]}),
            f"{QUOTAS}{CPUS}": (200, quota(42)),
            f"{QUOTAS}{T4}": (200, quota(2)),
        }
    )

    def answer(method: str, path: str) -> Answer:
        named = unquote(urlsplit(path).path)
        served.asked.append((method, named))
        status, value = served.answers.get(named, (404, {"error": {"code": 404, "message": f"{named} is not there"}}))
        return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    with serving(answer) as address:
        for name in ("CLOUD_NAS_VERTEX_ENDPOINT", "STORAGE_EMULATOR_HOST"):
            monkeypatch.setenv(name, address)
        monkeypatch.setenv("CLOUD_NAS_GCP_RATE", "0")
        yield served


def found(**changes: Any) -> dict[str, Finding]:
    given = {"project": "my-project", "location": LOCATION, "bucket": "my-bucket", "service_account": ACCOUNT} | changes
    return {one.name: one for one in look(Vertex(**given).model_dump())}


def test_all_stands_where_everything_is_there_and_nothing_is_made(there: Google) -> None:
    told = found()
    assert {name: one.ok for name, one in told.items()} == dict.fromkeys(
        ("google-cloud-aiplatform", "project", "location", "vertex", "bucket", "account", "image", "quota", "price"), True
    ), told
    assert told["quota"].text == f"{CPUS}: 42, of which 8 are to train at once"
    assert {path for method, path in there.asked if method != "GET"} == {ACT}, "which asks, and grants nothing"


def test_without_a_spec_the_login_the_project_and_the_location_are_looked_at(
    there: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    monkeypatch.setenv("GOOGLE_CLOUD_REGION", LOCATION)
    told = look()
    assert [one.name for one in told] == ["google-cloud-aiplatform", "project", "location", "vertex", "spec"]
    assert told[-1].ok is None


def test_an_api_that_is_off_and_a_login_that_may_not_are_told_apart(there: Google) -> None:
    off = "Vertex AI API has not been used in project my-project before or it is disabled. Enable it by visiting ..."
    there.answers[JOBS] = (403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": off}})
    told = found()["vertex"]
    assert (told.ok, told.hint) == (False, "gcloud services enable aiplatform.googleapis.com --project=my-project")
    denied = "Permission 'aiplatform.customJobs.list' denied on resource"
    there.answers[JOBS] = (403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": denied}})
    told = found()["login"]
    assert told.ok is False
    assert "aiplatform.customJobs.list" in told.text


@pytest.mark.parametrize(
    ("answer", "ok", "said"),
    [
        ((200, {"name": "my-bucket", "location": "US", "locationType": "multi-region"}), False, "in more than one region"),
        ((200, {"name": "my-bucket", "location": "EUROPE-WEST4", "locationType": "region"}), False, "is in europe-west4"),
        ((404, {"error": {"code": 404, "message": "no"}}), False, "there is no bucket my-bucket"),
        ((403, {"error": {"code": 403, "message": "you have no storage.buckets.get access"}}), None, "was not checked"),
    ],
)
def test_a_bucket_has_to_be_in_the_jobs_region_alone(there: Google, answer: Any, ok: bool | None, said: str) -> None:
    there.answers["/storage/v1/b/my-bucket"] = answer
    told = found()["bucket"]
    assert told.ok is ok
    assert said in told.text
    assert told.hint


def test_an_account_that_one_may_not_act_as_is_told_with_the_line_that_mends_it(there: Google) -> None:
    there.answers[ACT] = (200, {})
    told = found()["account"]
    assert told.ok is False
    assert told.hint is not None
    assert told.hint.startswith(f"gcloud iam service-accounts add-iam-policy-binding {ACCOUNT} ")
    there.answers[ACT] = (403, {"error": {"code": 403, "message": "denied"}})
    assert found()["account"].ok is None
    assert found(service_account=None)["account"].ok is None


def test_quotas_below_what_trains_at_once_are_told(there: Google) -> None:
    there.answers[f"{QUOTAS}{L4}"] = (200, quota(0))
    told = found(machine="g2-standard-8")["quota"]
    assert (told.ok, told.text) == (False, f"{L4}: 0, and 1 are to train at once")
    assert told.hint is not None
    assert "iam-admin/quotas?project=my-project" in told.hint
    told = found(accelerator="NVIDIA_TESLA_T4", accelerators=2, parallel=2)["quota"]
    assert (told.ok, told.text) == (False, f"{T4}: 2, and 4 are to train at once")
    there.answers[f"{QUOTAS}{T4}"] = (200, quota(-1, region=None))
    assert found(accelerator="NVIDIA_TESLA_T4")["quota"].ok is True
    spot = "custom_model_training_preemptible_nvidia_l4_gpus"
    there.answers[f"{QUOTAS}{spot}"] = (200, quota(9))
    assert found(machine="g2-standard-8", spot=True)["quota"].text.startswith(f"{spot}: 9")


def test_what_cannot_be_asked_is_a_note_with_what_new_projects_have(there: Google) -> None:
    told = found(machine="g2-standard-8")["quota"]
    assert told.ok is None
    assert told.text.endswith("; 0 unless asked for, and 1 are needed")


def test_images_past_their_date_and_machines_that_train_nothing_are_told(there: Google) -> None:
    image = "europe-docker.pkg.dev/vertex-ai/training/tf-cpu.2-17.py310:latest"
    told = found(image=image)["image"]
    assert told.ok is False
    assert "2026-07-11" in told.text
    assert found(image="tensorflow/tensorflow:2.20.0")["image"].ok is None
    assert found(machine="c4-standard-8")["machine"].ok is False


def test_a_price_that_is_not_known_is_a_note_with_its_way_out(there: Google) -> None:
    told = found(machine="n1-highmem-8")["price"]
    assert told.ok is None
    assert told.hint is not None
    assert told.hint.startswith("cloud-nas prices refresh --on vertex:tuning --region us-central1")


def test_the_command_looks_at_a_specs_section_and_ends_with_1_where_something_is_wrong(
    there: Google, screen: Callable[..., Any], make_spec: Callable[..., Path]
) -> None:
    place = {"project": "my-project", "location": LOCATION, "bucket": "my-bucket", "machine": "g2-standard-8"}
    spec = make_spec(targets={"vertex": place})
    done = screen("doctor", "gcp", "--spec", str(spec), "--json")
    found = {one["name"]: one for one in json.loads(done.stdout)["areas"]["gcp"]}
    assert (done.status, found["bucket"]["ok"], found["quota"]["ok"]) == (0, True, None)
    there.answers["/storage/v1/b/my-bucket"] = (404, {"error": {"code": 404, "message": "no"}})
    assert screen("doctor", "gcp", "--spec", str(spec)).status == 1
    assert screen("doctor", "gpu", "--spec", str(spec)).status == 2
