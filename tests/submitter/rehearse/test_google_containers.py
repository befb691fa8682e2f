"""What a container of Google's stand-in finds, and what becomes of what it does; programs of a few lines really run."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .google_asked import get, made, running, tuning

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

pytest.importorskip("google.cloud.aiplatform_v1")

TELLS = """
import json, os, pathlib, sys, urllib.request
host = os.environ["STORAGE_EMULATOR_HOST"]
told = json.dumps({"env": dict(os.environ), "argv": sys.argv[1:], "files": sorted(map(str, pathlib.Path().rglob("*")))})
url = f"{host}/upload/storage/v1/b/BUCKET/o?uploadType=media&name=told-{os.environ['CLOUD_ML_JOB_ID']}"
urllib.request.urlopen(urllib.request.Request(url, told.encode(), method="POST"))
"""
REPORTS = """
import json, os, sys, time
for epoch in range(3):
    line = {"timestamp": time.time(), "trial": "1", "val_accuracy": str(0.5 + epoch / 10), "global_step": str(epoch + 1)}
    with open(os.environ["CLOUD_ML_HP_METRIC_FILE"], "a") as file:
        file.write(json.dumps(line) + "\\n")
"""


@pytest.fixture
def real(make_google: Callable[..., StandIn]) -> StandIn:
    """A stand-in that really runs containers."""
    return make_google()


def ended(cloud: StandIn, name: str, seconds: float = 20) -> dict[str, Any]:
    """A job, when it has ended."""
    until = time.monotonic() + seconds
    while True:
        found = get(cloud, name)
        if "endTime" in found:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.02)


def told(cloud: StandIn, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cloud.storage.get(f"gs://{cloud.bucket}/told-{name.rpartition('/')[2]}"))
    return found


def log(cloud: StandIn, name: str) -> list[str]:
    job = name.rpartition("/")[2]
    return [one["textPayload"] for one in cloud.world.logs if one["resource"]["labels"]["job_id"] == job]


def test_a_container_finds_the_services_variables_and_no_credentials(real: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "AWS_SECRET_ACCESS_KEY", "CLOUD_NAS_HOME", "A_TOKEN"):
        monkeypatch.setenv(name, "secret")
    name = made(real, "customJobs", running(real, TELLS.replace("BUCKET", real.bucket), "a b", "--c=1"))
    assert ended(real, name)["state"] == "JOB_STATE_SUCCEEDED", log(real, name)
    found = told(real, name)
    assert found["argv"] == ["a b", "--c=1"] and found["files"] == []
    base = f"gs://{real.bucket}/runs/1/"
    variables = found["env"]
    assert (variables["A"], variables["CLOUD_ML_JOB_ID"]) == ("1", name.rpartition("/")[2])
    assert variables["CLOUD_ML_PROJECT_ID"].isdigit()
    folders = [variables[f"AIP_{one}"] for one in ("MODEL_DIR", "CHECKPOINT_DIR", "TENSORBOARD_LOG_DIR")]
    assert folders == [f"{base}model/", f"{base}checkpoints/", f"{base}logs/"]
    assert "CLOUD_ML_TRIAL_ID" not in variables and "CLOUD_NAS_HOME" not in variables
    assert "secret" not in variables.values() and not Path(variables["HOME"]).exists()


def test_a_trial_finds_its_number_its_folder_and_its_values_and_its_report_is_read(real: StandIn) -> None:
    body = tuning(real, trials=2, parallel=2, failed=2)
    body["trialJobSpec"] = running(real, TELLS.replace("BUCKET", real.bucket) + REPORTS, "first")["jobSpec"]
    found = ended(real, made(real, "hyperparameterTuningJobs", body))
    assert found["state"] == "JOB_STATE_SUCCEEDED"
    for one in found["trials"]:
        assert one["finalMeasurement"]["stepCount"] == "3"
        assert one["finalMeasurement"]["metrics"] == [{"metricId": "val_accuracy", "value": 0.7}]
        child = told(real, one["customJob"])
        assert child["env"]["CLOUD_ML_TRIAL_ID"] == one["id"]
        assert child["env"]["AIP_MODEL_DIR"] == f"gs://{real.bucket}/runs/1/{one['id']}/model/"
        assert child["argv"][0] == "first"
        said = dict(word.removeprefix("--").split("=") for word in child["argv"][1:])
        assert set(said) == {"units", "layers", "rate"}
        assert said["units"].endswith(".0") and said["layers"].isdigit()


@pytest.mark.parametrize("mounted", [False, True])
def test_buckets_are_mounted_in_every_other_container(mounted: bool, real: StandIn) -> None:
    """The service has been seen without its mount, so both happen."""
    program = """
