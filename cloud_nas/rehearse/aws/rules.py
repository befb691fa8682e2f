"""What SageMaker's documentation forbids beyond its model, as far as a create says so; apart from the submitter's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloud_nas.rehearse.aws.errors import invalid, over_quota

if TYPE_CHECKING:
    from cloud_nas.rehearse.aws.world import World

MAX_PARAMETERS = 30
MAX_VALUES = 30
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def training(world: World, region: str, body: Mapping[str, Any]) -> None:
    """Of a training job, or of the definition of a tuning job's.

    Raises:
        AwsError: `ValidationException` or `ResourceLimitExceeded`.
    """
    role(world, body["RoleArn"])
    condition, spot = body["StoppingCondition"], bool(body.get("EnableManagedSpotTraining"))
    longest, wait = condition.get("MaxRuntimeInSeconds", 86400), condition.get("MaxWaitTimeInSeconds")
    if spot and (wait is None or wait < longest):
        raise invalid("MaxWaitTimeInSeconds must be present and at least MaxRuntimeInSeconds when spot training is enabled")
    if not spot and wait is not None:
        raise invalid("MaxWaitTimeInSeconds can only be set when EnableManagedSpotTraining is true")
    names = [one["ChannelName"] for one in body.get("InputDataConfig", [])]
    if len(set(names)) != len(names):
        raise invalid("channel names must be unique")
    for secret in _SECRETS:
        if secret in body.get("Environment", {}):
            raise invalid(f"{secret} is not allowed in Environment")
    bucket(world, region, body["OutputDataConfig"]["S3OutputPath"])
    resources = body.get("ResourceConfig") or body.get("HyperParameterTuningResourceConfig") or {}
    if "InstanceType" in resources:
        quota(
            world, resources["InstanceType"], "spot training job" if spot else "training job", resources.get("InstanceCount", 1)
        )


def tuning(world: World, region: str, body: Mapping[str, Any]) -> None:
    """Of a tuning job.

    Raises:
        AwsError: likewise.
    """
    config, definition = body["HyperParameterTuningJobConfig"], body.get("TrainingJobDefinition")
    if definition is None:
        raise invalid("TrainingJobDefinition is required (the stand-in knows no TrainingJobDefinitions)")
    strategy, ranges = config["Strategy"], config.get("ParameterRanges", {})
    found = [one for kind in ranges.values() for one in kind]
    names = [one["Name"] for one in found]
    static = definition.get("StaticHyperParameters", {})
    if not 0 < len(found) <= MAX_PARAMETERS:
        raise invalid(f"between 1 and {MAX_PARAMETERS} hyperparameters can be tuned, {len(found)} given")
    if len(set(names)) != len(names) or set(names) & set(static):
        raise invalid("a hyperparameter is given twice")
    for one in ranges.get("CategoricalParameterRanges", []):
        if len(one["Values"]) > MAX_VALUES or len(set(one["Values"])) != len(one["Values"]):
            raise invalid(f"{one['Name']}: at most {MAX_VALUES} different values")
    for kind in ("IntegerParameterRanges", "ContinuousParameterRanges"):
        for one in ranges.get(kind, []):
            _range(one, kind)
    if strategy == "Grid" and (ranges.get("IntegerParameterRanges") or ranges.get("ContinuousParameterRanges")):
        raise invalid("Grid search takes categorical parameters only")
    if strategy == "Hyperband" and config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise invalid("TrainingJobEarlyStoppingType must be Off when Strategy is Hyperband")
    if strategy != "Hyperband" and "StrategyConfig" in config:
        raise invalid("StrategyConfig goes with Hyperband only")
    metric = config["HyperParameterTuningJobObjective"]["MetricName"]
    metrics = definition["AlgorithmSpecification"].get("MetricDefinitions", [])
    if metric not in [one["Name"] for one in metrics]:
        raise invalid(
            f"A metric is required for this hyperparameter tuning job objective. Provide a metric definition for {metric}"
        )
    _parents(world, region, body)
    training(world, region, definition)


def role(world: World, arn: str) -> None:
    """A role that SageMaker can assume.

    Raises:
        AwsError: it cannot.
    """
    if not world.storage.has_role(arn):
        text = f"Could not assume role {arn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' "
        raise invalid(text + "to assume the role.")


def bucket(world: World, region: str, uri: str) -> None:
    """A bucket that is there; one of another region is found out when the job is over.

    Raises:
        AwsError: there is no such bucket.
    """
    name = uri.removeprefix("s3://").partition("/")[0]
    if world.storage.region_of(name) is None:
        raise invalid(f"Could not access S3 bucket {name}. The bucket does not exist")


def quota(world: World, instance: str, use: str, wanted: int) -> None:
    """Enough of an instance type.

    Raises:
        AwsError: `ResourceLimitExceeded`, in the service's words.
    """
    name = f"{instance} for {use} usage"
    limit = world.quotas.get(name)
    if limit is not None and wanted > limit:
        raise over_quota(name, limit, wanted)


def _range(one: Mapping[str, str], kind: str) -> None:
    try:
        low, high = float(one["MinValue"]), float(one["MaxValue"])
        if kind.startswith("Integer"):
            int(one["MinValue"]), int(one["MaxValue"])
    except ValueError:
        raise invalid(f"{one['Name']}: {one['MinValue']} and {one['MaxValue']} are not numbers of its kind") from None
    scale = one.get("ScalingType", "Auto")
    if low > high:
        raise invalid(f"{one['Name']}: MinValue is above MaxValue")
    if scale == "Logarithmic" and low <= 0:
        raise invalid(f"{one['Name']}: logarithmic scaling needs values above 0")
    if scale == "ReverseLogarithmic" and (kind.startswith("Integer") or low < 0 or high >= 1):
        raise invalid(f"{one['Name']}: reverse logarithmic scaling needs a continuous range within 0 <= x < 1")


def _parents(world: World, region: str, body: Mapping[str, Any]) -> None:
    warm = body.get("WarmStartConfig")
    if warm is None:
        return
    for one in warm["ParentHyperParameterTuningJobs"]:
        name = one["HyperParameterTuningJobName"]
        parent = world.find("hyper-parameter-tuning-job", region, name)
        if parent is None:
            raise invalid(f"parent tuning job {name} was not found")
        if parent.live:
            raise invalid(f"parent tuning job {name} has not ended")
        if (
            parent.config["HyperParameterTuningJobObjective"]
            != body["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
        ):
            raise invalid(f"parent tuning job {name} has another objective")
        if warm["WarmStartType"] == "IdenticalDataAndAlgorithm":
            ours, theirs = body["TrainingJobDefinition"], parent.definition
            if ours.get("Environment", {}) != theirs.get("Environment", {}):
                raise invalid("Environment must be that of the parent for IdenticalDataAndAlgorithm")
