"""What `plan` says that has to be granted at Google: no more than is used, to whom it is used by, with the line that grants."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import cloud_nas.targets.vertex as vertex
from cloud_nas.spec.places import Vertex
from cloud_nas.targets.vertex.jobs import KINDS
from cloud_nas.targets.vertex.permissions import policies, used

KEY = "projects/keys/locations/europe-west4/keyRings/ring/cryptoKeys/key"


def place(**changes: Any) -> dict[str, Any]:
    return Vertex(**({"project": "my-project", "location": "europe-west4", "bucket": "my-bucket"} | changes)).model_dump()


def grants(kind: str, whose: str, **changes: Any) -> dict[str, dict[str, Any]]:
    """By role, on what."""
    return {f"{one['role']} on {one['on']}": one for one in policies(kind, place(**changes))[whose]}


def test_the_caller_is_named_the_permissions_of_the_kind_of_job_alone() -> None:
    assert used("engine") == [f"aiplatform.customJobs.{verb}" for verb in ("cancel", "create", "get", "list")]
    assert "aiplatform.customJobs.create" not in used("tuning")
    assert {"aiplatform.datasets.import", "aiplatform.models.export", "aiplatform.batchPredictionJobs.create"} <= set(
        used("automl")
    )
    caller = grants("engine", "caller")
    assert caller["roles/aiplatform.user on projects/my-project"]["permissions"] == used("engine")
    assert "storage.objects.create" in caller["roles/storage.objectAdmin on gs://my-bucket"]["permissions"]
    assert not [name for name in caller if "serviceAccountUser" in name]


def test_an_account_of_ones_own_has_to_be_acted_as_and_needs_the_bucket() -> None:
    account = "trainer@my-project.iam.gserviceaccount.com"
    caller = grants("tuning", "caller", service_account=account)
    assert caller[f"roles/iam.serviceAccountUser on {account}"]["permissions"] == ["iam.serviceAccounts.actAs"]
    own = grants("tuning", "account", service_account=account)
    assert own["roles/storage.objectAdmin on gs://my-bucket"]["member"] == f"serviceAccount:{account}"
    assert not grants("tuning", "agents", service_account=account)
    there = grants("tuning", "agents", service_account="trainer@other-project.iam.gserviceaccount.com")
    assert [one.partition(" ")[0] for one in there] == ["roles/iam.serviceAccountTokenCreator"]


def test_images_of_another_project_are_pulled_by_both_of_googles_agents() -> None:
    image = "europe-docker.pkg.dev/images/training/cloud-nas:1"
    found = policies("engine", place(image=image))["agents"]
    assert [one["role"] for one in found] == ["roles/artifactregistry.reader"] * 2
    assert [re.findall(r"@([a-z-]+)\.iam", one["member"]) for one in found] == [["gcp-sa-aiplatform"], ["gcp-sa-aiplatform-cc"]]
    assert "add-iam-policy-binding training --project=images --location=europe " in found[0]["grant"]
    assert policies("engine", place(image=image.replace("/images/", "/my-project/")))["agents"] == []
    assert policies("engine", place(image="tensorflow/tensorflow:2.21.0"))["agents"] == []


def test_automl_reads_and_writes_the_bucket_by_googles_agent_and_runs_as_no_account() -> None:
    told = policies("automl", place(service_account="trainer@my-project.iam.gserviceaccount.com"))
    assert told["account"] == []
    assert [one["role"] for one in told["agents"]] == ["roles/storage.objectViewer", "roles/storage.objectCreator"]


def test_a_key_is_used_by_vertex_and_by_storage() -> None:
    found = [one for one in policies("tuning", place(kms_key=KEY))["agents"] if one["on"] == KEY]
    assert {re.findall(r"@([a-z-]+)\.iam", one["member"])[0] for one in found} == {"gcp-sa-aiplatform", "gs-project-accounts"}
    assert "gcloud kms keys add-iam-policy-binding key --project=keys --location=europe-west4 --keyring=ring" in found[0]["grant"]


def test_every_call_that_our_own_code_makes_is_allowed_to_somebody() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(str(vertex.__file__)).parent.glob("*.py"))
    named = set(re.findall(r'"((?:Get|List|Create|Cancel|Delete|Export|Import)[A-Z]\w+)"', text)) - {
        "GetOperation",
        "ListOperations",
    }
    named |= {call for kind in KINDS.values() for call in (kind.create, kind.get, kind.listing, kind.cancel)}
    allowed = {one for kind in KINDS for one in used(kind)}
    assert len(named) > 20
    assert {_permission(one) for one in named} <= allowed


def _permission(operation: str) -> str:
    """`CreateCustomJob`: `aiplatform.customJobs.create`."""
    if operation == "ImportData":
        return "aiplatform.datasets.import"
    verb, noun = re.fullmatch(r"([A-Z][a-z]+)(\w+)", operation).groups()  # type: ignore[union-attr]
    return f"aiplatform.{noun[0].lower()}{noun[1:].removesuffix('s')}s.{verb.lower()}"


@pytest.mark.parametrize("kind", ["automl", "tuning", "engine"])
def test_every_line_is_one_command_with_its_member_and_its_role(kind: str) -> None:
    told = policies(kind, place(kms_key=KEY, image="europe-docker.pkg.dev/images/training/cloud-nas:1"))
    for one in (one for grants in told.values() for one in grants):
        words = shlex.split(one["grant"])
        assert words[0] == "gcloud"
        assert words[-1] == f"--role={one['role']}"
        assert words[-2].startswith("--member=")
        assert one["permissions"] == sorted(one["permissions"])
