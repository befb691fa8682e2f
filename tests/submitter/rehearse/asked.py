"""Requests that tests send to the stand-in, as small as they may be."""

from __future__ import annotations

import io
import tarfile
from typing import Any

from cloud_nas.rehearse.aws import StandIn

METRIC = {"Name": "val_accuracy", "Regex": r"cloud_nas_metric val_accuracy=([-+0-9.eE]+)"}


def training(cloud: StandIn, **changed: Any) -> dict[str, Any]:
    """A training job of the package that `upload` sent."""
    return {
        "TrainingJobName": "r-7k2xq-1",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File", "MetricDefinitions": [METRIC]},
        "RoleArn": cloud.role,
        "HyperParameters": {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz",
            "model_dir": "/opt/ml/model",
            "units": "64",
        },
        "InputDataConfig": [channel(cloud, "code"), channel(cloud, "rows")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{cloud.bucket}/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | changed


def spot(cloud: StandIn, **changed: Any) -> dict[str, Any]:
    """The same on a spot machine with checkpoints."""
    return (
        training(cloud)
        | {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200},
            "CheckpointConfig": {"S3Uri": f"s3://{cloud.bucket}/checkpoints/"},
        }
        | changed
    )


def tuning(cloud: StandIn, *, jobs: int = 4, parallel: int = 2, definition: Any = None, **config: Any) -> dict[str, Any]:
    """A tuning job over two hyperparameters."""
    trial = dict(definition or training(cloud))
    trial.pop("TrainingJobName", None)
    static = trial.pop("HyperParameters")
    static.pop("units", None)
    ranges = {
        "IntegerParameterRanges": [{"Name": "units", "MinValue": "16", "MaxValue": "256", "ScalingType": "Logarithmic"}],
        "ContinuousParameterRanges": [{"Name": "rate", "MinValue": "0.001", "MaxValue": "0.1", "ScalingType": "Logarithmic"}],
        "CategoricalParameterRanges": [{"Name": "act", "Values": ["relu", "gelu"]}],
    }
    return {
        "HyperParameterTuningJobName": "r-7k2xq-1",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "val_accuracy"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel},
            "ParameterRanges": ranges,
            "RandomSeed": 7,
        }
        | config,
        "TrainingJobDefinition": trial | {"StaticHyperParameters": static},
        "Tags": [{"Key": "cloud-nas:run", "Value": "r-7k2xq"}],
    }


def channel(cloud: StandIn, name: str) -> dict[str, Any]:
    """A channel of the folder of that name in the bucket."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{cloud.bucket}/{name}/", "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def upload(cloud: StandIn, script: str) -> None:
    """A package that is one script, and rows that it may read."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        member = tarfile.TarInfo("train.py")
        member.size = len(script.encode())
        archive.addfile(member, io.BytesIO(script.encode()))
    cloud.storage.put(f"s3://{cloud.bucket}/code/sourcedir.tar.gz", held.getvalue())
    cloud.storage.put(f"s3://{cloud.bucket}/rows/rows.txt", b"1 2 3")
