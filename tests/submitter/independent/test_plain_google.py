"""The whole way against a server that was written without looking at ours: what it lacks is a note, and nothing is made twice."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cloud_nas as cn
from cloud_nas.operations.plan import PlanResult, plan
from cloud_nas.runs.registry import Registry

pytest.importorskip("google.cloud.aiplatform_v1")

from .plain_google import BUCKET, COURSE, LOCATION, PlainGoogle

KIND = {"vertex:tuning": "hyperparameterTuningJobs", "vertex:engine": "customJobs"}
PLACE = f"{{vertex: {{project: my-project, location: {LOCATION}, bucket: {BUCKET}, labels: {{team: vision}}}}}}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PlainGoogle]:
    """The server, with Google's clients sent there as a user would."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)
    with PlainGoogle() as server:
        monkeypatch.setenv("CLOUD_NAS_VERTEX_ENDPOINT", server.url)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no-gcloud"))
        monkeypatch.setenv("CLOUD_NAS_GCP_RATE", "0")
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        yield server


@pytest.fixture
def spec(make_spec: Callable[..., Path]) -> Path:
    return make_spec(targets=PLACE)


def planned(spec: Path, on: str) -> PlanResult:
    """Without the wheels that the image lacks: this server runs nothing."""
    return plan(spec, on=on, wheels=False)


@pytest.mark.parametrize("on", KIND)
def test_a_job_is_made_once_watched_cancelled_and_found_again(
    on: str, spec: Path, server: PlainGoogle, screen: Callable[..., Any]
) -> None:
    made = planned(spec, on)
    run = cn.submit(made)
    again = cn.submit(made)
    assert again.id == run.id
    ((name, job),) = server.jobs.items()
    assert name.split("/")[-2] == KIND[on]
    assert job["displayName"] == f"{run.id}-1"
    assert job["labels"]["team"] == "vision" and job["labels"]["cloud-nas-run"] == run.id
    server.move(COURSE[2])
    assert run.status().state == "running"
    with Registry() as registry:
        registry.delete(run.id)
    shown = screen("orphans", "--on", on, "--spec", str(spec), "--json")
    assert [one["run_id"] for one in json.loads(shown.stdout)["jobs"]] == [run.id], shown.stderr
    assert screen("adopt", "--on", on, "--spec", str(spec)).status == 0
    (adopted,) = cn.status()
    assert (adopted.run_id, adopted.state, adopted.target) == (run.id, "running", on)
    assert screen("logs", run.id).status == 0  # there is no Cloud Logging: a note
    run.cancel()
    assert run.status().state == "cancelled"


def test_trials_and_the_best_model_come_home_from_where_the_protos_say(
    spec: Path, server: PlainGoogle, screen: Callable[..., Any]
) -> None:
    run = cn.submit(planned(spec, "vertex:tuning"))
    ((_, job),) = server.jobs.items()
    (metric,) = job["studySpec"]["metrics"]
    (parameter,) = job["studySpec"]["parameters"]
    tried = [("2", 16.0, 0.5), ("1", 64.0, 0.75)]  # not in order, as the service's own sample has them
    trials = [
        {
            "id": number,
            "state": "SUCCEEDED",
            "parameters": [{"parameterId": parameter["parameterId"], "value": value}],
            "finalMeasurement": {"stepCount": "2", "metrics": [{"metricId": metric["metricId"], "value": found}]},
        }
        for number, value, found in tried
    ]
    server.move("JOB_STATE_SUCCEEDED", trials=trials, endTime=job["createTime"])
    found = run.status()
    assert (found.state, found.trials.done) == ("succeeded", 2)
    assert found.best is not None and (found.best.trial, found.best.value, found.best.params) == (0, 0.75, {"units": 64})
    base = job["trialJobSpec"]["baseOutputDirectory"]["outputUriPrefix"]
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("unexpected"), io.BytesIO())
    server.keep(f"{base.removeprefix(f'gs://{BUCKET}/')}1/model/model.tar.gz", held.getvalue(), {})
    shown = screen("fetch", run.id)
    assert shown.status == 1 and "Traceback" not in shown.stderr
    assert ("GET", f"/storage/v1/b/{BUCKET}/o") in server.asked or any("/o/" in path for _, path in server.asked)
    cleaned = screen("clean", "--cloud", run.id, "--yes", "--json")
    assert cleaned.status == 0, cleaned.stderr
    assert not [name for name in server.objects if run.id in name]
    assert server.objects, "rows and code, which other runs may share, stay"


