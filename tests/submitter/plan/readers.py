"""What a plan's requests say, read back by the keys of the spec; one reader for each kind of job, none of which asks our code.

A key that a reader does not give is one of which the requests say nothing. What travels as code is read from the definition in
the parcel, as far as it is our trainer or engine that decides it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cloud_nas.targets.plan import Plan
from local_engine.definition import Definition

Facts = dict[str, Any]


def facts_of(plan: Plan, definition: Definition) -> Facts:
    """What the requests say.

    Args:
        plan: at any target.
        definition: what is in the parcel of the code, where one travels.
    """
    return _READERS[plan.target]([one.body for one in plan.requests], definition)


def asked(definition: Definition, space: Sequence[str]) -> Facts:
    """What a definition asks for, wherever it is searched."""
    search, budget, final = definition.search, definition.budget, definition.final
    return {
        "space.model": sorted(space),
        "objective.metric": definition.objective.metric,
        "objective.goal": definition.objective.goal,
        "search.strategy": search.strategy,
        "search.seed": search.seed,
        "search.warm_start": search.prior or None,
        "search.startup_trials": search.options.get("startup_trials"),
        "train": definition.train,
        "final.fit": None if final.fit == "keep" else final.fit,
        "final.keep": None if final.keep == "all" else final.keep,
        "budget.trials": budget.trials,
        "budget.epochs": budget.epochs,
        "budget.time": budget.seconds,
        "code": definition.code.requirements or None,
    }


def _by_trainer(definition: Definition) -> Facts:
    """What our trainer decides in each of a tuner's trials."""
    return {"train": definition.train, "code": definition.code.requirements}


def _by_engine(definition: Definition) -> Facts:
    """What the engine decides: everything, the space by building models."""
    return asked(definition, []) | {"space.model": "built there"}


