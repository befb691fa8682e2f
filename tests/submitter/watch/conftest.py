"""Jobs at the stand-in, made of the golden requests, with rows in the registry; no data and no space are needed for that."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.runs.identity import Identity
from cloud_nas.runs.registry import Registry
from cloud_nas.runs.row import RunRow
from cloud_nas.targets.sagemaker.client import Client

from .canned_google import BUCKET, PARENT, CannedGoogle

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws import StandIn

GOLDEN = Path(__file__).parents[1] / "plan" / "golden"
KINDS = {"tuning": "bayesian", "engine": "image-engine", "autopilot": "table-autopilot"}
Submitted = Callable[..., RunRow]


@pytest.fixture
def submitted(cloud: StandIn) -> Submitted:
    """Makes a job of a kind at `cloud`, and its row; `make=False`: the row alone."""
    return lambda kind, run_id="r-7k2xq", **options: _submit(cloud, kind, run_id, **options)


@pytest.fixture
def submit() -> Submitted:
    """The same at a stand-in of the test's own."""
    return _submit


@functools.cache
def _client(endpoint: str, region: str) -> Client:
    """One for all jobs of a stand-in: it takes longer to make than a job."""
    return Client(region)


def _submit(cloud: StandIn, kind: str, run_id: str, *, make: bool = True, golden: str | None = None, **changed: Any) -> RunRow:
    """A run that was submitted; `changed` are fields of its row."""
    text = (GOLDEN / f"{golden or KINDS[kind]}.json").read_text()
    for old, new in (
        ("r-7k2xq", run_id),
        ("my-bucket", cloud.bucket),
        ("arn:aws:iam::123456789012:role/search", cloud.role),
        ("eu-west-1", cloud.region),
    ):
        text = text.replace(old, new)
    plan = json.loads(text)
    if make:
        client = _client(cloud.endpoint, cloud.region)
        for request in plan["requests"]:
            client.call(request["service"], request["operation"], **request["body"])
    target = f"sagemaker:{kind}"
    values: dict[str, Any] = {
        "name": "digits",
        "state": "running",
        "spec_sha256": "0",
        "identity": Identity("0", "0", run_id, target),
        "remote": f"{run_id}-1",
        "nonce": "nonce",
        "place": plan["place"],
        **changed,
    }
    with Registry() as registry:
        return registry.create(RunRow(run_id=run_id, target=target, **values))


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CannedGoogle]:
    """Google as a test says it is, with Google's clients sent there."""
    pytest.importorskip("google.cloud.aiplatform_v1")
    server = CannedGoogle()
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", server.url)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no-gcloud"))
    monkeypatch.setenv("CLOUD_NAS_GCP_RATE", "0")
    yield server
    server.close()


@pytest.fixture
def known() -> Callable[..., RunRow]:
    """Puts a run of Vertex AI into the registry: its kind, the number of its job, and what differs of its place."""
    return _known


def _known(kind: str, number: int = 1, run_id: str = "r-7k2xq", *, place: Any = None, **changed: Any) -> RunRow:
    collection = {"tuning": "hyperparameterTuningJobs", "engine": "customJobs", "automl": "trainingPipelines"}[kind]
    about = {
        "project": "my-project",
        "location": "us-central1",
        "bucket": BUCKET,
        "prefix": "searches",
        "machine": "n1-standard-4",
        "accelerator": None,
        "accelerators": 0,
        "volume": 100,
        "kind": kind,
        "goal": "maximize",
        "metric": "auRoc" if kind == "automl" else "val_accuracy",
        **(place or {}),
    }
    values: dict[str, Any] = {
        "name": "digits",
        "state": "running",
        "spec_sha256": "0",
        "identity": Identity("0", "0", run_id, f"vertex:{kind}"),
        "remote": f"{PARENT}/{collection}/{number}",
        "nonce": "nonce",
        "place": about,
        **changed,
    }
    with Registry() as registry:
        return registry.create(RunRow(run_id=run_id, target=f"vertex:{kind}", **values))
