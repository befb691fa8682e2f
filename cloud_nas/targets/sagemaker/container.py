"""What a training job of ours is given, whether a tuner starts it or we do: image, channels, machine, caps, network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud_nas.targets import travel
from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.sagemaker import naming
from cloud_nas.targets.sagemaker.images import training_image
from cloud_nas.targets.sagemaker.limits import has_own_disk
from cloud_nas.targets.search_terms import max_runtime

CHECKPOINTS = "/opt/ml/checkpoints"
"""Where the container finds what is kept when a spot machine is taken away."""

HYPERPARAMETERS = {
    "model_dir": "/opt/ml/model",
    "sagemaker_program": "train.py",
    "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz",
}
"""What AWS's toolkit in the image reads: the program, and where the code lies: a channel, which needs no network."""

ENVIRONMENT = {"OPT_OUT_TRACKING": "true", "TF_CPP_MIN_LOG_LEVEL": "2"}
"""The image reports to nobody and prints little. No run's id: a warm start may not change the environment."""

WAIT = 2
"""How many times `max_runtime` a spot job may wait and train in all."""


def algorithm(job: Job) -> dict[str, Any]:
    """AlgorithmSpecification, without metrics."""
    image = job.place["image"] or training_image(job.place["region"], job.place["instance"])
    return {"TrainingImage": image, "TrainingInputMode": "File"}


def channels(job: Job) -> list[dict[str, Any]]:
    """InputDataConfig: the code and the rows, each a folder by its content."""
    folders = {"code": naming.code_uri(job), "rows": naming.rows_uri(job)}
    return [
        {
            "ChannelName": name,
            "DataSource": {"S3DataSource": {"S3DataDistributionType": "FullyReplicated", "S3DataType": "S3Prefix", "S3Uri": uri}},
        }
        for name, uri in folders.items()
    ]


def output(job: Job) -> dict[str, Any]:
    """OutputDataConfig."""
    own = naming.run_uri(job.place, job.name.run_id, job.name.attempt)
    key = {"KmsKeyId": job.place["kms_key"]} if job.place["kms_key"] else {}
    return {"S3OutputPath": f"{own}output/", **key}


def resources(place: Mapping[str, Any]) -> dict[str, Any]:
    """ResourceConfig: one machine, and a disk for it where it has none of its own."""
    found: dict[str, Any] = {"InstanceCount": 1, "InstanceType": place["instance"]}
    if not has_own_disk(place["instance"]):
        found["VolumeSizeInGB"] = place["volume"]
        if place["kms_key"]:
            found["VolumeKmsKeyId"] = place["kms_key"]
    return found


def stopping(place: Mapping[str, Any]) -> dict[str, Any]:
    """StoppingCondition: whole seconds; on spot machines also how long waiting and training may take in all."""
    seconds = max_runtime(place)
    return {"MaxRuntimeInSeconds": seconds, **({"MaxWaitTimeInSeconds": WAIT * seconds} if place["spot"] else {})}


def network(place: Mapping[str, Any]) -> dict[str, Any]:
    """EnableNetworkIsolation and VpcConfig, where they were asked for."""
    found: dict[str, Any] = {"EnableNetworkIsolation": True} if place["isolated"] else {}
    return found | vpc(place)


def vpc(place: Mapping[str, Any]) -> dict[str, Any]:
    """VpcConfig alone, where it was asked for; other jobs than training jobs have it too."""
    if not place.get("subnets"):
        return {}
    return {"VpcConfig": {"SecurityGroupIds": list(place["security_groups"]), "Subnets": list(place["subnets"])}}


def checkpoints(job: Job, target: str) -> dict[str, Any]:
    """CheckpointConfig."""
    return {"CheckpointConfig": {"LocalPath": CHECKPOINTS, "S3Uri": naming.checkpoints_uri(job, target)}}


def spot(place: Mapping[str, Any]) -> dict[str, Any]:
    """EnableManagedSpotTraining, where it was asked for."""
    return {"EnableManagedSpotTraining": True} if place["spot"] else {}


def uploads(job: Job) -> tuple[Upload, ...]:
    """Every file that travels."""
    return travel.uploads(job, {"code": naming.code_uri, "rows": naming.rows_uri})