def _autopilot(bodies: Sequence[Mapping[str, Any]], _: Definition) -> Facts:
    (body,) = bodies
    problem = body["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    security = body.get("SecurityConfig", {})
    metrics = {"Accuracy": "accuracy", "F1": "f1", "AUC": "auc"}
    return {
        "objective.metric": metrics.get(body["AutoMLJobObjective"]["MetricName"]),
        "objective.goal": "maximize",
        "budget.trials": problem["CompletionCriteria"].get("MaxCandidates"),
        "budget.time": problem["CompletionCriteria"].get("MaxAutoMLJobRuntimeInSeconds"),
        "place.max_runtime": problem["CompletionCriteria"]["MaxRuntimePerTrainingJobInSeconds"],
        "place.kms_key": security.get("VolumeKmsKeyId"),
        "place.role": body["RoleArn"],
        "place.subnets": security.get("VpcConfig", {}).get("Subnets"),
        "place.tags": _tags(body),
        "place.bucket": _bucket(body["OutputDataConfig"]["S3OutputPath"]),
        "data": body["AutoMLJobInputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"].split("/")[-3],
    }


def _sagemaker_tuning(bodies: Sequence[Mapping[str, Any]], definition: Definition) -> Facts:
    (body,) = bodies
    config = body["HyperParameterTuningJobConfig"]
    goal, limits = config["HyperParameterTuningJobObjective"], config["ResourceLimits"]
    names = [one["Name"] for kind in config["ParameterRanges"].values() for one in kind]
    return {
        **_sagemaker_job(body["TrainingJobDefinition"]),
        **_by_trainer(definition),
        "place.tags": _tags(body),
        "space.model": sorted(names),
        "objective.metric": goal["MetricName"].removeprefix("val_"),
        "objective.goal": goal["Type"].lower(),
        "search.strategy": config["Strategy"].lower(),
        "search.seed": config.get("RandomSeed"),
        "budget.trials": limits["MaxNumberOfTrainingJobs"],
        "budget.time": limits.get("MaxRuntimeInSeconds"),
        "place.parallel": limits["MaxParallelTrainingJobs"],
    }


def _sagemaker_engine(bodies: Sequence[Mapping[str, Any]], definition: Definition) -> Facts:
    (body,) = bodies
    return {**_sagemaker_job(body), **_by_engine(definition), "place.tags": _tags(body)}


def _sagemaker_job(body: Mapping[str, Any]) -> Facts:
    machine = body["ResourceConfig"]
    channels = {one["ChannelName"]: one["DataSource"]["S3DataSource"]["S3Uri"] for one in body["InputDataConfig"]}
    return {
        "place.role": body["RoleArn"],
        "place.image": body["AlgorithmSpecification"]["TrainingImage"],
        "place.instance": machine["InstanceType"],
        "place.volume": machine.get("VolumeSizeInGB"),
        "place.kms_key": machine.get("VolumeKmsKeyId"),
        "place.max_runtime": body["StoppingCondition"]["MaxRuntimeInSeconds"],
        "place.spot": body.get("EnableManagedSpotTraining"),
        "place.isolated": body.get("EnableNetworkIsolation"),
        "place.subnets": body.get("VpcConfig", {}).get("Subnets"),
        "place.bucket": _bucket(body["OutputDataConfig"]["S3OutputPath"]),
        "data": channels["rows"].split("/")[-2],
    }


def _automl(bodies: Sequence[Mapping[str, Any]], _: Definition) -> Facts:
    data_set, body = bodies
    pipeline = body["trainingPipeline"]
    (rows,) = data_set["dataset"]["metadata"]["inputConfig"]["gcsSource"]["uri"]
    metrics = {"maximize-au-roc": "auc", "minimize-log-loss": "log_loss"}
    objective = pipeline["trainingTaskInputs"]["optimizationObjective"]
    return {
        "objective.metric": metrics.get(objective),
        "objective.goal": objective.partition("-")[0],
        "place.project": body["parent"].split("/")[1],
        "place.location": body["parent"].split("/")[3],
        "place.kms_key": pipeline.get("encryptionSpec", {}).get("kmsKeyName"),
        "place.labels": _labels(pipeline),
        "place.bucket": _bucket(rows),
        "data": rows.split("/")[-2],
    }


def _vertex_tuning(bodies: Sequence[Mapping[str, Any]], definition: Definition) -> Facts:
    (body,) = bodies
    job = body["hyperparameterTuningJob"]
    study = job["studySpec"]
    (metric,) = study["metrics"]
    algorithms = {None: "bayesian", "RANDOM_SEARCH": "random", "GRID_SEARCH": "grid"}
    return {
        **_vertex_job(body, job, job["trialJobSpec"]),
        **_by_trainer(definition),
        "space.model": sorted(_ids(study["parameters"])),
        "objective.metric": metric["metricId"].removeprefix("val_"),
        "objective.goal": metric["goal"].lower(),
        "search.strategy": algorithms[study.get("algorithm")],
        "budget.trials": job["maxTrialCount"],
        "place.parallel": job["parallelTrialCount"],
        "place.tuning.measurement": study["measurementSelectionType"].partition("_")[0].lower(),
        "place.tuning.early_stopping": "median" if "medianAutomatedStoppingSpec" in study else "none",
        "place.tuning.failed_trials": job["maxFailedTrialCount"],
    }


def _vertex_engine(bodies: Sequence[Mapping[str, Any]], definition: Definition) -> Facts:
    (body,) = bodies
    return {**_vertex_job(body, body["customJob"], body["customJob"]["jobSpec"]), **_by_engine(definition)}


def _vertex_job(body: Mapping[str, Any], job: Mapping[str, Any], spec: Mapping[str, Any]) -> Facts:
    (pool,) = spec["workerPoolSpecs"]
    environment = {one["name"]: one["value"] for one in pool["containerSpec"]["env"]}
    return {
        "place.project": body["parent"].split("/")[1],
        "place.location": body["parent"].split("/")[3],
        "place.bucket": _bucket(spec["baseOutputDirectory"]["outputUriPrefix"]),
        "place.machine": pool["machineSpec"]["machineType"],
        "place.accelerator": pool["machineSpec"].get("acceleratorType"),
        "place.image": pool["containerSpec"]["imageUri"],
        "place.volume": pool["diskSpec"]["bootDiskSizeGb"],
        "place.max_runtime": float(spec["scheduling"]["timeout"].removesuffix("s")),
        "place.spot": spec["scheduling"].get("strategy") == "SPOT",
        "place.retries": not spec["scheduling"].get("disableRetries", False),
        "place.service_account": spec.get("serviceAccount"),
        "place.network": spec.get("network"),
        "place.kms_key": job.get("encryptionSpec", {}).get("kmsKeyName"),
        "place.labels": _labels(job),
        "data": environment["CLOUD_NAS_ROWS"].split("/")[-2],
    }


def _ids(parameters: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in parameters:
        yield one["parameterId"]
        yield from _ids([child["parameterSpec"] for child in one.get("conditionalParameterSpecs", ())])


def _tags(body: Mapping[str, Any]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in body["Tags"] if not one["Key"].startswith("cloud-nas:")}


def _labels(job: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in job["labels"].items() if not key.startswith("cloud-nas-")}


def _bucket(uri: str) -> str:
    return uri.split("/")[2]


_READERS: dict[str, Callable[[Sequence[Mapping[str, Any]], Definition], Facts]] = {
    "sagemaker:autopilot": _autopilot,
    "sagemaker:tuning": _sagemaker_tuning,
    "sagemaker:engine": _sagemaker_engine,
    "vertex:automl": _automl,
    "vertex:tuning": _vertex_tuning,
    "vertex:engine": _vertex_engine,
}