import os, pathlib
root = os.environ.get("CLOUD_NAS_GCS_ROOT")
print("mounted" if root else "not mounted")
if root:
    folder = pathlib.Path(root) / "BUCKET"
    print((folder / "code" / "x.txt").read_text())
    (folder / "runs").mkdir(exist_ok=True)
    (folder / "runs" / "new.txt").write_text("made here")
""".replace("BUCKET", real.bucket)
    real.storage.put(f"gs://{real.bucket}/code/x.txt", b"sent")
    for _ in range(1 + mounted):
        body = running(real, program)
        env = body["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]["env"]
        env.append({"name": "CLOUD_NAS_CODE", "value": f"gs://{real.bucket}/code/"})
        name = made(real, "customJobs", body)
        assert ended(real, name)["state"] == "JOB_STATE_SUCCEEDED", log(real, name)
    assert log(real, name) == (["mounted", "sent"] if mounted else ["not mounted"])
    made_here = real.storage.keys(f"gs://{real.bucket}/runs/new.txt")
    assert [real.storage.get(uri) for uri in made_here] == [b"made here"] * mounted


def test_what_is_installed_here_of_ours_cannot_be_imported(real: StandIn) -> None:
    name = made(real, "customJobs", running(real, "import local_engine"))
    assert ended(real, name)["state"] == "JOB_STATE_FAILED"
    assert "none was uploaded" in log(real, name)[-1]


def test_a_program_that_is_not_there_is_a_failed_job(real: StandIn) -> None:
    body = running(real, "")
    body["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]["command"] = ["/no/such/program"]
    name = made(real, "customJobs", body)
    assert "non-zero status of 127" in ended(real, name)["error"]["message"]


def test_a_cancelled_container_gets_a_signal_then_is_killed_with_all_that_it_started(real: StandIn) -> None:
    program = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
signal.signal(signal.SIGTERM, lambda *_: print("asked to end", flush=True))
print(child.pid, flush=True)
while True:
    time.sleep(0.05)
"""
    name = made(real, "customJobs", running(real, program))
    until = time.monotonic() + 10
    while not log(real, name):
        assert time.monotonic() < until
        get(real, name)
        time.sleep(0.02)
    with real.world.lock:
        real.world.find(name).cancel(real.clock.now())
    assert get(real, name)["state"] == "JOB_STATE_CANCELLING"
    assert ended(real, name)["state"] == "JOB_STATE_CANCELLED"
    first, *rest = log(real, name)
    assert rest == ["asked to end"]
    assert not _alive(int(first))


@pytest.mark.parametrize(("disabled", "starts"), [(False, 4), (True, 1)])
def test_a_crash_is_tried_again_three_times_unless_that_is_disabled(disabled: bool, starts: int, real: StandIn) -> None:
    scheduling = {"timeout": "600s", "disableRetries": disabled}
    name = made(real, "customJobs", running(real, "print('start', flush=True); import os; os.abort()", scheduling=scheduling))
    assert ended(real, name)["state"] == "JOB_STATE_FAILED"
    assert [line for line in log(real, name) if line == "start"] == ["start"] * starts


def test_a_container_that_takes_too_long_is_ended(real: StandIn) -> None:
    name = made(real, "customJobs", running(real, "import time; time.sleep(60)", scheduling={"timeout": "1s"}))
    assert ended(real, name)["error"]["code"] == 4


def test_nothing_goes_on_when_the_stand_in_has_ended(tmp_path: Path) -> None:
    from cloud_nas.rehearse.gcp import StandIn

    with StandIn(tmp_path / "cloud") as cloud:
        name = made(cloud, "customJobs", running(cloud, "import time; time.sleep(60)"))
        process = cloud.world.find(name).run._process
        assert process.poll() is None
    assert process.poll() is not None and not (tmp_path / "cloud" / "jobs").exists()


def _alive(process: int) -> bool:
    """Whether a process works; one that has ended and that nobody waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
        return os.name == "posix" and found.returncode == 0 and not found.stdout.startswith("Z")
