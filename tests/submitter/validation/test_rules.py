"""Documented rules between members: a request that keeps to all of them, and for each rule one change that breaks it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.sagemaker.validation import problems

Body = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/cloud-nas"


def channel(name: str) -> Body:
    source = {"S3DataDistributionType": "FullyReplicated", "S3DataType": "S3Prefix", "S3Uri": f"s3://b/{name}/"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def definition() -> Body:
    return {
        "AlgorithmSpecification": {
            "TrainingImage": "763104351884.dkr.ecr.eu-west-1.amazonaws.com/tensorflow-training:2.21.0-cpu-py312",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "val_accuracy", "Regex": "cloud_nas_metric val_accuracy=([-+0-9.eE]+)"}],
        },
        "RoleArn": ROLE,
        "InputDataConfig": [channel("code"), channel("rows")],
        "OutputDataConfig": {"S3OutputPath": "s3://b/out/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"LocalPath": "/opt/ml/checkpoints", "S3Uri": "s3://b/checkpoints/"},
    }


def training() -> Body:
    return {**definition(), "TrainingJobName": "r-7k2xq-1", "Tags": [{"Key": "cloud-nas:run", "Value": "r-7k2xq"}]}


def tuning() -> Body:
    return {
        "HyperParameterTuningJobName": "r-7k2xq-1",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"MetricName": "val_accuracy", "Type": "Maximize"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 6, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "IntegerParameterRanges": [{"Name": "units", "MinValue": "16", "MaxValue": "256", "ScalingType": "Linear"}],
                "ContinuousParameterRanges": [
                    {"Name": "lr", "MinValue": "0.001", "MaxValue": "0.1", "ScalingType": "Logarithmic"}
                ],
                "CategoricalParameterRanges": [{"Name": "act", "Values": ["relu", "gelu"]}],
            },
            "TrainingJobEarlyStoppingType": "Auto",
        },
        "TrainingJobDefinition": {**definition(), "StaticHyperParameters": {"model_dir": "/opt/ml/model"}},
        "WarmStartConfig": {
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "r-7k2xp-1"}],
            "WarmStartType": "TransferLearning",
        },
    }


def automl(kind: str = "table") -> Body:
    content = "image/png" if kind == "image" else "text/csv;header=present"
    channels = [
        {
            "ChannelType": name,
            "ContentType": content,
            "CompressionType": "None",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://b/{name}/"}},
        }
        for name in ("training", "validation")
    ]
    problem: Body = {
        "table": {
            "TabularJobConfig": {
                "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost", "catboost"]}]},
                "CompletionCriteria": {
                    "MaxCandidates": 10,
                    "MaxRuntimePerTrainingJobInSeconds": 600,
                    "MaxAutoMLJobRuntimeInSeconds": 3600,
                },
                "Mode": "ENSEMBLING",
                "ProblemType": "BinaryClassification",
                "TargetAttributeName": "y",
            }
        },
        "image": {"ImageClassificationJobConfig": {"CompletionCriteria": {"MaxCandidates": 1}}},
        "text": {"TextClassificationJobConfig": {"ContentColumn": "text", "TargetLabelColumn": "label"}},
    }[kind]
    return {
        "AutoMLJobName": "r-7k2xq-1",
        "AutoMLJobInputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": "s3://b/out/"},
        "AutoMLProblemTypeConfig": problem,
        "AutoMLJobObjective": {"MetricName": "Accuracy"},
        "RoleArn": ROLE,
    }


def model() -> Body:
    containers = [{"Image": "i", "ModelDataUrl": "s3://b/m.tar.gz", "ContainerHostname": name} for name in ("one", "two")]
    return {"ModelName": "m", "ExecutionRoleArn": ROLE, "Containers": containers}


def transform() -> Body:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/rows/"}}
    return {
        "TransformJobName": "m",
        "ModelName": "m",
        "TransformInput": {"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": "s3://b/answers/", "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    }


BODIES: dict[str, tuple[str, Callable[[], Body]]] = {
    "training": ("CreateTrainingJob", training),
    "tuning": ("CreateHyperParameterTuningJob", tuning),
    "table": ("CreateAutoMLJobV2", automl),
    "image": ("CreateAutoMLJobV2", lambda: automl("image")),
    "text": ("CreateAutoMLJobV2", lambda: automl("text")),
    "model": ("CreateModel", model),
    "transform": ("CreateTransformJob", transform),
}


def told(kind: str, body: Body) -> tuple[str, ...]:
    return problems(Plan("sagemaker:tuning", requests=(Request("sagemaker", BODIES[kind][0], body),)))


def change(body: Body, path: str, value: Any) -> Body:
    """The body with `value` at a dotted path (`...`: nothing)."""
    found = copy.deepcopy(body)
    here: Any = found
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in way:
        here = here[part]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return found


@pytest.mark.parametrize("kind", BODIES)
def test_a_request_that_keeps_to_all_rules_has_no_problems(kind: str) -> None:
    assert told(kind, BODIES[kind][1]()) == ()


CONFIG = "HyperParameterTuningJobConfig"
RANGES = f"{CONFIG}.ParameterRanges"
INTEGER, REAL, CHOICE = (f"{RANGES}.{name}ParameterRanges" for name in ("Integer", "Continuous", "Categorical"))
TABLE = "AutoMLProblemTypeConfig.TabularJobConfig"
MANY = [{"Name": f"p{index}", "Values": ["a", "b"]} for index in range(29)]

BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("training", {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "Tags: the key 'a'"),
    ("training", {"Tags": [{"Key": "aws:x", "Value": "1"}]}, "AWS's own"),
    ("training", {"ResourceConfig": ...}, "ResourceConfig: missing"),
    ("training", {"AlgorithmSpecification.AlgorithmName": "x"}, "exactly one of TrainingImage"),
    ("training", {"AlgorithmSpecification.MetricDefinitions.0.Regex": "x=(["}, "Regex: unterminated"),
    ("training", {"AlgorithmSpecification.MetricDefinitions.0.Regex": "x=1"}, "one group"),
    ("training", {"AlgorithmSpecification.MetricDefinitions": [{"Name": "a", "Regex": "(x)"}] * 2}, "each name once"),
    ("training", {"StoppingCondition.MaxRuntimeInSeconds": ...}, "without a cap"),
    ("training", {"StoppingCondition.MaxRuntimeInSeconds": 2_419_201}, "2419200 at most"),
    ("training", {"StoppingCondition.MaxWaitTimeInSeconds": ...}, "spot training needs it"),
    ("training", {"StoppingCondition.MaxWaitTimeInSeconds": 3599}, "as much as MaxRuntimeInSeconds (3600)"),
    ("training", {"EnableManagedSpotTraining": False}, "only for spot training"),
    ("training", {"CheckpointConfig": ...}, "would begin anew"),
    ("training", {"InputDataConfig.1.ChannelName": "code"}, "each ChannelName once"),
    ("training", {"InputDataConfig.1.DataSource.S3DataSource.S3Uri": "s3://b/rows"}, "a folder ends with a slash"),
    ("training", {"ResourceConfig.VolumeSizeInGB": ...}, "no disk of its own"),
    ("training", {"ResourceConfig.InstanceType": "ml.g5.xlarge"}, "ml.g5.xlarge has disks of its own"),
    ("training", {"ResourceConfig.InstanceCount": ...}, "InstanceCount: missing"),
    ("training", {"ResourceConfig.InstanceType": ...}, "InstanceType: missing"),
    ("tuning", {"TrainingJobDefinition": ...}, "exactly one of it and TrainingJobDefinitions"),
    ("tuning", {"TrainingJobDefinition.EnableManagedSpotTraining": False}, "TrainingJobDefinition.StoppingCondition"),
    ("tuning", {"TrainingJobDefinition.ResourceConfig": ...}, "HyperParameterTuningResourceConfig"),
    ("tuning", {f"{CONFIG}.HyperParameterTuningJobObjective.MetricName": "val_loss"}, "none is the objective, 'val_loss'"),
    ("tuning", {f"{CONFIG}.HyperParameterTuningJobObjective": ...}, "no objective"),
    ("tuning", {f"{CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs": 751}, "750 at most for Bayesian"),
    ("tuning", {f"{CONFIG}.ResourceLimits": {"MaxParallelTrainingJobs": 101}}, "100 at most"),
    ("tuning", {f"{CONFIG}.ResourceLimits.MaxParallelTrainingJobs": 7}, "no more than MaxNumberOfTrainingJobs (6)"),
    ("tuning", {f"{CONFIG}.StrategyConfig": {"HyperbandStrategyConfig": {"MaxResource": 9}}}, "only for Hyperband"),
    ("tuning", {f"{CONFIG}.Strategy": "Hyperband"}, "Off, with Hyperband"),
    ("tuning", {f"{CONFIG}.Strategy": "Hyperband"}, "MaxResource: missing"),
    ("tuning", {f"{CONFIG}.Strategy": "Hyperband"}, "only for Bayesian and Random"),
    (
        "tuning",
        {
            f"{CONFIG}.Strategy": "Hyperband",
            f"{CONFIG}.StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 4}},
        },
        "no more than MaxResource (4)",
    ),
    (
        "tuning",
        {f"{CONFIG}.Strategy": "Hyperband", f"{CONFIG}.StrategyConfig": {"HyperbandStrategyConfig": {"MaxResource": 20_001}}},
        "20000 at most",
    ),
    ("tuning", {f"{CONFIG}.Strategy": "Grid"}, "Grid takes categories only"),
    ("tuning", {f"{CONFIG}.Strategy": "Grid"}, "of this grid it is 2"),
    (
        "tuning",
        {"WarmStartConfig.ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "r-7k2xq-1"}]},
        "its own parent",
    ),
    (
        "tuning",
        {"WarmStartConfig.ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "p"}] * 2},
        "each parent once",
    ),
    ("tuning", {f"{RANGES}": {}}, "nothing to search"),
    ("tuning", {CHOICE: MANY}, "31 parameters, 30 at most"),
    ("tuning", {"TrainingJobDefinition.StaticHyperParameters": {f"s{index}": "1" for index in range(98)}}, "100 in all"),
    ("tuning", {"TrainingJobDefinition.StaticHyperParameters": {"lr": "1"}}, "'lr' is searched too"),
    ("tuning", {f"{CHOICE}.0.Name": "lr"}, "'lr' is there more than once"),
    ("tuning", {f"{CHOICE}.0.Values": ["a", "a"]}, "each value once"),
    ("tuning", {f"{INTEGER}.0.MinValue": "1.5"}, "not from a number to a number"),
    ("tuning", {f"{INTEGER}.0.MinValue": "300"}, "300 is more than 256"),
    ("tuning", {f"{REAL}.0.MaxValue": "inf"}, "not finite"),
    ("tuning", {f"{REAL}.0.MinValue": "0"}, "begins above 0"),
    ("tuning", {f"{REAL}.0.ScalingType": "ReverseLogarithmic", f"{REAL}.0.MaxValue": "1"}, "from 0 to below 1"),
    ("tuning", {f"{INTEGER}.0.ScalingType": "ReverseLogarithmic"}, "is for continuous values"),
    ("table", {"OutputDataConfig.S3OutputPath": "s3://b/" + "a" * 506}, "512 at most"),
    ("table", {"AutoMLJobInputDataConfig.1.ChannelType": "training"}, "one channel for training"),
    ("table", {"AutoMLJobInputDataConfig.1.ContentType": "x-application/vnd.amazon+parquet"}, "the same ContentType"),
    ("image", {"AutoMLJobInputDataConfig.0.ContentType": "text/csv;header=present"}, "is none of image/png"),
    ("image", {"AutoMLJobInputDataConfig.0.CompressionType": "Gzip"}, "but for a table's folder"),
    ("table", {"AutoMLJobInputDataConfig.0.DataSource.S3DataSource.S3DataType": "AugmentedManifestFile"}, "is for images"),
    ("text", {"AutoMLJobInputDataConfig.0.DataSource.S3DataSource.S3DataType": "ManifestFile"}, "S3Prefix, for texts"),
    ("table", {"AutoMLJobInputDataConfig.0.DataSource.S3DataSource.S3Uri": "s3://b/x"}, "a folder ends with a slash"),
    ("table", {"DataSplitConfig": {"ValidationFraction": 0.2}}, "not with a validation channel"),
    ("table", {"DataSplitConfig": {"ValidationFraction": 1.0}}, "between 0 and 1"),
    ("table", {"AutoMLJobObjective": ...}, "go together"),
    ("table", {f"{TABLE}.ProblemType": ...}, "go together"),
    ("table", {"AutoMLJobObjective.MetricName": "RMSE"}, "of a BinaryClassification"),
    ("table", {f"{TABLE}.Mode": "AUTO"}, "ENSEMBLING or HYPERPARAMETER_TUNING"),
    ("table", {f"{TABLE}.Mode": "HYPERPARAMETER_TUNING"}, "has no catboost"),
    ("table", {f"{TABLE}.CompletionCriteria.MaxCandidates": 751}, "750 at most"),
    ("table", {f"{TABLE}.CompletionCriteria.MaxRuntimePerTrainingJobInSeconds": 3601}, "no more than the whole job's"),
    ("table", {f"{TABLE}.SampleWeightAttributeName": "w", f"{TABLE}.Mode": "HYPERPARAMETER_TUNING"}, "only for ENSEMBLING"),
    ("table", {f"{TABLE}.SampleWeightAttributeName": "y"}, "not the target itself"),
    ("image", {"AutoMLProblemTypeConfig.ImageClassificationJobConfig.CompletionCriteria.MaxCandidates": 2}, "1, for all but"),
    ("image", {"AutoMLJobObjective.MetricName": "F1"}, "Accuracy, not F1"),
    ("text", {"AutoMLProblemTypeConfig.TextClassificationJobConfig.ContentColumn": "label"}, "not the target itself"),
    ("model", {"PrimaryContainer": {"Image": "i"}}, "exactly one of it and PrimaryContainer"),
    ("model", {"Containers": []}, "one at least"),
    ("model", {"Containers.0.Image": ...}, "exactly one of Image"),
    ("model", {"Containers.0.ContainerHostname": "two"}, "each ContainerHostname once"),
    ("model", {"ExecutionRoleArn": ...}, "ExecutionRoleArn: missing"),
    ("transform", {"MaxPayloadInMB": 101}, "100 at most"),
    ("transform", {"MaxConcurrentTransforms": 17}, "17 times 6 MB"),
    ("transform", {"TransformOutput.AssembleWith": "None"}, "could not be told apart"),
    ("transform", {"TransformInput.CompressionType": "Gzip"}, "where rows are split"),
]


@pytest.mark.parametrize(("kind", "changes", "said"), BROKEN, ids=[f"{kind}-{said}" for kind, _, said in BROKEN])
def test_a_broken_rule_is_told(kind: str, changes: dict[str, Any], said: str) -> None:
    body = BODIES[kind][1]()
    for path, value in changes.items():
        body = change(body, path, value)
    found = told(kind, body)
    assert any(said in one for one in found), found
    assert all(one.startswith(f"{BODIES[kind][0]}: ") for one in found)


def test_several_definitions_share_their_environment_and_forbid_warm_start_and_early_stopping() -> None:
    body = tuning()
    one = body.pop("TrainingJobDefinition") | {
        "TuningObjective": body[CONFIG].pop("HyperParameterTuningJobObjective"),
        "HyperParameterRanges": body[CONFIG].pop("ParameterRanges"),
        "Environment": {f"K{index}": "v" for index in range(25)},
    }
    body["TrainingJobDefinitions"] = [{**one, "DefinitionName": name} for name in ("a", "b")]
    found = " ".join(told("tuning", body))
    for said in ("48 entries", "Off, where there are several", "WarmStartConfig: not with TrainingJobDefinitions"):
        assert said in found
