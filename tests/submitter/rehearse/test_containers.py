"""Training jobs that really run what was uploaded, with AWS's own toolkit."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.rehearse.aws import StandIn

from .asked import spot, training, tuning, upload

pytest.importorskip("sagemaker_training")

TRAINS = """
import json, os, pathlib, sys
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
raw = json.loads((base / "input/config/hyperparameters.json").read_text())
print("cloud_nas_metric val_accuracy=" + str(int(raw["units"]) / 1000), flush=True)
seen = {
    "rows": (base / "input/data/rows/rows.txt").read_text(),
    "raw": raw,
    "secrets": [key for key in os.environ if key.startswith("AWS_") and "KEY" in key or key.startswith("CLOUD_NAS_HOME")],
    "job": os.environ["TRAINING_JOB_NAME"],
}
try:
    import local_engine
except ModuleNotFoundError as error:
    seen["local_engine"] = str(error)
(base / "model/seen.json").write_text(json.dumps(seen))
(base / "output/data").mkdir(exist_ok=True)
(base / "output/data/curve.jsonl").write_text("{}")
"""

FAILS = """
import os, pathlib, sys
(pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"]) / "output/failure").write_text("cloud-nas: the loss is not a number")
sys.exit(3)
"""

COUNTS = """
import os, pathlib, signal, sys, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
signal.signal(signal.SIGTERM, lambda *told: (base / "model/told.txt").write_text("a signal came"))
counter = base / "checkpoints" / os.environ["TRAINING_JOB_NAME"] / "epoch"
counter.parent.mkdir(exist_ok=True)
done = int(counter.read_text()) if counter.is_file() else 0
for epoch in range(done, {epochs}):
    time.sleep({seconds})
    counter.with_suffix(".new").write_text(str(epoch + 1))
    counter.with_suffix(".new").replace(counter)
    (base / "model/epoch.txt").write_text(str(epoch + 1))
    print(f"cloud_nas_metric val_accuracy={{epoch / 10}}", flush=True)
"""


def unpacked(cloud: StandIn, uri: str) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(cloud.storage.get(uri))) as archive:
        return {name: archive.extractfile(name).read().decode() for name in archive.getnames() if "." in name}  # type: ignore[union-attr]


def test_a_training_job_runs_the_package_and_leaves_model_output_metric_and_logs(
    make_cloud: Callable[..., StandIn], aws: Callable[..., Any], wait_for: Callable[..., None]
) -> None:
    cloud = make_cloud()
    upload(cloud, TRAINS)
    aws("sagemaker").create_training_job(**training(cloud))
    wait_for(cloud)
    job = aws("sagemaker").describe_training_job(TrainingJobName="r-7k2xq-1")
    assert job["TrainingJobStatus"] == "Completed", job
    assert [one["Value"] for one in job["FinalMetricDataList"]] == [pytest.approx(0.064)]
    seen = json.loads(unpacked(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])["seen.json"])
    assert seen["rows"] == "1 2 3"
    assert seen["raw"]["units"] == "64"
    assert seen["job"] == "r-7k2xq-1"
    assert seen["secrets"] == []
    assert "none was uploaded" in seen["local_engine"]
    assert "curve.jsonl" in unpacked(cloud, f"s3://{cloud.bucket}/out/r-7k2xq-1/output/output.tar.gz")
    streams = aws("logs").describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="r-7k2xq-1/")[
        "logStreams"
    ]
    events = aws("logs").get_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=streams[0]["logStreamName"], startFromHead=True
    )["events"]
    assert "cloud_nas_metric val_accuracy=0.064" in [event["message"] for event in events]
    assert not (cloud.folder / "jobs" / "r-7k2xq-1-1").exists()


@pytest.mark.slow
def test_a_failure_file_is_the_reason_and_no_success_ends_a_tuning_job_after_five(
    make_cloud: Callable[..., StandIn], aws: Callable[..., Any], wait_for: Callable[..., None]
) -> None:
    cloud = make_cloud()
    upload(cloud, FAILS)
    aws("sagemaker").create_hyper_parameter_tuning_job(**tuning(cloud, jobs=20, parallel=3))
    wait_for(cloud)
    job = aws("sagemaker").describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="r-7k2xq-1")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No training job succeeded after 5 attempts")
    children = aws("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="r-7k2xq-1")
    failed = [one for one in children["TrainingJobSummaries"] if one["TrainingJobStatus"] == "Failed"]
    assert len(failed) >= 5
    assert failed[0]["FailureReason"] == "AlgorithmError: cloud-nas: the loss is not a number, exit code: 1"


@pytest.mark.slow
def test_a_spot_machine_is_taken_away_and_the_job_goes_on_from_its_checkpoints(
    make_cloud: Callable[..., StandIn], aws: Callable[..., Any], wait_for: Callable[..., None]
) -> None:
    cloud = make_cloud(faults=["preempt"])
    upload(cloud, COUNTS.format(epochs=4, seconds=0.7))
    aws("sagemaker").create_training_job(**spot(cloud))
    wait_for(cloud)
    job = aws("sagemaker").describe_training_job(TrainingJobName="r-7k2xq-1")
    moves = [one["Status"] for one in job["SecondaryStatusTransitions"]]
    assert moves == [
        "Starting",
        "Downloading",
        "Training",
        "Interrupted",
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert unpacked(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])["epoch.txt"] == "4"
    assert job["BillableTimeInSeconds"] < job["TrainingTimeInSeconds"]


@pytest.mark.slow
def test_a_job_over_its_time_is_killed_without_a_signal_that_its_script_could_see(
    make_cloud: Callable[..., StandIn], aws: Callable[..., Any], wait_for: Callable[..., None]
) -> None:
    cloud = make_cloud(grace=0.5)
    upload(cloud, COUNTS.format(epochs=1000, seconds=0.1))
    aws("sagemaker").create_training_job(**training(cloud, StoppingCondition={"MaxRuntimeInSeconds": 15}))
    wait_for(cloud)
    job = aws("sagemaker").describe_training_job(TrainingJobName="r-7k2xq-1")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    left = unpacked(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert "epoch.txt" in left
    assert "told.txt" not in left
    assert job["TrainingTimeInSeconds"] >= 15