@pytest.mark.slow
def test_the_requests_own_container_trains_there_and_its_model_scores_here_what_it_reported(
    spec: Path, server: PlainGoogle, tmp_path: Path
) -> None:
    """Command, variables and arguments are the request's; the server has Cloud Storage, and no `/gcs`."""
    run = cn.submit(planned(spec, "vertex:tuning"))
    ((_, job),) = server.jobs.items()
    (pool,) = job["trialJobSpec"]["workerPoolSpecs"]
    base = f"{job['trialJobSpec']['baseOutputDirectory']['outputUriPrefix']}1/"
    home = tmp_path / "container"
    carry_out(pool["containerSpec"], base, server, home, "--units=16.0", CLOUD_ML_TRIAL_ID="1")
    reported = [float(json.loads(line)["val_accuracy"]) for line in (home / "output.metrics").read_text().splitlines()]
    metric, best = job["studySpec"]["metrics"][0]["metricId"], max(reported)
    measured = {"stepCount": "2", "metrics": [{"metricId": metric, "value": best}]}
    trial = {
        "id": "1",
        "state": "SUCCEEDED",
        "parameters": [{"parameterId": "units", "value": 16.0}],
        "finalMeasurement": measured,
    }
    server.move("JOB_STATE_SUCCEEDED", trials=[trial], endTime=job["createTime"])
    fetched = run.fetch(tmp_path / "fetched")
    assert fetched.runnable and fetched.part == "test" and fetched.metrics["accuracy"] > 0.3
    scored = cn.evaluate(run.id, "builtin:digits", part="validation")
    assert scored.metrics["accuracy"] == pytest.approx(best, abs=1e-6)


@pytest.mark.slow
def test_the_engines_container_searches_there_and_its_study_and_model_come_home(
    spec: Path, server: PlainGoogle, tmp_path: Path
) -> None:
    run = cn.submit(planned(spec, "vertex:engine"))
    ((_, job),) = server.jobs.items()
    (pool,) = job["jobSpec"]["workerPoolSpecs"]
    server.move("JOB_STATE_RUNNING")
    carry_out(pool["containerSpec"], job["jobSpec"]["baseOutputDirectory"]["outputUriPrefix"], server, tmp_path / "container")
    running = run.status()
    assert (running.state, running.trials.done) == ("running", 2)
    server.move("JOB_STATE_SUCCEEDED", endTime=job["createTime"])
    ended = run.status()
    assert ended.state == "succeeded" and ended.best is not None
    assert {trial.number: trial.value for trial in run.trials()}[ended.best.trial] == ended.best.value
    fetched = run.fetch(tmp_path / "fetched")
    assert fetched.runnable and fetched.part == "test"
    assert dict(cn.evaluate(run.id, "builtin:digits").metrics) == pytest.approx(dict(fetched.metrics), abs=1e-6)


def carry_out(container: dict[str, Any], base: str, server: PlainGoogle, home: Path, *arguments: str, **more: str) -> None:
    """Runs a container as the service would, with this Python in place of the image."""
    home.mkdir()
    named = {"MODEL_DIR": "model", "CHECKPOINT_DIR": "checkpoints", "TENSORBOARD_LOG_DIR": "logs"}
    variables = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "STORAGE_EMULATOR_HOST": server.url,
        "CLOUD_ML_HP_METRIC_FILE": str(home / "output.metrics"),
        "CUDA_VISIBLE_DEVICES": "-1",
        **{f"AIP_{name}": f"{base}{folder}/" for name, folder in named.items()},
        **{one["name"]: one["value"] for one in container["env"]},
        **more,
    }
    assert container["command"][0] == "python3"
    command = [sys.executable, *container["command"][1:], *container.get("args", []), *arguments]
    done = subprocess.run(command, cwd=home, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_request_that_no_proto_has_would_be_refused(server: PlainGoogle) -> None:
    import urllib.error
    import urllib.request

    url = f"{server.url}/v1/projects/p/locations/{LOCATION}/customJobs"
    asked = urllib.request.Request(url, data=b'{"displayNam": "x"}', method="POST")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(asked)
